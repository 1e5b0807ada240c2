"""What a line of the log may hold: of errors their kinds and places, of other people's loggers their templates.

Our own lines are an event word and ids. Anything else that is logged may quote what somebody sent: the message of an
error (``Key (email)=(…) already exists``), the path of a page (with the token of an invitation), an argument of a task.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerError

Line = dict[str, Any]

# About machines, not people: a database or a broker that cannot be reached, a file that is not there.
_SPEAK_OF_MACHINES = (OSError, OperationalError, BrokerError)


def without_quotes(_logger: object, _method: str, line: Line) -> Line:
    """A line of Django, Celery, gunicorn …: the template of its message, and what of its arguments is ours to say."""
    record, arguments = line["_record"], line.pop("positional_args", ())
    line["event"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    if (request := getattr(record, "request", None)) is not None:
        match = getattr(request, "resolver_match", None)
        # Django puts the whole text of some of its refusals into the place of the template.
        line["status"] = getattr(record, "status_code", None)
        line["event"] = "http.failed" if line["status"] == HTTPStatus.INTERNAL_SERVER_ERROR else "http.refused"
        line["route"] = match.view_name if match else None
        line["request_id"] = getattr(request, "request_id", None)
    if isinstance(arguments, Mapping) and record.name.startswith("celery."):
        line.update({name: arguments[name] for name in ("name", "id") if name in arguments})
    return line


def kinds_of_errors(_logger: object, _method: str, line: Line) -> Line:
    """``exc_info`` becomes ``exception``: the chain of errors with their kinds and places, without their messages."""
    given = line.pop("exc_info", None) or line.pop("exception", None)
    if error := _error(given):
        line["exception"] = "\n".join(_told(error))
    if line.get("logger") == "django_structlog.celery.receivers":
        # The message of an error again, or what the task was to do.
        for name in ("error", "reason", "result"):
            line.pop(name, None)
    return line


def _error(given: object) -> BaseException | None:
    if isinstance(given, tuple):
        return given[1]  # type: ignore[no-any-return]  # as sys.exc_info() gives it
    return given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None


def _told(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _told(cause)
    yield _kind(error)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}: {frame.line}"


def _kind(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if sqlstate := getattr(error, "sqlstate", None):
        kind = f"{kind} {sqlstate}"
    return f"{kind}: {error}" if isinstance(error, _SPEAK_OF_MACHINES) else kind
