"""Answers with an ETag, and 304 for a reader that has them already. Saves the way, not the work."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request

from core.api.views import ApiView, rendered

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
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        if _has(request, etag):
            response = HttpResponseNotModified()
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = KEPT
        return response

    return answered


def _has(request: Request, etag: str) -> bool:
    """Weakly, as RFC 9110 section 13.1.2 asks for."""
    known = [each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))]
    return "*" in known or etag in known
