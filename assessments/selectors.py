"""Visibility: every read of floor 3 for a person or a partner starts here. What is not visible does not exist (404)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from assessments.models import AssessmentType, Attachment, Order, Result, ResultSchema
from core.models import Membership, Role
from partners.models import Installation, Partner
from partners.selectors import reachable_installations
from partners.types import Client

Viewer = Membership | Client


def orders_visible_to(viewer: Viewer, scope: str = "orders:read") -> QuerySet[Order]:
    """For a member: all of the organization. For a client: of the Installations where it may use the scope.

    Orders of paused Installations are among them: results of those are still taken; what is read is refused by
    whoever answers.
    """
    if isinstance(viewer, Membership):
        return Order.objects.filter(organization=viewer.organization_id)
    return Order.objects.filter(installation__in=reachable_installations(viewer, scope))


def orders_of(partner: Partner) -> QuerySet[Order]:
    """For the partner's own people, in both environments; a removed Installation took its orders along."""
    return Order.objects.filter(partner=partner).exclude(installation__status=Installation.Status.REMOVED)


def queue_of(client: Client) -> QuerySet[Order]:
    """The orders a client may read now: those of paused Installations are left out."""
    return orders_visible_to(client).filter(installation__status=Installation.Status.ACTIVE)


def results_visible_to(viewer: Viewer) -> QuerySet[Result]:
    """All revisions of the orders that the viewer sees. Which parts of a document a person may read, rendering says."""
    if isinstance(viewer, Membership):
        return Result.objects.filter(organization=viewer.organization_id)
    return Result.objects.filter(order__in=orders_visible_to(viewer))


def attachments_visible_to(viewer: Viewer) -> QuerySet[Attachment]:
    """Reports of the orders that the viewer sees.

    A file declares no audience. Where the order's schema restricts anything, the report may repeat just that, so it
    is for admins only, as every undeclared value of such a result is.
    """
    if not isinstance(viewer, Membership):
        return Attachment.objects.filter(order__in=orders_visible_to(viewer))
    rows = Attachment.objects.filter(organization=viewer.organization_id)
    if viewer.role == Role.ADMIN:
        return rows
    restricting = ResultSchema.objects.filter(text__contains='"x-audience"').values("pk")
    by_result = Result.objects.filter(organization=viewer.organization_id, result_schema__in=restricting)
    restricted = Order.objects.filter(
        Q(result_schema__in=restricting) | Q(pk__in=by_result.values("order")), organization=viewer.organization_id
    )
    return rows.exclude(order__in=restricted.values("pk"))


def types_visible_to(client: Client) -> QuerySet[AssessmentType]:
    """The partner's catalogue, retired types too."""
    return AssessmentType.objects.filter(partner=client.partner)


def orderable_types(membership: Membership) -> QuerySet[AssessmentType]:
    """What a member's organization can order now: types on offer of the partners at work there."""
    at_work = Installation.objects.filter(
        organization=membership.organization_id, status=Installation.Status.ACTIVE
    ).exclude(partner__status=Partner.Status.SUSPENDED)
    return AssessmentType.objects.filter(partner__in=at_work.values("partner"), retired_at=None)
