"""The authorization endpoint: an Organization's admin lets a Partner in, or does not. Decides no scope and no tenancy.

What is asked is read from the query alone, on GET and on POST alike: the form brings a decision and an
Organization, so there is nothing in it that could be changed to get more.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauth2_provider.oauth2_validators import is_valid_resource_uri
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import AccessDeniedError, InvalidRequestError
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error

from core.errors import DomainError
from core.models import Organization, User
from partners.models import Application, Environment, Installation, Partner
from partners.oauth.consent import describe, organizations_for, origin_of
from partners.services import installations

# OpenID's parameters mean nothing here, and a code travels in the query only, whatever the query asks for.
_FIXED: dict[str, Any] = {"nonce": "", "claims": {}, "response_mode": "query"}
# BASE64URL of a SHA-256 digest (RFC 7636 section 4.2).
_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A validated authorization request."""

    application: Application
    scopes: tuple[str, ...]
    # What the toolkit needs to answer it.
    credentials: dict[str, Any]

    @property
    def redirect_uri(self) -> str:
        return str(self.credentials["redirect_uri"])

    @property
    def partner(self) -> Partner:
        # An organization's client has no redirect URI, and so gets no further than the toolkit.
        assert self.application.partner is not None
        return self.application.partner


@method_decorator(never_cache, name="dispatch")
class AuthorizeView(View):
    """GET shows the consent screen, POST decides. What is wrong with the request is said before anybody signs in, but
    then here and not at the partner's.
    """

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.asked = read(request)
        except OAuthToolkitError as error:
            return refuse(request, error)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        organizations = organizations_for(cast(User, request.user), self.asked.application)
        return _screen(request, self.asked, list(organizations))

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("decision") != "allow":
            state = self.asked.credentials["state"]
            denied = OAuthToolkitError(AccessDeniedError(state=state), redirect_uri=self.asked.redirect_uri)
            return refuse(request, denied, is_decided=True)
        try:
            return self._allow(request)
        except OAuthToolkitError as error:
            return refuse(request, error, is_decided=True)
        except DomainError as error:
            return render(request, "partners/authorize_error.html", {"detail": error.detail}, status=403)

    def _allow(self, request: HttpRequest) -> HttpResponse:
        """The role is asked for again: it may have been lost since the screen was shown."""
        asked = self.asked
        organizations = organizations_for(cast(User, request.user), asked.application)
        chosen = organizations.filter(public_id=request.POST.get("organization", "")).first()
        if chosen is None:
            raise PermissionDenied("Only an admin of the organization can install a partner there.")
        with transaction.atomic():
            installation = installations.install(
                asked.partner, chosen, scopes=asked.scopes, actor=cast(User, request.user)
            )
            return _with_code(request, asked, installation)


def read(request: HttpRequest) -> Asked:
    """What the query asks for. Raises OAuthToolkitError; FatalClientError where nobody may be redirected."""
    try:
        scopes, credentials = get_oauthlib_core().validate_authorization_request(_query_only(request))
    except ValueError as error:
        raise FatalClientError(InvalidRequestError(description="The query cannot be read.")) from error
    asked = Asked(
        application=Application.objects.select_related("partner").get(client_id=credentials["client_id"]),
        scopes=tuple(scopes),
        credentials={**credentials, "resource": request.GET.getlist("resource"), **_FIXED},
    )
    _check_challenge(asked)
    _check_resources(asked)
    return asked


def refuse(request: HttpRequest, error: OAuthToolkitError, *, is_decided: bool = False) -> HttpResponse:
    """Back to the partner with the error (RFC 6749 section 4.1.2.1), or a page where its redirect URI is in doubt.

    The page too where nobody decided anything and is known to want to go there, with the way as a link (RFC 9700
    section 4.11.2).
    """
    oauth_error = error.oauthlib_error
    is_known = not isinstance(error, FatalClientError) and oauth_error.redirect_uri
    uri = _answer(request, oauth_error.in_uri(oauth_error.redirect_uri)) if is_known else ""
    if uri and (is_decided or _is_asked_for(request)):
        return _redirect(uri)
    context = {
        "detail": oauth_error.description or oauth_error.error,
        "back": uri,
        "origin": origin_of(uri) if uri else "",
    }
    return render(request, "partners/authorize_error.html", context, status=400)


