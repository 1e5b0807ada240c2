"""``GET /partner``: who am I, in which environment, with what, and where am I installed. PATCH: my API version."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.versions import VERSIONS
from core.api.views import ApiView
from partners.errors import OwnCredentialsNeeded
from partners.models import Environment, Installation
from partners.oauth.permissions import caller
from partners.selectors import installations_visible_to
from partners.services import credentials
from partners.types import Client


class PartnerBody(serializers.Serializer[Any]):
    api_version = serializers.ChoiceField(
        [version.name for version in VERSIONS], help_text="What calls speak that name no version."
    )


class PartnerView(ApiView):
    """PATCH ``{api_version}``: the version that calls of this application speak when they name none."""

    required_scopes = {"GET": (), "PATCH": ()}

    def get(self, request: Request) -> Response:
        return Response(_partner(caller(request)))

    def patch(self, request: Request) -> Response:
        client = caller(request)
        if client.installation is not None:
            raise OwnCredentialsNeeded
        body = PartnerBody(data=request.data)
        body.is_valid(raise_exception=True)
        actor = client.partner.public_id
        credentials.pin(client.application, body.validated_data["api_version"], actor=actor)
        return Response(_partner(client))


def _partner(client: Client) -> dict[str, Any]:
    partner = client.partner
    rows = installations_visible_to(client).order_by("pk")
    return {
        "id": partner.public_id,
        "name": partner.name,
        "description": partner.description,
        "website": partner.website,
        "contact_email": partner.contact_email,
        "status": partner.status,
        "dialect": partner.dialect,
        "environment": client.application.environment,
        "client_id": client.application.client_id,
        "api_version": client.application.api_version,
        "scopes": sorted(client.scopes),
        "sandbox": _sandbox(client),
        "installations": [_installation(row) for row in rows],
    }


def _sandbox(client: Client) -> dict[str, str] | None:
    organization = client.partner.sandbox_organization
    if client.application.environment != Environment.SANDBOX or organization is None:
        return None
    return {"organization": organization.public_id}


def _installation(row: Installation) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "organization": {"id": row.organization.public_id, "name": row.organization.name},
        "status": row.status,
        "scopes": sorted(row.scopes),
        "installed_at": row.installed_at,
    }
