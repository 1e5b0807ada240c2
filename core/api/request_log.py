"""The request id of every answer, and one RequestLog row per API call. It never fails, slows or alters a call.

Whoever learns who is calling says so with :func:`note_client`; idempotency keys are bound to that name too. What a
call was is taken down here, in passing; rows are made of it and written by a thread of their own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request

from core import tracing
from core.api.background import Background
from core.api.problems import FORGOTTEN, is_api_path, speak_json
from core.ids import public_id
from core.instances import fresh
from core.models import RequestLog
from core.writing import Writing

log = structlog.get_logger(__name__)

BODY_KEPT = 16 * 1024
PATH_KEPT = 500
# A problem names its code after what it says of itself; of several problems the first bytes do.
REFUSAL_READ = 64 * 1024
_HIDDEN = "[hidden]"
_HIDDEN_NAME = (
    r"(?:[\w-]*[_-])?(?:secret|password|passwd|password[12]|token|authorization|credential|api_?key|code_verifier"
    r"|assertion)"
)
# A member of a JSON text with such a name, whether or not the whole is JSON: its string (perhaps cut off), its plain
# value, or, where an object or list begins, everything to the end.
_SECRET_MEMBER = re.compile(rf'("{_HIDDEN_NAME}"\s*:\s*)("(?:[^"\\]|\\.)*"?|[{{\[].*|[^\s,}}\]]+)', re.I | re.S)
# One of these is in every such name.
_TELLTALE = ("secret", "passw", "token", "authorization", "credential", "api", "code_verifier", "assertion")
# 128 random bits or more, as core.ids.fresh_token writes them, as the last segment.
_TOKEN = re.compile(r"/[\w-]{22,}/?$")
_SECRET_FIELD = re.compile(rf"{_HIDDEN_NAME}|code", re.I)


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
    status: int
    latency_ms: int
    # The first bytes of the answer, of a refusal.
    refusal: bytes
    content_type: str
    # None: nobody read the body.
    sent: bytes | None
    # The body is not kept: it is about what was deleted for good.
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
    return _Call(
        request_id=request.request_id,  # type: ignore[attr-defined]  # set by the middleware
        trace_id=tracing.current().partition("-")[0],
        caller=caller_of(request),
        method=request.method or "",
        path=_path(request),
        status=response.status_code,
        latency_ms=latency_ms,
        refusal=_refusal(response),
        content_type=(request.content_type or "").lower(),
        sent=sent if sent is None else sent[:BODY_KEPT],
        is_forgotten=getattr(request, FORGOTTEN, False),
        length=request.META.get("CONTENT_LENGTH") or "0",
        at=timezone.now(),
    )


def _path(request: HttpRequest) -> str:
    """Without the token that some paths end in; of a door that no route knows, what looks like one is hidden too."""
    match = request.resolver_match
    if match is not None:
        token = str(match.kwargs.get("token", ""))
        return request.path.replace(token, _HIDDEN) if token else request.path
    return _TOKEN.sub(f"/{_HIDDEN}", request.path) if request.path.startswith("/compat/") else request.path


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
        status=call.status,
        latency_ms=call.latency_ms,
        problem_code=_code_of(call.refusal)[:60],
        request_body=_sent(call),
        created_at=call.at,
    )


def _code_of(refusal: bytes) -> str:
    """The code of a problem, or of an OAuth error."""
    found = re.search(rb'"(?:code|error)": ?"(\w+)"', refusal)
    return found[1].decode() if found else ""


def _sent(call: _Call) -> str:
    """The body as text: redacted, capped. A body that nobody read, or may keep, is named by its length."""
    if call.is_forgotten:
        return f"[not kept: {call.length} bytes]"
    if call.content_type.startswith("multipart/"):
        return _storable(f"[{call.content_type}, {call.length} bytes]")
    if call.sent is None:
        return "" if call.length == "0" else f"[not read: {call.length} bytes]"
    text = call.sent.decode("utf-8", "replace")
    is_form = call.content_type == "application/x-www-form-urlencoded"
    return _storable(_hide_fields(text) if is_form else _hide_members(text))[:BODY_KEPT]


def _hide_members(text: str) -> str:
    """Nearly every body is a text in which a look for the words, which is much cheaper, finds none."""
    folded = text.casefold()
    if not any(word in folded for word in _TELLTALE):
        return text
    return _SECRET_MEMBER.sub(rf'\1"{_HIDDEN}"', text)


def _hide_fields(text: str) -> str:
    fields = parse_qsl(text, keep_blank_values=True, max_num_fields=200)
    return urlencode(
        [(name, _HIDDEN if _SECRET_FIELD.fullmatch(name) else value) for name, value in fields], safe="[]:/@ "
    )


def _storable(text: str) -> str:
    """PostgreSQL's text takes no NUL."""
    return text.replace("\x00", "\ufffd")
