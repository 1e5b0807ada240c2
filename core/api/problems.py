"""Errors as RFC 9457 problems: the one module that knows which HTTP status an error has. It decides nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from inspect import cleandoc
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.request import Request

from core import errors
from core.places import INVALID, is_known, place
from core.pointers import join

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
# Marks a request whose body the log must not keep.
FORGOTTEN = "_is_forgotten"

# The nearest class above an error counts: its own line, else its kind's.
STATUS: dict[type[errors.DomainError], int] = {
    errors.Invalid: 422,
    errors.Denied: 403,
    errors.Missing: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Unavailable: 503,
    errors.BadRequest: 400,
    errors.MalformedJson: 400,
    errors.InvalidCursor: 400,
    errors.UnknownApiVersion: 400,
    errors.NotAuthenticated: 401,
    errors.InvalidToken: 401,
    errors.MethodNotAllowed: 405,
    errors.NotAcceptable: 406,
    errors.LengthRequired: 411,
    errors.PreconditionFailed: 412,
    errors.PayloadTooLarge: 413,
    errors.UriTooLong: 414,
    errors.UnsupportedMediaType: 415,
    errors.ExpectationFailed: 417,
    errors.RateLimited: 429,
    errors.HeadersTooLarge: 431,
    errors.InternalError: 500,
}


def status_of(error: type[errors.DomainError]) -> int:
    """The HTTP status of an error's class."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def register_status(error: type[errors.DomainError], status: int) -> None:
    """For an error of another floor whose status a specification fixes: OAuth answers 400 where we say 422."""
    STATUS[error] = status


class Explained(NamedTuple):
    """One error code as the documentation shows it."""

    code: str
    kind: str
    status: int
    text: str


def explained_codes() -> list[Explained]:
    """Every code that can be answered, with its kind, status, and cause and cure, by code."""
    return sorted(_explained(error) for error in errors.all_codes())


def _explained(error: type[errors.DomainError]) -> Explained:
    kind = next(parent.__name__ for parent in error.__mro__ if parent in errors.KINDS)
    return Explained(error.code, kind, status_of(error), cleandoc(error.__doc__ or ""))


# --- Answers --------------------------------------------------------------------------------------------------


def problem_response(error: errors.DomainError, request: HttpRequest | Request | None = None) -> HttpResponse:
    """The error as an answer: ``application/problem+json``, with the headers that belong to its status."""
    status = status_of(type(error))
    # What was sent is quoted in details and pointers; half a surrogate pair in it must not break the answer.
    body = json.dumps(problem_json(error, request), cls=DjangoJSONEncoder, ensure_ascii=False).encode(
        "utf-8", "replace"
    )
    response = HttpResponse(body, status=status, content_type=CONTENT_TYPE)
    for name, value in _headers(error, status).items():
        response[name] = value
    return response


def problem_json(error: errors.DomainError, request: HttpRequest | Request | None = None) -> dict[str, Any]:
    """The members of the problem, for an answer that holds several."""
    if isinstance(error, errors.Gone) and request is not None:
        # What was sent about something deleted is not to stand in the log again.
        setattr(getattr(request, "_request", request), FORGOTTEN, True)
    return {
        **error.facts,
        "type": f"{settings.PUBLIC_URL}/docs/errors#{error.code}",
        "title": cleandoc(error.__doc__ or error.code).splitlines()[0].rstrip("."),
        "status": status_of(type(error)),
        "detail": error.detail,
        "code": error.code,
        "problems": [_placed(problem, request) for problem in error.problems],
        "request_id": getattr(request, "request_id", ""),
    }


def _placed(problem: dict[str, Any], request: HttpRequest | Request | None) -> dict[str, Any]:
    """Its pointer leads into what was sent, in whatever version that was."""
    view = request.parser_context.get("view") if isinstance(request, Request) else None
    pointed = getattr(view, "pointed", None)
    return {**problem, "pointer": pointed(request, problem["pointer"])} if pointed else problem


def _headers(error: errors.DomainError, status: int) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if "retry_after" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after"])
    if status == 401 or isinstance(error, errors.InsufficientScope):
        headers["WWW-Authenticate"] = _challenge(error)
    return headers


