"""Error pages in the look of the product, and the public page that explains every error code."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from core import places
from core.api.problems import Explained, explained_codes, problem_response
from core.errors import BadRequest, DomainError, Forbidden, InternalError, NotFound
from core.views.docs import frame


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeEntry:
    """One error code: what happened, and what to do about it."""

    code: str
    status: int
    cause: str
    cure: str


@require_safe
@vary_on_cookie
def codes(request: HttpRequest) -> HttpResponse:
    """Made from the docstrings of the errors and the table of places, so that a new one is explained here at once."""
    entries = [_entry(explained) for explained in explained_codes()]
    return render(request, "core/errors.html", {**frame("errors"), "entries": entries, "places": places.declared()})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, instead=BadRequest)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, str(exception), Forbidden)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, instead=NotFound)


def too_many_requests(request: HttpRequest, retry_after: int) -> HttpResponse:
    """``retry_after`` in seconds. For htmx a notice, which stands where the answer would."""
    minutes = -(-retry_after // 60)
    detail = f"Wait {minutes} minutes" if minutes > 1 else "Wait a minute"
    if "HX-Request" in request.headers:
        response = render(request, "core/_too_many.html", {"detail": detail}, status=429)
        # core/app.js shows an error that says how it is put in place.
        response["HX-Reswap"] = "innerHTML"
    else:
        response = _page(request, 429, detail)
    response["Retry-After"] = str(retry_after)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, instead=InternalError)


def _entry(explained: Explained) -> CodeEntry:
    cause, _, cure = explained.text.partition("\n")
    return CodeEntry(code=explained.code, status=explained.status, cause=cause, cure=" ".join(cure.split()))


def _page(
    request: HttpRequest, status: int, detail: str = "", instead: type[DomainError] | None = None
) -> HttpResponse:
    """The page; a caller of the API gets the problem ``instead``."""
    if instead and request.path.startswith(("/api/", "/compat/")):
        return problem_response(instead(), request)
    request_id = getattr(request, "request_id", "") if status == 500 else ""
    context = {"detail": detail, "request_id": request_id}
    return render(request, f"{status}.html", context, status=status)
