"""Visibility: every read of floor 3 for a person or a program starts here. What is not visible does not exist (404)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.db.models import Exists, OuterRef, QuerySet

from assessments.models import (
    AssessmentType,
    Attachment,
    Backfill,
    Erasure,
    ErasureNotice,
    Order,
    PartnerCheck,
    ResultSchema,
)
from core.models import Membership, Organization, Role
from core.prepared import Prepared
from partners.models import Application, Environment, Installation, Partner
from partners.selectors import reachable_installations
from partners.types import Caller, Client, OrganizationClient

Viewer = Membership | Caller


def orders_visible_to(viewer: Viewer, scope: str = "orders:read") -> QuerySet[Order]:
    """For an organization: all of its own. For a partner: of the Installations where it may use the scope.

    Orders of paused Installations are among them: results of those are still taken; what is read is refused by
    whoever answers.
    """
    if not isinstance(viewer, Client):
        return Order.objects.filter(organization=viewer.organization_id)
    return Order.objects.filter(installation__in=reachable_installations(viewer, scope), is_told=True)


def order_to_write(client: Client, scope: str, order_id: str, *, hold: bool = True) -> Order | None:
    """One of the orders that :func:`orders_visible_to` the client, with its schema and partner; else None.

    Locked, unless whoever asks does not ``hold`` it and writes on condition that it is as it was.
    """
    if scope not in client.scopes:
        return None
    asked = _order_asked(_kind_of(client, scope), hold)
    row = asked.first(client.partner.pk, _installation_of(client), order_id)
    if row is not None:
        row.partner = client.partner
    return row


def orders_to_write(client: Client, scope: str, *, ids: Iterable[str], references: Iterable[str]) -> list[Order]:
    """The same of many, by id or by the partner's own reference; locked as everybody locks several, by their ids."""
    if scope not in client.scopes:
        return []
    named = set(ids)
    if wanted := set(references):
        named.update(orders_visible_to(client, scope).filter(reference__in=wanted).values_list("public_id", flat=True))
    asked = _orders_asked(_kind_of(client, scope))
    rows = asked.all(client.partner.pk, _installation_of(client), sorted(named))
    organizations = {each.pk: each for each in _organizations.all(sorted({row.organization_id for row in rows}))}
    published = sorted({row.result_schema_id for row in rows if row.result_schema_id})
    schemas = {each.pk: each for each in _schemas.all(published)}
    for row in rows:
        # Past the descriptors, which look at each value: they are many.
        row._state.fields_cache |= {
            "organization": organizations[row.organization_id],
            "partner": client.partner,
            "result_schema": schemas.get(row.result_schema_id) if row.result_schema_id else None,
        }
    return rows


@dataclass(frozen=True, slots=True)
class _Kind:
    """What of a client makes another query of its orders."""

    scope: str
    environment: str
    has_one_installation: bool

    def orders(self, partner: int, installation: int) -> QuerySet[Order]:
        """:func:`orders_visible_to` itself."""
        client = Client(
            partner=Partner(pk=partner),
            application=Application(environment=self.environment),
            scopes=frozenset({self.scope}),
            installation=Installation(pk=installation) if self.has_one_installation else None,
            user=None,
        )
        return orders_visible_to(client, self.scope).order_by()


def _kind_of(client: Client, scope: str) -> _Kind:
    return _Kind(scope, client.application.environment, client.installation is not None)


def _installation_of(client: Client) -> int:
    return client.installation.pk if client.installation else 0


@cache
def _order_asked(kind: _Kind, hold: bool) -> Prepared[Order]:
    def build(partner: int, installation: int, order_id: str) -> QuerySet[Order]:
        mine = kind.orders(partner, installation).filter(public_id=order_id)
        rows = mine.select_related("result_schema", "organization").defer("result_schema__text")
        return locked(rows) if hold else rows

    return Prepared(build)


@cache
def _orders_asked(kind: _Kind) -> Prepared[Order]:
    def build(partner: int, installation: int, ids: list[str]) -> QuerySet[Order]:
        return locked(kind.orders(partner, installation).filter(public_id__in=ids)).order_by("public_id")

    return Prepared(build)


