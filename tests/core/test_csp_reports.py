"""Browsers' reports of refused content: a line of known words each, nothing else, and not too many."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from structlog.testing import capture_logs

OLD = "application/csp-report"
NEW = "application/reports+json"
SECRET = "tok3n-of-an-invitation"


def report(client: Client, said: Any, content_type: str = OLD) -> tuple[int, list[dict[str, Any]]]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    with capture_logs() as logs:
        status = client.post("/csp-reports", body, content_type=content_type).status_code
    return status, [dict(entry) for entry in logs if entry["event"] == "csp.violation"]


def line(directive: str, blocked: str, page: str) -> dict[str, str]:
    return {
        "event": "csp.violation",
        "log_level": "warning",
        "directive": directive,
        "blocked": blocked,
        "page": page,
    }


def test_both_kinds_of_report_become_the_same_line(client: Client) -> None:
    old = {
        "csp-report": {
            "document-uri": f"http://testserver/invitations/{SECRET}",
            "violated-directive": "script-src 'self'",
            "blocked-uri": f"https://evil.example/x.js?{SECRET}",
            "script-sample": SECRET,
        }
    }
    new = [
        {
            "type": "csp-violation",
            "body": {
                "documentURL": f"http://testserver/invitations/{SECRET}",
                "effectiveDirective": "script-src",
                "blockedURL": f"https://evil.example/x.js?{SECRET}",
                "sample": SECRET,
            },
        }
    ]
    expected = (204, [line("script-src", "foreign", "core:invitation")])
    assert report(client, old) == expected
    assert report(client, new, NEW) == expected


@pytest.mark.parametrize(
    ("blocked", "word"),
    [
        ("inline", "inline"),
        ("eval", "eval"),
        ("data", "data"),
        ("blob:http://testserver/1", "blob"),
        ("http://127.0.0.1:8000/static/core/app.js", "ours"),
        ("http://127.0.0.1:8000", "ours"),
        ("http://127.0.0.1:8000.evil.example/", "foreign"),
        ("Ada Okafor", "foreign"),
        ("", "foreign"),
    ],
)
def test_what_was_blocked_is_said_in_a_word_of_ours(client: Client, blocked: str, word: str) -> None:
    said = {"csp-report": {"document-uri": "http://x/login", "effective-directive": "img-src", "blocked-uri": blocked}}
    assert report(client, said) == (204, [line("img-src", word, "core:login")])


@pytest.mark.parametrize("page", ["", "nonsense", "http://x/no/such/page", "http://[x/login", "/\n{}"])
def test_what_is_made_up_stays_out_of_the_log(client: Client, page: str) -> None:
    said = {"csp-report": {"document-uri": page, "effective-directive": "x\nAda Okafor", "blocked-uri": 7}}
    assert report(client, said) == (204, [line("unknown", "foreign", "unknown")])


@pytest.mark.parametrize("said", [{}, [], [1, "x", None], {"csp-report": 1}, [{"body": []}], "x", 7, None])
def test_what_is_no_report_is_passed_over(client: Client, said: Any) -> None:
    assert report(client, said) == (204, [])


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1,"a":2}', b"\xff", b"[" * 5000])
def test_what_is_no_json_is_refused(client: Client, body: bytes) -> None:
    assert report(client, body) == (400, [])


def test_a_large_report_is_refused(client: Client) -> None:
    said = {"csp-report": {"effective-directive": "img-src", "sample": "x" * 17_000}}
    assert report(client, said) == (400, [])


def test_of_many_reports_in_one_call_the_first_ten_are_told(client: Client) -> None:
    one = {"body": {"effectiveDirective": "img-src", "documentURL": "http://x/login"}}
    status, told = report(client, [one] * 50, NEW)
    assert (status, len(told)) == (204, 10)


def test_many_reports_from_one_address_are_told_to_wait(client: Client) -> None:
    said = {"csp-report": {"effective-directive": "img-src"}}
    statuses = [report(client, said)[0] for _ in range(21)]
    assert statuses == [204] * 20 + [429]
    assert int(client.post("/csp-reports", "{}", content_type=OLD).headers["Retry-After"]) > 0


def test_a_report_needs_neither_session_nor_csrf_token(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert report(strict, {"csp-report": {}})[0] == 204
    assert strict.get("/csp-reports").status_code == 405
