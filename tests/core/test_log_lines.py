"""Lines of the log: errors without their messages, other people's lines without their arguments."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
import structlog
from django.core.handlers.wsgi import WSGIRequest
from django.db import IntegrityError, OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import resolve

from core.config.logs import LOGGING
from tests.world import World

SECRET = "ada.okafor@mail.example"
FORMATTER = LOGGING["formatters"]["json"]  # type: ignore[index]  # a literal of many kinds


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    """What stands in the log, read back."""
    options = {name: value for name, value in FORMATTER.items() if name != "()"}
    said = structlog.stdlib.ProcessorFormatter(**options).format(record)
    found: dict[str, Any] = json.loads(said)
    assert found.pop("timestamp")
    return found


def record(name: str, level: int, message: Any, *arguments: Any, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord(name, level, "x.py", 1, message, arguments, extra.pop("exc_info", None))
    made.__dict__.update(extra)
    return made


def raised(error: Exception, cause: Exception | None = None) -> Any:
    try:
        raise error from cause
    except Exception:
        return sys.exc_info()


def request_for(path: str) -> WSGIRequest:
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    return request


def test_of_another_logger_the_template_is_kept_and_the_arguments_are_not() -> None:
    told = line_of(record("kombu.mixins", logging.WARNING, "Trouble with %s after %d tries", SECRET, 3))
    assert told == {"event": "Trouble with %s after %d tries", "level": "warning", "logger": "kombu.mixins"}


def test_a_message_that_is_no_text_is_named_by_its_kind() -> None:
    assert line_of(record("x", logging.ERROR, ValueError(SECRET)))["event"] == "ValueError"


def test_a_page_that_failed_is_told_by_its_route_and_not_by_its_path() -> None:
    request = request_for("/invitations/tok3n")
    request.request_id = "req_1"  # type: ignore[attr-defined]  # set by the middleware
    told = line_of(
        record(
            "django.request",
            logging.ERROR,
            "%s: %s",
            "Internal Server Error",
            request.path,
            request=request,
            status_code=500,
            exc_info=raised(ValueError(SECRET)),
        )
    )
    assert (told["event"], told["status"], told["route"], told["request_id"]) == (
        "http.failed",
        500,
        "core:invitation",
        "req_1",
    )
    assert told["exception"].startswith("builtins.ValueError\n  ")
    assert "raised: raise error from cause" in told["exception"]
    assert "tok3n" not in str(told)
    assert SECRET not in str(told)


def test_a_refusal_whose_text_is_the_template_is_told_without_it() -> None:
    request = RequestFactory().get("/")
    told = line_of(record("django.security.DisallowedHost", logging.WARNING, SECRET, request=request, status_code=400))
    assert (told["event"], told["route"]) == ("http.refused", None)
    assert SECRET not in str(told)


def test_a_chain_of_errors_is_told_by_kinds_and_places() -> None:
    told = line_of(
        record("x", logging.ERROR, "failed", exc_info=raised(Http404(SECRET), cause=IntegrityError(f"Key ({SECRET})")))
    )
    kinds = [line for line in told["exception"].splitlines() if not line.startswith(" ")]
    assert kinds == ["django.db.utils.IntegrityError", "django.http.response.Http404"]


@pytest.mark.parametrize("error", [OperationalError("connection refused"), FileNotFoundError(2, "No such file")])
def test_errors_of_machines_keep_their_message(error: Exception) -> None:
    assert str(error) in line_of(record("x", logging.ERROR, "failed", exc_info=raised(error)))["exception"]


def test_a_task_that_failed_is_named_without_what_it_was_given() -> None:
    context = {"name": "core.seal_audit", "id": "1", "exc": SECRET, "traceback": SECRET, "args": SECRET}
    told = line_of(record("celery.app.trace", logging.ERROR, "Task %(name)s[%(id)s]: %(exc)s", context))
    assert (told["name"], told["id"]) == ("core.seal_audit", "1")
    assert SECRET not in str(told)


@pytest.mark.parametrize("said", [{"exc_info": True}, {"exception": ValueError(SECRET)}, {"error": SECRET}])
def test_our_own_lines_tell_errors_the_same_way(capsys: pytest.CaptureFixture[str], said: dict[str, Any]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(**{name: value for name, value in FORMATTER.items() if name != "()"})
    )
    logger = logging.getLogger("django_structlog.celery.receivers")
    logger.addHandler(handler)
    try:
        raise ValueError(SECRET)
    except ValueError:
        structlog.get_logger("django_structlog.celery.receivers").error("task_failed", **said)
    finally:
        logger.removeHandler(handler)
    told = capsys.readouterr().err
    assert "task_failed" in told
    assert SECRET not in told


def test_a_form_without_its_token_is_logged_without_the_path_of_the_page(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    Client(enforce_csrf_checks=True).post("/invitations/tok3n-of-an-invitation")
    (logged,) = [entry for entry in caplog.records if entry.name == "django.security.csrf"]
    told = line_of(logged)
    assert (told["event"], told["status"], told["route"]) == ("http.refused", 403, "core:invitation")
    assert "tok3n" not in str(told)
