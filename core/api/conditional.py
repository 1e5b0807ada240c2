"""Conditional calls (RFC 9110 section 13): an ETag on answers, 304 for a reader that has it, 412 for a writer that
has an older one. Saves the way, not the work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView, rendered
from core.errors import PreconditionFailed

P = ParamSpec("P")
V = TypeVar("V", bound=ApiView)
Method = Callable[Concatenate[V, Request, P], HttpResponse]

# A reader may keep it, and asks before each use; nobody in between keeps it.
KEPT = "private, no-cache"


def conditional(method: Method[V, P]) -> Method[V, P]:
    """For the ``get`` of an ApiView: its ETag is of the very bytes that are answered, in the version of the call."""

    @wraps(method)
    def answered(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = rendered(view, request, method(view, request, *args, **kwargs))
        etag = _etag(response)
        if _has(request, etag):
            response = HttpResponseNotModified()
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = KEPT
        return response

    return answered


def is_conditional(request: Request) -> bool:
    """Whether a write asks for :func:`check`."""
    return "If-Match" in request.headers or "If-None-Match" in request.headers


def check(view: ApiView, request: Request, current: Response | None) -> None:
    """Before a write: ``current`` is what a GET would answer now, None where nothing is there; held by the caller.

    Raises PreconditionFailed: for `If-Match` that names no ETag of it, for `If-None-Match` that names it.
    """
    etag = _etag(rendered(view, request, current)) if current is not None else ""
    if "If-Match" in request.headers:
        wanted = parse_etags(request.headers["If-Match"])
        if not etag or not ("*" in wanted or etag in wanted):
            raise PreconditionFailed
    if etag and _has(request, etag):
        raise PreconditionFailed


def _etag(response: HttpResponse) -> str:
    return f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'


def _has(request: Request, etag: str) -> bool:
    """Weakly, as RFC 9110 section 13.1.2 asks for."""
    known = [each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))]
    return "*" in known or etag in known
