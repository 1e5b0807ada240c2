"""The request id of every answer, and one RequestLog row per API call. It never fails, slows or alters a call.

Whoever learns who is calling says so with :func:`note_client`; idempotency keys are bound to that name too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from core.api.problems import is_api_path, speak_json
from core.ids import public_id
from core.models import RequestLog

log = structlog.get_logger(__name__)

BODY_KEPT = 16 * 1024
PATH_KEPT = 500
_HIDDEN = "[hidden]"
_HIDDEN_NAME = (
    r"(?:[\w-]*[_-])?(?:secret|password|passwd|password[12]|token|authorization|api_?key|code_verifier|assertion)"
)
# A member of a JSON text with such a name, whether or not the whole is JSON: its string (perhaps cut off), its plain
# value, or, where an object or list begins, everything to the end.
_SECRET_MEMBER = re.compile(rf'("{_HIDDEN_NAME}"\s*:\s*)("(?:[^"\\]|\\.)*"?|[{{\[].*|[^\s,}}\]]+)', re.I | re.S)
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
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if is_api_path(request.path):
                _speak_and_record(request, response, began)
        response.headers["Request-Id"] = request_id
        return response


def _speak_and_record(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    try:
        speak_json(response, request)
        response.headers.setdefault("Cache-Control", "no-store")
        _row(request, response, int((time.monotonic() - began) * 1000)).save(force_insert=True)
    except Exception:
        log.exception("request_log.not_written")


def _row(request: HttpRequest, response: HttpResponseBase, latency_ms: int) -> RequestLog:
    caller = caller_of(request)
    return RequestLog(
        request_id=request.request_id,  # type: ignore[attr-defined]  # set above
        client_id=caller.client_id[:120],
        partner=caller.partner,
        organization=caller.organization,
        method=(request.method or "")[:10],
        path=_storable(request.path)[:PATH_KEPT],
        status=response.status_code,
        latency_ms=latency_ms,
        problem_code=_code_of(response)[:60],
        request_body=_sent(request),
    )


def _code_of(response: HttpResponseBase) -> str:
    """The code of a problem, or of an OAuth error."""
    if response.status_code < 400 or not isinstance(response, HttpResponse):
        return ""
    found = re.search(rb'"(?:code|error)": ?"(\w+)"', response.content)
    return found[1].decode() if found else ""


def _sent(request: HttpRequest) -> str:
    """The body as text: redacted, capped. A body that nobody read is named by its length."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    kind = (request.content_type or "").lower()
    if kind.startswith("multipart/"):
        return f"[{kind}, {length} bytes]"
    raw: bytes | None = getattr(request, "_body", None)
    if raw is None:
        return "" if length == "0" else f"[not read: {length} bytes]"
    text = raw[:BODY_KEPT].decode("utf-8", "replace")
    hidden = _hide_fields(text) if kind == "application/x-www-form-urlencoded" else _hide_members(text)
    return _storable(hidden)[:BODY_KEPT]


def _hide_members(text: str) -> str:
    return _SECRET_MEMBER.sub(rf'\1"{_HIDDEN}"', text)


def _hide_fields(text: str) -> str:
    fields = parse_qsl(text, keep_blank_values=True, max_num_fields=200)
    return urlencode(
        [(name, _HIDDEN if _SECRET_FIELD.fullmatch(name) else value) for name, value in fields], safe="[]:/@ "
    )


def _storable(text: str) -> str:
    """PostgreSQL's text takes no NUL."""
    return text.replace("\x00", "\ufffd")
