"""``GET /organization``: who am I, with what, who is at work there. PATCH: my API version. And a sandbox's client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.idempotency import idempotent
from partners.api.partner import PartnerBody
from partners.errors import SandboxOnly
from partners.models import Environment, Installation
from partners.oauth.permissions import OwnCredentials, caller, program
from partners.selectors import installations_visible_to
from partners.services import clients, credentials
from partners.types import OrganizationClient

# How long the token lives that comes with a sandbox's client.
TRIED_FOR = timedelta(hours=1)


class OrganizationView(ApiView):
    """PATCH ``{api_version}``: the version that calls of this client speak when they name none."""

    organization_scopes = {"GET": (), "PATCH": ()}

    def get(self, request: Request) -> Response:
        return Response(_organization(program(request)))

    def patch(self, request: Request) -> Response:
        client = program(request)
        body = PartnerBody(data=request.data)
        body.is_valid(raise_exception=True)
        credentials.pin(client.application, body.validated_data["api_version"], actor=client.actor)
        return Response(_organization(client))


class SandboxClientView(ApiView):
    """POST: 201 with the client of your sandbox organization, its secret and a token, shown this once.

    The same client each time, with a new secret: what it had before works no more.
    """

    permission_classes = (OwnCredentials,)
    required_scopes = {"POST": ()}

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        client = caller(request)
        organization = client.partner.sandbox_organization
        if client.application.environment != Environment.SANDBOX or organization is None:
            raise SandboxOnly
        made = clients.in_sandbox(organization, lives=TRIED_FOR, actor=client.actor)
        installation = Installation.objects.filter(partner=client.partner, organization=organization).first()
        answer = {
            "client_id": made.client.client_id,
            "client_secret": made.secret,
            "organization": organization.public_id,
            "installation": installation.public_id if installation else None,
            "scope": made.scope,
            "access_token": made.token,
            "token_type": "Bearer",
            "expires_in": int(TRIED_FOR.total_seconds()),
        }
        return Response(answer, status=201)


def _organization(client: OrganizationClient) -> dict[str, Any]:
    rows = installations_visible_to(client).exclude(status=Installation.Status.REMOVED).order_by("pk")
    return {
        "id": client.organization.public_id,
        "name": client.organization.name,
        "environment": client.application.environment,
        "client_id": client.application.client_id,
        "client_name": client.application.name,
        "api_version": client.application.api_version,
        "scopes": sorted(client.scopes),
        "installations": [_installation(row) for row in rows],
    }


def _installation(row: Installation) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "partner": {"id": row.partner.public_id, "name": row.partner.name},
        "status": row.status,
        "scopes": sorted(row.scopes),
        "installed_at": row.installed_at,
    }
