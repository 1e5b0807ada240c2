"""gunicorn's worker with threads, which waits for nobody for long, and whose own refusals are problems too."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from gunicorn import util
from gunicorn.http import errors as unread
from gunicorn.workers import gthread

from core.config.gunicorn_reading import TimedUnreader

# Not of the caller's making, though their parents are.
_OURS = (unread.ConfigurationProblem, unread.InvalidResponseHeader, unread.InvalidResponseHeaderName)


# In seconds: who has sent nothing by then waits with the others, and keeps no thread.
_GLANCE = 0.05


class Worker(gthread.ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    def handle(self, conn: Any) -> Any:
        """One request of a connection, in a thread."""
        if not conn.initialized:
            if not conn.wait_for_data(_GLANCE):
                return gthread._DEFER
            conn.init()
            conn.parser.unreader = TimedUnreader(conn.sock)
        conn.parser.unreader.begin()
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Neither the request nor where it is from is in the line of the log: they hold tokens and addresses."""
        if isinstance(exc, unread.ParseException) and not isinstance(exc, _OURS):
            self.log.warning("Unreadable request: %s", type(exc).__name__)
        else:
            self.log.exception("Error handling a request")
        with suppress(Exception):
            util.write_nonblock(client, answer_to(exc))


def answer_to(exc: Exception) -> bytes:
    """The whole answer, as every refusal of the API is. The connection ends with it."""
    # Here and not above: gunicorn loads this module before there are settings.
    from core.api.problems import problem_response
    from core.ids import public_id

    asked: Any = SimpleNamespace(request_id=public_id("req"))
    response = problem_response(_error_of(exc), asked)
    headers = {
        **response.headers,
        "Connection": "close",
        "Content-Length": str(len(response.content)),
        "Request-Id": asked.request_id,
        "X-Content-Type-Options": "nosniff",
    }
    lines = [f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.content


def _error_of(exc: Exception) -> Any:
    from core import errors

    if not isinstance(exc, unread.ParseException) or isinstance(exc, _OURS):
        return errors.InternalError()
    found = {
        unread.LimitRequestLine: errors.UriTooLong,
        unread.LimitRequestHeaders: errors.HeadersTooLarge,
        unread.ExpectationFailed: errors.ExpectationFailed,
    }
    return found.get(type(exc), errors.BadRequest)()
