"""The request id of every answer, and the row of every API call: complete, redacted, and never in the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from core import errors
from core.api import redaction, request_log
from core.api.request_log import BODY_KEPT, Caller, caller_of, current_request_id, note_client
from core.ids import is_public_id
from core.models import RequestLog
from tests.core.api import site

pytestmark = [pytest.mark.urls("tests.core.api.site"), pytest.mark.django_db]

JSON = "application/json"
NAMED = {"Authorization": "Client acme-app"}


def row() -> RequestLog:
    return RequestLog.objects.get()


def sent(client: Client, raw: bytes, content_type: str = JSON, path: str = "/api/t/echo") -> str:
    """What the log keeps of a body."""
    client.generic("POST", path, raw, content_type=content_type)
    return row().request_body


# --- The request id -------------------------------------------------------------------------------------------


def test_every_answer_has_a_request_id_of_its_own(client: Client) -> None:
    paths = ["/api/t/echo", "/api/no/such", "/oauth/only-get", "/page", "/no/such/page"]
    ids = [client.get(path).headers["Request-Id"] for path in paths]
    assert all(is_public_id(request_id, "req") for request_id in ids)
    assert len(set(ids)) == len(ids)


def test_an_id_that_the_caller_sends_is_not_ours(client: Client) -> None:
    answer = client.get("/api/t/echo", headers={"Request-Id": "req_forged", "X-Request-Id": "req_forged"})
    assert answer.headers["Request-Id"] != "req_forged"


def test_outside_of_a_call_there_is_no_request_id(client: Client) -> None:
    client.get("/api/t/echo")
    assert current_request_id() == ""


# --- The row --------------------------------------------------------------------------------------------------


def test_a_call_is_one_row_that_says_who_what_and_how_it_went(client: Client) -> None:
    before = timezone.now()
    answer = client.post("/api/t/echo?secret=1", {"a": 1}, JSON, headers=NAMED)
    found = row()
    assert (found.request_id, found.client_id, found.partner, found.organization) == (
        answer.headers["Request-Id"],
        "acme-app",
        "par_1",
        "org_1",
    )
    assert (found.method, found.path, found.status, found.problem_code) == ("POST", "/api/t/echo", 200, "")
    assert json.loads(found.request_body) == {"a": 1}
    assert found.latency_ms < 5000
    assert found.created_at >= before


def test_pages_are_not_in_the_log(client: Client) -> None:
    for path in ("/page", "/oauth/authorize", "/no/such"):
        client.get(path)
    assert not RequestLog.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/no/such", 404, "not_found"),
        ("PUT", "/api/t/echo", 405, "method_not_allowed"),
        ("POST", "/oauth/only-get", 405, "method_not_allowed"),
        ("GET", "/api/t/raising", 404, "not_found"),
    ],
)
def test_a_refused_call_is_a_row_with_its_code(client: Client, method: str, path: str, status: int, code: str) -> None:
    client.generic(method, path)
    assert (row().status, row().problem_code) == (status, code)


def test_a_call_that_breaks_is_a_row(client: Client) -> None:
    Client(raise_request_exception=False).get("/api/t/broken")
    assert (row().status, row().problem_code) == (500, "internal_error")


def test_a_call_with_a_bad_token_is_a_row_of_nobody(client: Client) -> None:
    client.get("/api/t/echo", headers={"Authorization": "Client unknown"})
    assert (row().status, row().problem_code, row().client_id, row().partner) == (401, "invalid_token", "", "")


def test_what_is_noted_later_completes_what_was_noted_before(rf: Any) -> None:
    request = rf.get("/api/t/echo")
    assert caller_of(request) == Caller()
    note_client(request, client_id="acme-app", partner="par_1")
    note_client(request, organization="org_1")
    assert caller_of(request) == Caller(client_id="acme-app", partner="par_1", organization="org_1")


def test_a_path_too_long_or_with_nul_is_kept_as_far_as_it_can_be(client: Client) -> None:
    client.get("/api/t/" + "a" * 900)
    assert row().path == "/api/t/" + "a" * 493
    RequestLog.objects.all().delete()
    client.get("/api/t/%00")
    assert row().path == "/api/t/\ufffd"


# --- The body -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b'{"a": NaN}', '{"a": NaN}'),
        (b'{"a": 1e999, "a": 2}', '{"a": 1e999, "a": 2}'),
        (b'{"a": "\x00"}', '{"a": "\\u0000"}'),
        (b'{"a": "\\ud800"}', '{"a": "\ufffd"}'),
        (b'{"a": "M\xfcller"}', '{"a": "M\ufffdller"}'),
        (b"{broken", "[not readable: 7 bytes, application/json]"),
        (b"\xff\xfe{", "[not readable: 3 bytes, application/json]"),
        (b"[" * 9_000, "[not readable: 9000 bytes, application/json]"),
    ],
)
def test_a_body_that_was_refused_is_kept_where_it_can_be_read(client: Client, raw: bytes, kept: str) -> None:
    assert sent(client, raw) == kept
    assert row().problem_code == "malformed_json"


def test_a_long_body_is_capped(client: Client) -> None:
    assert sent(client, json.dumps(["é" * 40_000]).encode()).startswith('["é')
    assert len(row().request_body) == BODY_KEPT


def test_a_body_that_nobody_read_is_named_by_its_length(client: Client) -> None:
    client.generic("POST", "/api/t/echo", b"{}", content_type=JSON, CONTENT_LENGTH="99999999")
    assert (row().request_body, row().problem_code) == ("[not read: 99999999 bytes]", "payload_too_large")


def test_of_a_multipart_body_the_size_alone_is_kept(client: Client) -> None:
    client.post("/api/t/upload", {"name": "Initech", "file": SimpleUploadedFile("report.pdf", b"%PDF-secret")})
    assert row().status == 201
    assert row().request_body.startswith("[multipart/form-data, ")
    assert "secret" not in row().request_body


def test_a_secret_that_the_cap_cuts_is_hidden_too(client: Client) -> None:
    raw = b'{"a": "' + b"x" * (BODY_KEPT - 30) + b'", "client_secret": "' + b"s3cr3t" * 100 + b'"}'
    assert "s3cr3t" not in sent(client, raw)


def test_secrets_in_a_form_are_hidden(client: Client) -> None:
    form = b"grant_type=authorization_code&code=s3cr3t&code_verifier=s3cr3t&client_id=acme&client_secret=s3cr3t"
    kept = sent(client, form, "application/x-www-form-urlencoded", "/oauth/form")
    assert kept == (
        "grant_type=authorization_code&code=[hidden]&code_verifier=[hidden]&client_id=acme&client_secret=[hidden]"
    )


@pytest.mark.parametrize("kind", [JSON, "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(
    "raw", [b'{"credential": "s3cr3t"}', b"client_secret=s3cr3t&x=1", b"{'client_secret': 's3cr3t'}"]
)
def test_a_body_is_read_as_what_it_is_and_not_as_it_is_called(client: Client, raw: bytes, kind: str) -> None:
    assert "s3cr3t" not in sent(client, raw, kind)


def test_a_form_of_very_many_fields_is_a_row_too(client: Client) -> None:
    kept = sent(client, b"&".join(b"a%d=1" % number for number in range(5_000)), "application/x-www-form-urlencoded")
    assert kept.startswith("a0=1&a1=1&")


def test_a_body_that_breaks_what_reads_it_is_a_row_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(redaction, "body", broken)
    assert sent(client, b"{}") == "[not readable: 2 bytes]"


def test_large_bodies_are_kept_as_long_as_few_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "BODIES_WAITING", 10)
    assert sent(client, b'{"a": "0123456789"}') == "[not kept: 19 bytes]"


def test_no_header_is_in_the_log(client: Client) -> None:
    client.get("/api/t/echo", headers={"Authorization": "Bearer s3cr3t"})
    assert "s3cr3t" not in str(row().__dict__)


# --- Never in the way -----------------------------------------------------------------------------------------


def test_a_log_that_cannot_be_written_changes_nothing_of_the_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(request_log.writing, "offer", full)
    answer = client.post("/api/t/echo", {"a": 1}, JSON)
    assert (answer.status_code, answer.json()["got"]) == (200, {"a": 1})
    assert is_public_id(answer.headers["Request-Id"], "req")
    assert "request_log.not_written" in caplog.text


def test_the_trace_of_the_caller_stands_in_its_row(client: Client) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    client.get("/api/t/echo", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert row().trace_id == trace
    RequestLog.objects.all().delete()
    client.get("/api/t/echo", headers={"traceparent": "00-not-a-trace"})
    assert row().trace_id == ""


def test_answers_of_the_api_are_not_stored_by_caches(client: Client) -> None:
    for path in ("/api/t/echo", "/api/no/such", "/oauth/form"):
        assert client.get(path).headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in client.get("/page").headers


# --- Why it was refused -----------------------------------------------------------------------------------------


def test_the_query_is_kept_without_its_secrets(client: Client) -> None:
    client.get("/api/t/echo?status=nope&access_token=s3cr3t&email=ada%40mail.example")
    assert row().query == "status=nope&access_token=[hidden]&email=ada@mail.example"


def test_a_refusal_is_kept_with_its_places(client: Client) -> None:
    client.post("/api/t/validated", {"name": "too long", "tags": [1, "x"]}, JSON)
    assert row().told == {
        "detail": "A value is not what is expected there.",
        "problems": [
            {"pointer": "/name", "code": "max_length", "message": "Ensure this field has no more than 5 characters."},
            {"pointer": "/tags/1", "code": "invalid", "message": "A valid integer is required."},
        ],
        "problem_count": 2,
    }


def test_of_many_problems_the_first_are_kept(client: Client) -> None:
    client.post("/api/t/validated", {"name": "a", "tags": ["x"] * 40}, JSON)
    told = row().told
    assert told is not None
    assert (len(told["problems"]), told["problem_count"]) == (10, 40)


def test_a_body_that_is_no_json_is_told_by_its_place(client: Client) -> None:
    sent(client, b'{"client_secret": "s3cr3t"')
    told = row().told
    assert told is not None
    assert told["detail"].endswith("(line 1, column 27).")


def test_what_a_problem_quotes_is_not_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"pointer": "/kind", "code": "invalid_choice", "message": '"s3cr3t" is not a valid choice.'}
    error = errors.ValidationFailed("There is no 's3cr3t'; it is the candidate's.", problems=[place])
    monkeypatch.setattr(site.Raising, "raised", error)
    client.get("/api/t/raising")
    assert row().told == {
        "detail": "There is no '…'; it is the candidate's.",
        "problems": [{**place, "message": '"…" is not a valid choice.'}],
        "problem_count": 1,
    }


def test_a_call_that_went_well_has_no_problem(client: Client) -> None:
    client.get("/api/t/echo")
    assert (row().told, row().query) == (None, "")
