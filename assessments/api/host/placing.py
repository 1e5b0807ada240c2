"""An order out of what an organization's program sent: ids become rows of its own, and the service places it."""

from __future__ import annotations

from typing import Any

from assessments.api.host.applications import named, unknown
from assessments.models import AssessmentType, Order
from assessments.services import orders
from core.selectors import applications_visible_to
from partners.models import Installation
from partners.selectors import installations_visible_to
from partners.types import OrganizationClient


def place(client: OrganizationClient, values: dict[str, Any]) -> Order:
    """Raises ValidationFailed for what the organization does not have, and what the service raises."""
    applications = applications_visible_to(client).select_related("candidate", "job", "organization")
    installation = _installation(client, values)
    return orders.place(
        application=named("application", applications, values),
        installation=installation,
        assessment_type=_type(installation, values["assessment_type"]),
        fields=values["fields"] or {},
        placed_by=client.actor,
        deadline_at=values["deadline_at"],
        again=values["again"] or "",
    )


def _installation(client: OrganizationClient, values: dict[str, Any]) -> Installation:
    member = "installation" if values["installation"] else "partner"
    rows = installations_visible_to(client).exclude(status=Installation.Status.REMOVED)
    if member == "installation":
        return named(member, rows, values)
    found = rows.filter(partner__public_id=values[member]).first()
    if found is None:
        raise unknown(member, "No such partner is at work here.")
    return found


def _type(installation: Installation, key: str) -> AssessmentType:
    """A retired one is found too, so that the refusal says so, where the organization could have seen it."""
    row = AssessmentType.objects.filter(partner=installation.partner_id, key=key).first()
    if row is None:
        raise unknown("assessment_type", "This partner has no such assessment type.")
    return row