_organizations: Prepared[Organization] = Prepared(lambda pks: Organization.objects.filter(pk__in=pks))
_schemas: Prepared[ResultSchema] = Prepared(lambda pks: ResultSchema.objects.filter(pk__in=pks).defer("text"))


def locked(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Held until the transaction ends. Not FOR UPDATE: rows that refer to these may be written meanwhile."""
    return orders.select_for_update(no_key=True, of=("self",))


def orders_of(partner: Partner) -> QuerySet[Order]:
    """For the partner's own people, in both environments; a removed Installation took its orders along."""
    return Order.objects.filter(partner=partner, is_told=True).exclude(installation__status=Installation.Status.REMOVED)


def queue_of(client: Caller) -> QuerySet[Order]:
    """The orders a program may read now: for a partner those of paused Installations are left out.

    Whose they are is said once more by a column of the orders themselves: the indexes of queue and feed begin with it.
    """
    rows = orders_visible_to(client)
    if not isinstance(client, Client):
        return rows
    return rows.filter(installation__status=Installation.Status.ACTIVE, partner=client.partner)


def backfills_visible_to(viewer: Viewer) -> QuerySet[Backfill]:
    """For a member: all of the organization. For a client: of the Installations where it may post results."""
    if not isinstance(viewer, Client):
        return Backfill.objects.filter(organization=viewer.organization_id)
    return Backfill.objects.filter(installation__in=reachable_installations(viewer, "results:write"))


def backfills_to_review(viewer: Membership) -> QuerySet[Backfill]:
    """What waits for a person of the organization, oldest first."""
    return backfills_visible_to(viewer).filter(state=Backfill.State.WAITING).order_by("id")


def erasures_visible_to(viewer: Membership) -> QuerySet[Erasure]:
    """All of the organization."""
    return Erasure.objects.filter(organization=viewer.organization_id)


def notices_visible_to(client: Client, scope: str) -> QuerySet[ErasureNotice]:
    """The erasures that concern the client, of removed Installations too: what it holds outlives them.

    Nothing about a person is in them, so that the token's own scope is enough.
    """
    if scope not in client.scopes:
        return ErasureNotice.objects.none()
    is_sandbox = client.application.environment == Environment.SANDBOX
    rows = ErasureNotice.objects.filter(partner=client.partner, erasure__organization__is_sandbox=is_sandbox)
    return rows.filter(installation=client.installation) if client.installation else rows


def attachments_visible_to(viewer: Viewer) -> QuerySet[Attachment]:
    """Reports of the orders that the viewer sees.

    A file declares no audience. Where the order's schema restricts anything, the report may repeat just that, so it
    is for admins only, as every undeclared value of such a result is; and for the organization's programs, which see
    what an admin sees.
    """
    if isinstance(viewer, Client):
        return Attachment.objects.filter(order__in=orders_visible_to(viewer))
    rows = Attachment.objects.filter(organization=viewer.organization_id)
    if isinstance(viewer, OrganizationClient) or viewer.role == Role.ADMIN:
        return rows
    # As EXISTS, of the order of each report: not of all orders of the organization.
    restricting = ResultSchema.objects.filter(restricts=True)
    by_order = restricting.filter(orders=OuterRef("order"))
    by_result = restricting.filter(results__order=OuterRef("order"))
    return rows.filter(~Exists(by_order), ~Exists(by_result))


def types_visible_to(client: Client) -> QuerySet[AssessmentType]:
    """The partner's catalogue, retired types too."""
    return AssessmentType.objects.filter(partner=client.partner)


def orderable_types(viewer: Membership | OrganizationClient) -> QuerySet[AssessmentType]:
    """What an organization can order now: types on offer of the partners at work there."""
    at_work = Installation.objects.filter(
        organization=viewer.organization_id, status=Installation.Status.ACTIVE
    ).exclude(partner__status=Partner.Status.SUSPENDED)
    return AssessmentType.objects.filter(partner__in=at_work.values("partner"), retired_at=None)


def checks_visible_to(member: Membership) -> QuerySet[PartnerCheck]:
    """The organization's, with what their reports show."""
    rows = PartnerCheck.objects.filter(installation__organization=member.organization_id)
    return rows.select_related("installation__partner", "installation__organization", "order", "cancelled_order")
