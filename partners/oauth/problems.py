"""OAuth's own errors as problems: the codes of RFC 6749 with RFC 9457's members beside them, so that both readers
understand. Which error it is, the toolkit decides."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core.api.problems import problem_response, register_status
from core.errors import DomainError, Invalid, RateLimited, Unavailable
from partners.errors import InvalidClientMetadata, InvalidRedirectUri, UnknownScope


class InvalidRequest(Invalid):
    """The OAuth request lacks a parameter, repeats one, or cannot be read.

    Send `application/x-www-form-urlencoded` as RFC 6749 describes.
    """

    code = "invalid_request"


class InvalidClient(Invalid):
    """Client authentication failed: unknown client, wrong secret, or a partner that is suspended.

    Send `client_id` and `client_secret` by HTTP Basic or in the form.
    """

    code = "invalid_client"


class InvalidGrant(Invalid):
    """The code, its verifier or the refresh token is not good: used, expired, revoked, or another client's.

    Ask the organization for consent again. What was issued for a code or token that is used twice is revoked.
    """

    code = "invalid_grant"


class UnauthorizedClient(Invalid):
    """This client may not use that grant.

    `client_credentials`, `authorization_code` and `refresh_token` are those there are.
    """

    code = "unauthorized_client"


class UnsupportedGrantType(Invalid):
    """There is no such grant here.

    Use `client_credentials`, `authorization_code` or `refresh_token`.
    """

    code = "unsupported_grant_type"


class InvalidTarget(Invalid):
    """The `resource` is not an absolute URI, or not one that was granted."""

    code = "invalid_target"


class TemporarilyUnavailable(Unavailable):
    """The authorization server cannot answer now; later it may."""

    code = "temporarily_unavailable"


_CLASSES: tuple[type[DomainError], ...] = (
    InvalidRequest,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidTarget,
    UnknownScope,
    InvalidClientMetadata,
    InvalidRedirectUri,
    InvalidClient,
    TemporarilyUnavailable,
)
_BY_CODE = {error.code: error for error in _CLASSES}
for _error in _CLASSES:
    if issubclass(_error, Invalid):
        register_status(_error, 401 if _error is InvalidClient else 400)


def answer(error: DomainError, request: HttpRequest, *, code: str = "") -> HttpResponse:
    """The problem with OAuth's two members; ``code`` where OAuth calls it otherwise than we do."""
    oauth = code or (TemporarilyUnavailable.code if isinstance(error, RateLimited) else error.code)
    error.facts |= {"error": oauth, "error_description": error.detail}
    response = problem_response(error, request)
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Basic realm="oauth"'
    response["Pragma"] = "no-cache"
    return response


def retold(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    """The toolkit's answer as it is, or its error as a problem."""
    if not isinstance(response, HttpResponse) or response.status_code < 400:
        return response
    told = _members(response.content)
    kind = _BY_CODE.get(told.get("error", ""), InvalidRequest)
    return answer(kind(told.get("error_description", "")), request)


def _members(content: bytes) -> dict[str, str]:
    try:
        members: dict[str, str] = json.loads(content or b"{}")
    except ValueError:
        return {}
    return members
