"""The request id of every answer, and one RequestLog row per API call. It never fails, slows or alters a call.

Whoever learns who is calling says so with :func:`note_client`; idempotency keys are bound to it too. What a call
was is taken down here, in passing; rows are made of it and written by a thread of their own.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request

from core import tracing
from core.api import redaction
from core.api.background import Background
from core.api.problems import FORGOTTEN, is_api_path, speak_json
from core.api.redaction import HIDDEN
from core.ids import public_id
from core.instances import fresh
from core.models import RequestLog
from core.writing import Writing

log = structlog.get_logger(__name__)

BODY_KEPT = 16 * 1024
PATH_KEPT = 500
QUERY_KEPT = 1_000
PROBLEMS_KEPT = 10
SENTENCE_KEPT = 300
# A problem names its code after what it says of itself; of several problems the first bytes do.
REFUSAL_READ = 64 * 1024
# Of bodies that wait to be written, together about so much; each may be the larger the fewer wait.
BODIES_WAITING = 32 * 1024 * 1024
# 128 random bits or more, as core.ids.fresh_token writes them, as the last segment.
_TOKEN = re.compile(r"/[\w-]{22,}/?$")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who makes a call, as far as it is known: an OAuth client id, and public ids."""

    client_id: str = ""
    partner: str = ""
    organization: str = ""


def note_client(
    request: HttpRequest | Request, *, client_id: str = "", partner: str = "", organization: str = ""
) -> None:
    """Says who is calling; authentication does, and a view that knows better. What is left empty stays as it was."""
    before = caller_of(request)
    bare(request)._caller = Caller(  # type: ignore[attr-defined]  # read by caller_of alone
        client_id=client_id or before.client_id,
        partner=partner or before.partner,
        organization=organization or before.organization,
    )


def caller_of(request: HttpRequest | Request) -> Caller:
    """What was noted so far."""
    return getattr(bare(request), "_caller", Caller())


def current_request_id() -> str:
    """The id of the call being answered; in a task, of the call that caused it; else ""."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def bare(request: HttpRequest | Request) -> HttpRequest:
    """Django's request below DRF's."""
    return request._request if isinstance(request, Request) else request


class RequestLogMiddleware:
    """Outermost: ``request.request_id`` is ours, never the caller's; ``Request-Id`` carries it on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = public_id("req")
        request.request_id = request_id  # type: ignore[attr-defined]  # read by problems and pages through getattr
        began = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id, **tracing.bound(request.META)):
            response = self.get_response(request)
            if is_api_path(request.path):
                _speak_and_record(request, response, began)
        response.headers["Request-Id"] = request_id
        return response


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """A call and its answer, as they were; nothing is hidden in it yet."""

    request_id: str
    trace_id: str
    caller: Caller
    method: str
    path: str
    query: str
    status: int
    latency_ms: int
    # The first bytes of the answer, of a refusal.
    refusal: bytes
    content_type: str
    # None: nobody read the body.
    sent: bytes | None
    # The body is not kept: it is about what was deleted for good, or there is no room while it waits.
    is_forgotten: bool
    length: str
    at: datetime


