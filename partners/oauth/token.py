"""The token and revocation endpoints: the toolkit's, with a limit by address and errors as problems."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote_plus

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import base as toolkit

from core.api.request_log import note_client
from core.errors import DomainError, MethodNotAllowed
from core.limits import Standing, client_address, use
from partners.models import Application
from partners.oauth.problems import InvalidRequest, UnsupportedGrantType, answer, retold

FORM = "application/x-www-form-urlencoded"


class Guarded:
    """What both have in common; mixed into a view of the toolkit, before it."""

    @sensitive_variables()
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        standing = use("token", client_address(request))
        try:
            if standing:
                standing.check()
            _check_form(request)
            self.check(request)
        except DomainError as error:
            return _told(_allow_post(answer(error, request)), standing)
        response = retold(super().dispatch(request, *args, **kwargs), request)  # type: ignore[misc]  # the view's
        _note(request, response)
        return _told(response, standing)

    def check(self, request: HttpRequest) -> None:
        """What else is refused before the toolkit sees it."""


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(Guarded, toolkit.TokenView):
    http_method_names = ["post"]

    def check(self, request: HttpRequest) -> None:
        """Raises InvalidRequest, UnsupportedGrantType. The toolkit refuses the password grant as well, but only after
        it has tried the password: somebody could guess people's passwords here.
        """
        grant = request.POST.get("grant_type")
        if not grant:
            raise InvalidRequest("grant_type is missing.")
        if grant not in oauth2_settings.OAUTH2_GRANT_TYPES_SUPPORTED:
            raise UnsupportedGrantType

    @transaction.atomic
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """In one transaction, so that the lock on a code lasts until its tokens are there and the code is gone."""
        return super().post(request, *args, **kwargs)


@method_decorator(csrf_exempt, name="dispatch")
class RevokeTokenView(Guarded, toolkit.RevokeTokenView):
    """RFC 7009: an unknown token, or another client's, is answered like a revoked one."""

    http_method_names = ["post"]


def _told(response: HttpResponseBase, standing: Standing | None) -> HttpResponseBase:
    for name, value in (standing.headers() if standing else {}).items():
        response.headers[name] = value
    return response


def _allow_post(response: HttpResponse) -> HttpResponse:
    if response.status_code == 405:
        response["Allow"] = "POST"
    return response


def _note(request: HttpRequest, response: HttpResponseBase) -> None:
    """For the request log: whose call it was, once the client has proved itself, which it has before these errors."""
    if response.status_code != 200 and _code_of(response) not in {"invalid_grant", "invalid_scope"}:
        return
    client_id = _client_id(request)
    row = Application.objects.select_related("partner", "organization").filter(client_id=client_id).first()
    if row is not None:
        note_client(
            request,
            client_id=row.client_id,
            partner=row.partner.public_id if row.partner else "",
            organization=row.organization.public_id if row.organization else "",
        )


def _code_of(response: HttpResponseBase) -> str:
    return str(json.loads(response.content)["code"]) if isinstance(response, HttpResponse) else ""


def _client_id(request: HttpRequest) -> str:
    scheme, _, pair = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return request.POST.get("client_id", "")
    return unquote_plus(base64.b64decode(pair).decode().partition(":")[0])


def _check_form(request: HttpRequest) -> None:
    """Raises MethodNotAllowed, InvalidRequest: what the toolkit would answer less clearly, or not at all."""
    if request.method != "POST":
        raise MethodNotAllowed(f"{request.method} is not taken here.")
    if request.content_type != FORM:
        raise InvalidRequest(f"Send the parameters as {FORM}.")
    try:
        values = [value for values in request.POST.lists() for value in values[1]]
    except SuspiciousOperation as error:
        raise InvalidRequest("The form is too large.") from error
    # No database stores NUL, and one of ours refuses even to look for it.
    if any("\x00" in value for value in values):
        raise InvalidRequest("A parameter holds the NUL character.")
    if "Authorization" in request.headers and "client_secret" in request.POST:
        raise InvalidRequest("Send the client secret by HTTP Basic or in the form, not both.")
