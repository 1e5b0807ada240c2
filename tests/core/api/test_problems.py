"""Errors as answers: their status, members and headers, whoever raised them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from django.test import Client
from pytest_django import Settings
from rest_framework import exceptions

from core import errors
from core.api.problems import explained_codes, problem_response, status_of
from tests.core.api.site import Raising

pytestmark = [pytest.mark.urls("tests.core.api.site"), pytest.mark.django_db]


@pytest.fixture
def raising() -> Iterator[Any]:
    """``raising(error)`` is what the view answers to it."""

    def ask(error: Exception) -> Any:
        Raising.raised = error
        return Client().get("/api/t/raising")

    yield ask
    Raising.raised = errors.NotFound()


def test_a_problem_has_every_member_and_the_facts_beside_them(settings: Settings, raising: Any) -> None:
    settings.PUBLIC_URL = "https://assay.example"
    problems = [
        {"pointer": "/a", "code": "wrong_type", "message": "Not a number.", "schema_pointer": "/properties/a/type"}
    ]
    answer = raising(errors.Forbidden("Acme paused it.", problems=problems, since="2026-11-23"))
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "https://assay.example/docs/errors#forbidden",
        "title": "This is not allowed to you",
        "status": 403,
        "detail": "Acme paused it.",
        "code": "forbidden",
        "problems": problems,
        "request_id": answer.headers["Request-Id"],
        "since": "2026-11-23",
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_a_detail_the_cause_is_told() -> None:
    assert errors.LengthRequired().detail == "The body comes without its length."


def test_facts_never_hide_a_member_of_the_problem() -> None:
    error = errors.NotFound()
    error.facts = {"status": 200, "code": "fine", "type": "about:blank"}
    answer = problem_response(error)
    assert answer.status_code == 404
    assert b'"status": 404' in answer.content
    assert b"about:blank" not in answer.content


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Http404("No Order matches the given query."), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (PermissionDenied("secret reason"), 403, "forbidden"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.AuthenticationFailed(), 401, "invalid_token"),
        (exceptions.ParseError("What?"), 400, "bad_request"),
        (exceptions.Throttled(wait=3.2), 429, "rate_limited"),
        (RequestDataTooBig(), 413, "payload_too_large"),
        (SuspiciousOperation("secret reason"), 400, "bad_request"),
        (UnreadablePostError("secret reason"), 400, "bad_request"),
        (ZeroDivisionError("secret reason"), 500, "internal_error"),
        (errors.Invalid("?"), 422, "invalid"),
        (errors.Denied("?"), 403, "denied"),
        (errors.Missing("?"), 404, "missing"),
        (errors.Conflict("?"), 409, "conflict"),
        (errors.Unavailable("?"), 503, "unavailable"),
        (errors.IdempotencyKeyReused(), 422, "idempotency_key_reused"),
        (errors.IdempotencyInFlight(), 409, "idempotency_in_flight"),
    ],
)
def test_every_exception_becomes_a_problem(raising: Any, raised: Exception, status: int, code: str) -> None:
    answer = raising(raised)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
    assert "secret reason" not in answer.content.decode()


def test_what_nobody_expected_is_logged_under_the_request_id(raising: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = raising(ZeroDivisionError("boom"))
    assert answer.json()["request_id"] == answer.headers["Request-Id"]
    assert "api.unexpected" in caplog.text


def test_a_serializers_errors_are_problems_with_pointers(client: Client) -> None:
    answer = client.post("/api/t/validated", {"name": "too long", "tags": [1, "x"]}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["problems"] == [
        {
            "pointer": "/name",
            "code": "max_length",
            "message": "Ensure this field has no more than 5 characters.",
            "schema_pointer": "",
        },
        {"pointer": "/tags/1", "code": "invalid", "message": "A valid integer is required.", "schema_pointer": ""},
    ]
    whole = client.post("/api/t/validated", [1], "application/json").json()["problems"]
    assert [(problem["pointer"], problem["code"]) for problem in whole] == [("", "invalid")]


def test_waiting_is_told_in_a_header_too(raising: Any) -> None:
    answer = raising(errors.RateLimited(retry_after=7))
    assert (answer.headers["Retry-After"], answer.json()["retry_after"]) == ("7", 7)
    assert raising(exceptions.Throttled(wait=3.2)).headers["Retry-After"] == "4"


@pytest.mark.parametrize(
    ("error", "challenge"),
    [
        (errors.NotAuthenticated(), 'Bearer realm="api"'),
        (errors.InvalidToken(), 'Bearer realm="api", error="invalid_token"'),
        (
            errors.InsufficientScope(required="orders:read"),
            'Bearer realm="api", error="insufficient_scope", scope="orders:read"',
        ),
    ],
)
def test_a_refused_credential_is_challenged_as_rfc_6750_says(
    raising: Any, error: errors.DomainError, challenge: str
) -> None:
    assert raising(error).headers["WWW-Authenticate"] == challenge


def test_another_method_is_a_problem_that_names_those_allowed(client: Client) -> None:
    answer = client.put("/api/t/echo", b"{}", "application/json")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_an_answer_in_another_form_is_not_acceptable(client: Client) -> None:
    answer = client.get("/api/t/echo", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert client.get("/api/t/echo", headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200


def test_half_a_character_in_an_error_does_not_break_its_answer(raising: Any) -> None:
    answer = raising(errors.ValidationFailed("Not \ud800 this.", problems=[{"pointer": "/\udfff"}]))
    assert answer.json()["detail"] == "Not ? this."


# --- What Django answers by itself ------------------------------------------------------------------------------


def test_an_unknown_path_of_the_api_is_a_problem_and_of_the_pages_is_not(client: Client) -> None:
    for path in ("/api/v1/no/such", "/api/", "/oauth/no-such"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["code"] == "not_found"
        assert answer.headers["Content-Length"] == str(len(answer.content))
    for path in ("/no/such", "/oauth/authorize"):
        assert client.get(path).headers["Content-Type"].startswith("text/html")


def test_a_toolkits_empty_405_is_a_problem_and_keeps_what_is_allowed(client: Client) -> None:
    answer = client.post("/oauth/only-get")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


def test_a_view_that_breaks_outside_of_drf_is_a_problem_too() -> None:
    answer = Client(raise_request_exception=False).get("/api/t/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["request_id"] == answer.headers["Request-Id"]


# --- The page of codes ------------------------------------------------------------------------------------------


def test_every_code_is_explained_with_kind_status_cause_and_cure() -> None:
    explained = {entry.code: entry for entry in explained_codes()}
    assert explained["length_required"] == (
        "length_required",
        "Invalid",
        411,
        "The body comes without its length.\n\nSend `Content-Length`.",
    )
    assert explained["malformed_json"].status == 400
    assert {entry.status for entry in explained.values()} <= set(range(400, 504))


def test_an_error_without_a_status_of_its_own_has_its_kinds() -> None:
    assert status_of(errors.Forbidden) == status_of(errors.Denied) == 403
    assert status_of(errors.InvalidUrl) == status_of(errors.Invalid) == 422