def _is_asked_for(request: HttpRequest) -> bool:
    """Whether to send the browser on, before anything was shown, is to do what its person expects.

    Anybody registers a sandbox application with any redirect URI: only its own people are sent there by us. A live one
    is of a partner that support approved.
    """
    if not request.user.is_authenticated:
        return False
    application = Application.objects.get(client_id=request.GET["client_id"])
    is_live = application.environment == Environment.LIVE
    return is_live or organizations_for(request.user, application).exists()


def _check_challenge(asked: Asked) -> None:
    """S256 only: "plain" is refused here and not after the admin has read and allowed."""
    has_s256 = asked.credentials.get("code_challenge_method") == "S256"
    if not has_s256 or not _S256_CHALLENGE.fullmatch(asked.credentials["code_challenge"]):
        raise _request_error(asked, "code_challenge must be that of code_challenge_method S256.")


def _check_resources(asked: Asked) -> None:
    for resource in asked.credentials["resource"]:
        if not is_valid_resource_uri(resource):
            error = CustomOAuth2Error(
                "invalid_target", "resource must be an absolute URI.", state=asked.credentials["state"]
            )
            raise OAuthToolkitError(error, redirect_uri=asked.redirect_uri)


def _request_error(asked: Asked, description: str) -> OAuthToolkitError:
    error = InvalidRequestError(description=description, state=asked.credentials["state"])
    return OAuthToolkitError(error, redirect_uri=asked.redirect_uri)


def _query_only(request: HttpRequest) -> HttpRequest:
    """The same request as a bare GET: nothing of a form's body is mixed with the query."""
    bare = copy.copy(request)
    bare.method = "GET"
    bare.POST = QueryDict()
    return bare


def _with_code(request: HttpRequest, asked: Asked, installation: Installation) -> HttpResponse:
    """The code belongs to the Installation's service user and not to the person who allowed it."""
    as_service = _query_only(request)
    as_service.user = installation.service_user
    uri, _, _, _ = get_oauthlib_core().create_authorization_response(
        as_service, list(asked.scopes), dict(asked.credentials), True
    )
    return _redirect(uri)


def _answer(request: HttpRequest, uri: str) -> str:
    """An error says who it is from (RFC 9207), as a code does."""
    return str(add_params_to_uri(uri, [("iss", oauth2_settings.oauth2_authorization_server_issuer(request))]))


def _redirect(uri: str) -> HttpResponse:
    return OAuth2ResponseRedirect(uri, settings.OAUTH2_PROVIDER["ALLOWED_REDIRECT_URI_SCHEMES"])


def _screen(request: HttpRequest, asked: Asked, organizations: list[Organization]) -> HttpResponse:
    context = {
        "consent": describe(asked.partner, asked.scopes),
        "is_sandbox": asked.application.environment == Environment.SANDBOX,
        "origin": origin_of(asked.redirect_uri),
        "organizations": organizations,
        "installed": _installed(asked, organizations),
    }
    response = render(request, "partners/authorize.html", context, status=200 if organizations else 403)
    # Chromium applies form-action to the redirect that answers the form too.
    response._csp_update = {"form-action": [context["origin"]]}  # type: ignore[attr-defined]  # read by django-csp
    return response


def _installed(asked: Asked, organizations: list[Organization]) -> QuerySet[Installation]:
    """Where a consent changes what is there."""
    rows = Installation.objects.filter(partner=asked.partner, organization__in=organizations)
    return rows.exclude(status=Installation.Status.REMOVED).select_related("organization")