def _challenge(error: errors.DomainError) -> str:
    """As RFC 6750 writes it: no error code where no credential was sent."""
    challenge = 'Bearer realm="api"'
    if isinstance(error, errors.InsufficientScope):
        required = error.facts.get("required", "")
        return f'{challenge}, error="{error.code}", scope="{required}"'
    return challenge if isinstance(error, errors.NotAuthenticated) else f'{challenge}, error="{error.code}"'


# --- Exceptions -----------------------------------------------------------------------------------------------


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """For DRF: every exception of a view as a problem. What nobody expected is logged and told by request id only."""
    error = translate(exc)
    if isinstance(error, errors.InternalError):
        log.exception("api.unexpected", exc_info=exc)
    return problem_response(error, context["request"])


def translate(exc: Exception) -> errors.DomainError:
    """Our error for any exception; InternalError for one that is a fault of ours."""
    if isinstance(exc, errors.DomainError):
        return exc
    ours = next((ours for theirs, ours in _TRANSLATIONS.items() if isinstance(exc, theirs)), None)
    return ours(exc) if ours else errors.InternalError()


# What DRF calls otherwise than we do; its other words are ours too, or come out as `invalid`.
_FROM_DRF = {"null_characters_not_allowed": "nul_character", "surrogate_characters_not_allowed": "lone_surrogate"}


def _serializer_problems(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """A serializer's errors, nested by field and index, as problems with JSON pointers."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            below = pointer if key == "non_field_errors" else pointer + join([key])
            yield from _serializer_problems(value, below)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from _serializer_problems(value, f"{pointer}/{index}" if nested else pointer)
    else:
        word = getattr(detail, "code", INVALID)
        code = _FROM_DRF.get(word, word)
        yield place(pointer, code if is_known(code) else INVALID, str(detail))


def _validation_failed(exc: Any) -> errors.DomainError:
    return errors.ValidationFailed(problems=list(_serializer_problems(exc.detail)))


def _throttled(exc: Any) -> errors.DomainError:
    return errors.RateLimited(retry_after=math.ceil(exc.wait or 1))


_TRANSLATIONS: dict[type[Exception], Callable[[Any], errors.DomainError]] = {
    Http404: lambda _: errors.NotFound(),
    exceptions.NotFound: lambda _: errors.NotFound(),
    PermissionDenied: lambda _: errors.Forbidden(),
    exceptions.PermissionDenied: lambda _: errors.Forbidden(),
    exceptions.NotAuthenticated: lambda _: errors.NotAuthenticated(),
    exceptions.AuthenticationFailed: lambda _: errors.InvalidToken(),
    exceptions.MethodNotAllowed: lambda exc: errors.MethodNotAllowed(str(exc.detail)),
    exceptions.NotAcceptable: lambda _: errors.NotAcceptable(),
    exceptions.UnsupportedMediaType: lambda exc: errors.UnsupportedMediaType(str(exc.detail)),
    exceptions.ParseError: lambda exc: errors.BadRequest(str(exc.detail)),
    exceptions.ValidationError: _validation_failed,
    exceptions.Throttled: _throttled,
    RequestDataTooBig: lambda _: errors.PayloadTooLarge(),
    SuspiciousOperation: lambda _: errors.BadRequest(),
    UnreadablePostError: lambda _: errors.BadRequest("The connection ended before the body did."),
}

# --- What Django or the OAuth toolkit answered by themselves ----------------------------------------------------

_BY_STATUS: dict[int, type[errors.DomainError]] = {
    400: errors.BadRequest,
    401: errors.NotAuthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    406: errors.NotAcceptable,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
    500: errors.InternalError,
}


def is_api_path(path: str) -> bool:
    """Whether programs call it: the API, other protocols' doors, and OAuth's endpoints, but for the consent page."""
    places = ("/api/", "/compat/", "/oauth/", "/.well-known/oauth-")
    return path.startswith(places) and not path.startswith("/oauth/authorize")


def speak_json(response: HttpResponseBase, request: HttpRequest) -> None:
    """Turns an error page or an empty refusal at an API path into the problem of the same status, headers kept.

    An answer that ``is_foreign`` is in the words of another protocol, and stays.
    """
    error = None if getattr(response, "is_foreign", False) else _BY_STATUS.get(response.status_code)
    is_page = not response.get("Content-Type", "").partition(";")[0].endswith("json")
    if error and is_page and isinstance(response, HttpResponse):
        told = problem_response(error(), request)
        response.content = told.content
        for name, value in (*told.headers.items(), ("Content-Length", str(len(told.content)))):
            response.headers[name] = value
