"""Self-registration by API: RFC 7591 names in, a sandbox partner with its credentials out. Shown once, kept hashed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.problems import exception_handler, translate
from core.api.request_log import note_client
from core.api.views import ApiView
from core.errors import InternalError
from core.idempotency import idempotent
from core.limits import client_address
from partners import names
from partners.errors import InvalidClientMetadata, UnknownScope
from partners.models import Application
from partners.oauth.problems import answer
from partners.scopes import allowed_to
from partners.services import onboarding
from partners.services.credentials import LONGEST_URI, MOST_REDIRECT_URIS
from partners.services.onboarding import Registration

GRANTS = ("client_credentials", "authorization_code", "refresh_token")
AUTH_METHODS = ("client_secret_basic", "client_secret_post")


@extend_schema_serializer(component_name="RegistrationBody")
class Metadata(serializers.Serializer[Any]):
    """Shape only. What RFC 7591 names and is not here is ignored, as it asks for."""

    client_name = serializers.CharField(max_length=120, help_text="Your name, as organizations read it.")
    contacts = serializers.ListField(
        child=serializers.EmailField(max_length=254),
        max_length=10,
        default=list,
        help_text="E-mail addresses; the first is how you are reached.",
    )
    redirect_uris = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_URI),
        max_length=MOST_REDIRECT_URIS,
        default=list,
        help_text="Where a browser comes back to after a consent: https, exact. Only needed to be installed.",
    )
    scope = serializers.CharField(
        max_length=1000,
        allow_blank=True,
        default="",
        help_text="What you will ever ask for, separated by spaces; empty for everything.",
    )
    client_uri = serializers.URLField(max_length=200, allow_blank=True, default="", help_text="Your website: https.")
    grant_types = serializers.ListField(
        child=serializers.ChoiceField(choices=GRANTS),
        default=list,
        help_text="Which you will use; those of a consent need a redirect URI.",
    )
    response_types = serializers.ListField(
        child=serializers.ChoiceField(choices=["code"]), default=list, help_text="`code`, or nothing."
    )
    token_endpoint_auth_method = serializers.ChoiceField(
        choices=AUTH_METHODS, default=AUTH_METHODS[0], help_text="Both are always taken."
    )

    def validate_client_name(self, name: str) -> str:
        if problem := names.problem_of(name):
            raise serializers.ValidationError(problem)
        return name

    def validate_client_uri(self, uri: str) -> str:
        if uri and not uri.startswith("https://"):
            raise serializers.ValidationError("An https URL.")
        return uri

    def validate(self, metadata: dict[str, Any]) -> dict[str, Any]:
        if "authorization_code" in metadata["grant_types"] and not metadata["redirect_uris"]:
            message = "The authorization code grant needs a redirect URI."
            raise serializers.ValidationError({"redirect_uris": [message]})
        return metadata


class RegisterView(ApiView):
    """POST: 201 with the client."""

    authentication_classes = ()
    permission_classes = ()
    limited_as = "register"

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        metadata = _checked(request.data)
        made = _register(metadata)
        note_client(request, client_id=made.application.client_id, partner=made.partner.public_id)
        return Response(_client(request, made, metadata), status=201, headers=_FRESH)

    def counted_as(self, request: Request) -> str:
        """Nobody is known yet."""
        return client_address(request._request)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], HttpResponse]:
        return _refused


def _refused(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """As OAuth has it; what nobody expected, as everywhere."""
    error = translate(exc)
    if isinstance(error, InternalError):
        return exception_handler(exc, context)
    code = InvalidClientMetadata.code if isinstance(error, UnknownScope) else ""
    return answer(error, context["request"]._request, code=code)


_FRESH = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _checked(sent: Any) -> dict[str, Any]:
    """Raises InvalidClientMetadata with every problem at once."""
    serializer = Metadata(data=sent)
    if not serializer.is_valid():
        problems = translate(serializers.ValidationError(serializer.errors)).problems
        raise InvalidClientMetadata("A value of the registration cannot be accepted.", problems=problems)
    metadata: dict[str, Any] = serializer.validated_data
    return metadata


def _register(metadata: dict[str, Any]) -> Registration:
    return onboarding.register_partner(
        name=metadata["client_name"],
        contact_email=next(iter(metadata["contacts"]), ""),
        redirect_uris=metadata["redirect_uris"],
        scope=metadata["scope"],
        website=metadata["client_uri"],
    )


def _client(request: Request, made: Registration, metadata: dict[str, Any]) -> dict[str, Any]:
    application = made.application
    sign_in = reverse("partners:sign_in", args=[made.sign_in_token])
    return {
        "client_id": application.client_id,
        "client_secret": made.client_secret,
        "client_id_issued_at": int(application.created.timestamp()),
        "client_secret_expires_at": 0,
        "client_name": made.partner.name,
        "contacts": [made.partner.contact_email] if made.partner.contact_email else [],
        "redirect_uris": application.redirect_uris.split(),
        "grant_types": _grants(application),
        "response_types": ["code"] if application.redirect_uris else [],
        "scope": " ".join(allowed_to(application.allowed_scopes)),
        "token_endpoint_auth_method": metadata["token_endpoint_auth_method"],
        "partner": made.partner.public_id,
        "sandbox": {
            "organization": made.organization.public_id,
            "installation": made.installation.public_id,
            "sign_in_url": request.build_absolute_uri(sign_in),
        },
    }


def _grants(application: Application) -> list[str]:
    """What works: without a redirect URI nobody can be sent back with a code."""
    return list(GRANTS if application.redirect_uris else GRANTS[:1])
