"""Trying the loop: a Partner orders from itself, as its sandbox organization would."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import SandboxOrderBody, read
from assessments.api.changes import ORDER_REFERENCE
from assessments.api.shapes import order_json
from assessments.models import AssessmentType
from assessments.selectors import types_visible_to
from assessments.services import orders
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.idempotency import idempotent
from core.models import Application, Organization
from core.places import place
from partners.errors import SandboxOnly
from partners.models import Environment, Installation
from partners.oauth.permissions import caller
from partners.scopes import ALL
from partners.services import installations
from partners.types import Client


class SandboxOrdersView(ApiView):
    """POST ``{assessment_type, candidate?, fields?}``: 201 with the order, which is now in your queue."""

    changes = (ORDER_REFERENCE,)
    required_scopes = {"POST": ("orders:write",)}

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        client = caller(request)
        organization = sandbox_of(client)
        values = read(SandboxOrderBody, request)
        order = orders.place(
            application=_application(organization, values["candidate"]),
            installation=_installation(client, organization),
            assessment_type=_type(client, values["assessment_type"]),
            fields=values["fields"] or {},
            placed_by=None,
        )
        return Response(order_json(order, client), status=201)


def sandbox_of(client: Client) -> Organization:
    """The organization where the partner tries the loop. Raises SandboxOnly."""
    organization = client.partner.sandbox_organization
    if client.application.environment != Environment.SANDBOX or organization is None:
        raise SandboxOnly
    return organization


def _installation(client: Client, organization: Organization) -> Installation:
    """The one there is, else a new one with every scope."""
    rows = Installation.objects.filter(partner=client.partner, organization=organization)
    known = rows.exclude(status=Installation.Status.REMOVED).first()
    return known or installations.install(client.partner, organization, scopes=ALL, actor=client.partner.public_id)


def _type(client: Client, key: str) -> AssessmentType:
    row = types_visible_to(client).filter(key=key).first()
    if row is None:
        raise _unknown("/assessment_type", "There is no such assessment type in your catalogue.")
    return row


def _application(organization: Organization, candidate: str | None) -> Application:
    """Of the candidate named, else of the first one."""
    rows = Application.objects.filter(organization=organization, status=Application.Status.ACTIVE)
    rows = rows.select_related("candidate", "job").order_by("applied_at", "id")
    chosen = rows.filter(candidate__public_id=candidate).first() if candidate else rows.first()
    if chosen is None:
        raise _unknown("/candidate", "Your sandbox has no such candidate with an active application.")
    return chosen


def _unknown(pointer: str, message: str) -> ValidationFailed:
    return ValidationFailed(problems=[place(pointer, "unknown", message)])