def _speak_and_record(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    try:
        speak_json(response, request)
        response.headers.setdefault("Cache-Control", "no-store")
        writing.offer(_call(request, response, int((time.monotonic() - began) * 1000)))
    except Exception:
        log.exception("request_log.not_written")


def _call(request: HttpRequest, response: HttpResponseBase, latency_ms: int) -> _Call:
    sent: bytes | None = getattr(request, "_body", None)
    is_too_much = sent is not None and len(sent) * (writing.waiting + 1) > BODIES_WAITING
    return _Call(
        request_id=request.request_id,  # type: ignore[attr-defined]  # set by the middleware
        trace_id=tracing.current().partition("-")[0],
        caller=caller_of(request),
        method=request.method or "",
        path=_path(request),
        query=request.META.get("QUERY_STRING", ""),
        status=response.status_code,
        latency_ms=latency_ms,
        refusal=_refusal(response),
        content_type=(request.content_type or "").lower(),
        sent=None if is_too_much else sent,
        is_forgotten=is_too_much or getattr(request, FORGOTTEN, False),
        length=request.META.get("CONTENT_LENGTH") or "0",
        at=timezone.now(),
    )


def _path(request: HttpRequest) -> str:
    """Without the token that some paths end in; of a door that no route knows, what looks like one is hidden too."""
    match = request.resolver_match
    if match is not None:
        token = str(match.kwargs.get("token", ""))
        return request.path.replace(token, HIDDEN) if token else request.path
    return _TOKEN.sub(f"/{HIDDEN}", request.path) if request.path.startswith("/compat/") else request.path


def _refusal(response: HttpResponseBase) -> bytes:
    if response.status_code < 400 or not isinstance(response, HttpResponse):
        return b""
    return response.content[:REFUSAL_READ]


# --- The row, made by the writing thread ------------------------------------------------------------------------


def _write(calls: Sequence[_Call]) -> None:
    Writing().insert([_row(call) for call in calls]).run()


# A few seconds of a busy process; what comes on top while the database is away is counted and let go.
writing = Background(_write, name="request-log", most_waiting=2_000, most_at_once=200)


def _row(call: _Call) -> RequestLog:
    return fresh(
        RequestLog,
        request_id=call.request_id,
        trace_id=call.trace_id,
        client_id=call.caller.client_id[:120],
        partner=call.caller.partner,
        organization=call.caller.organization,
        method=call.method[:10],
        path=_storable(call.path)[:PATH_KEPT],
        query="" if call.is_forgotten else _query(call),
        status=call.status,
        latency_ms=call.latency_ms,
        problem_code=_code_of(call.refusal)[:60],
        problem="" if call.is_forgotten else _problem(call.refusal),
        request_body=_sent(call),
        created_at=call.at,
    )


def _code_of(refusal: bytes) -> str:
    """The code of a problem, or of an OAuth error."""
    found = re.search(rb'"(?:code|error)": ?"(\w+)"', refusal)
    return found[1].decode() if found else ""


def _query(call: _Call) -> str:
    return _storable(redaction.query(call.query, is_secret=_secrets_of(call)))[:QUERY_KEPT] if call.query else ""


def _problem(refusal: bytes) -> str:
    """What a refusal said, in sentences and places; "" for one in the words of another protocol."""
    try:
        said = json.loads(refusal) if refusal else None
    except ValueError:
        return ""
    if not isinstance(said, dict) or not isinstance(said.get("problems"), list):
        return ""
    places = said["problems"]
    kept = {
        "detail": _sentence(said.get("detail")),
        "problems": [
            {name: _sentence(place[name]) for name in ("pointer", "parameter", "code", "message") if name in place}
            for place in places[:PROBLEMS_KEPT]
        ],
        "problem_count": len(places),
    }
    return _storable(json.dumps(kept, ensure_ascii=False))


def _sentence(value: Any) -> str:
    return redaction.sentence(str(value or ""), limit=SENTENCE_KEPT)


def _sent(call: _Call) -> str:
    """The body as text: redacted, capped. A body that nobody read, or may keep, is named by its length."""
    if call.is_forgotten:
        return f"[not kept: {call.length} bytes]"
    if call.content_type.startswith("multipart/"):
        return _storable(f"[{call.content_type[:60]}, {call.length} bytes]")
    if call.sent is None:
        return "" if call.length == "0" else f"[not read: {call.length} bytes]"
    try:
        kept = redaction.body(call.sent, call.content_type, limit=BODY_KEPT, is_secret=_secrets_of(call))
    except Exception as error:
        # Not with its traceback, which holds what was sent.
        log.warning("request_log.not_redacted", call=call.request_id, error=type(error).__name__)
        kept = f"[not readable: {len(call.sent)} bytes]"
    return _storable(kept)


def _secrets_of(call: _Call) -> Callable[[str], bool]:
    return redaction.is_secret_of_oauth if call.path.startswith("/oauth/") else redaction.is_secret_name


def _storable(text: str) -> str:
    """PostgreSQL's text takes no NUL, and no half of a surrogate pair."""
    return _UNSTORABLE.sub("\ufffd", text)
