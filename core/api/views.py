"""The base of every API view: strict JSON in, compact JSON out, problems for errors. No scopes (see partners.oauth)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import limits
from core.api import versions
from core.api.parameters import check_known
from core.api.parsing import JSON_LIMIT, StrictJSONParser, check_length, take_body
from core.api.rendering import JSONRenderer, Negotiation
from core.errors import BadRequest, DomainError, NotFound, UnsupportedMediaType
from core.limits import Standing

_WITH_BODY = ("POST", "PUT", "PATCH")
_READING = ("GET", "HEAD")


class ApiView(APIView):
    """Parses JSON up to ``body_limit`` bytes; after ``initial`` the exact bytes are ``request.body``.

    A view that takes files adds ``MultiPartParser`` to its ``parser_classes`` and sets its ``body_limit``.
    """

    parser_classes: Sequence[type[BaseParser]] = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class: type[BaseContentNegotiation] = Negotiation
    # OPTIONS would describe the view in DRF's words; the reference does that.
    metadata_class = None
    body_limit = JSON_LIMIT
    # Which of the limits its calls count against.
    limited_as = "api"
    # Between the form that this view speaks and those of older versions.
    changes: Sequence[versions.Change] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """With its bytes, and without the ties to view and request that made them."""
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, Response):
            response.render()
            response.renderer_context = {}  # type: ignore[attr-defined]  # DRF's, of every response
        # Held in a circle, all that a call has read and made would stay until the collector of garbage comes.
        self.request.parser_context.clear()
        self.__dict__.clear()
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who may come in is decided before a byte of the body is read; whoever is known is counted before that."""
        self.admit(request)
        versions.asked(request.META, versions.CURRENT)
        super().initial(request, *args, **kwargs)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The path or the query holds a NUL character.")
        if request.method in _WITH_BODY and request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
        if (request.content_type or "").startswith("multipart/"):
            check_length(request._request, limit=self.body_limit)
        else:
            take_body(request._request, limit=self.body_limit)
        if request.META.get("QUERY_STRING") and request.method in _READING:
            check_known(self, request)

    def admit(self, request: Request) -> None:
        """Learns who calls, and counts the call, whatever becomes of it. Raises InvalidToken, RateLimited."""
        self.perform_authentication(request)
        if counted_as := self.counted_as(request):
            self.count(request, self.limited_as, counted_as)

    def counted_as(self, request: Request) -> str:
        """Whose calls these are to the limits; "" counts for nobody."""
        return getattr(request.auth, "counted_as", "")

    def count(self, request: Request, scope: str, counted_as: str) -> None:
        """One more; the answer tells how many are left of what was counted last. Raises RateLimited."""
        standing = limits.use(scope, counted_as)
        if standing:
            request._standing = standing  # type: ignore[attr-defined]  # read in finalize_response alone
            standing.check()

    def version(self, request: Request) -> str:
        """The dated version of this call: what it asks for, else what its application is pinned to."""
        pinned = getattr(request.auth, "api_version", versions.CURRENT)
        return versions.asked(request.META, pinned)

    def upgraded(self, request: Request, value: Any) -> Any:
        """A body in the form of the call's version, in ours."""
        return versions.upgraded(value, self._unknown(request))

    def pointed(self, request: Request, pointer: str) -> str:
        """The place of a problem, in the form of the call's version."""
        return versions.pointed(pointer, self._unknown(request))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The answer in the form of the call's version, once: an answer that is kept for twins was rendered before."""
        if getattr(response, "is_rendered", False):
            return response
        done = super().finalize_response(request, response, *args, **kwargs)
        version = self._answered_in(request)
        # A problem is no Response of DRF.
        if isinstance(done, Response):
            done.data = versions.downgraded(done.data, versions.between(self.changes, version))
        standing: Standing | None = getattr(request, "_standing", None)
        for name, value in {**versions.headers_of(version), **(standing.headers() if standing else {})}.items():
            done.headers[name] = value
        return done

    def _unknown(self, request: Request) -> list[versions.Change]:
        return versions.between(self.changes, self.version(request)) if self.changes else []

    def _answered_in(self, request: Request) -> str:
        """A call that asks for a version that there is not is refused in the current one."""
        try:
            return self.version(request)
        except DomainError:
            return versions.CURRENT


class NowhereView(ApiView):
    """What no route is at: 404 to anybody, in the log and the limits of whoever asks."""

    permission_classes = ()
    # Nothing that the reference describes.
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.admit(request)
        raise NotFound(_without_slash(request.path_info))


def _without_slash(path: str) -> str:
    """A sentence for a path that exists but for the slash at its end; else ""."""
    shorter = path.rstrip("/")
    if shorter == path or getattr(resolve(shorter).func, "cls", None) is NowhereView:
        return ""
    return f"There is nothing here: paths have no slash at their end. Call {shorter}."


def rendered(view: ApiView, request: Request, response: HttpResponse) -> HttpResponse:
    """With its bytes, which DRF would make only after the view."""
    if isinstance(response, Response) and not response.is_rendered:
        view.finalize_response(request, response)
        response.render()
    return response
