"""What the candidate profile shows of each Order: the order, its newest result as a view-model, what may be done.

A fixed number of queries whatever the number of orders and results. Nothing here writes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from msgspec.json import decode

from assessments import attempts, topics
from assessments.lifecycle import OPEN, Status, Trigger, may
from assessments.models import Attachment, Order, Result
from assessments.rendering.builder import build, build_top
from assessments.rendering.diff import ChangeRow, changes
from assessments.rendering.viewmodel import ResultView
from assessments.selectors import attachments_visible_to
from assessments.services import catalogue
from assessments.services.orders import REMOVED
from core.models import Membership
from core.permissions import may_order
from core.prepared import Prepared
from partners.models import Delivery, Event

# A type without a schema, or a document from before one: every leaf is still shown.
NO_SCHEMA: dict[str, Any] = {"type": "object"}
REASONS = {REMOVED: "The partner was removed from your organization."}


def schema_of(result: Result) -> dict[str, Any]:
    """The schema that validated it, parsed: the same object for every result of it, to be read only."""
    return _parsed(catalogue.text_of(result.result_schema)) if result.result_schema else NO_SCHEMA


@lru_cache(maxsize=32)
def _parsed(text: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(text)
    return schema


def top_of(result: Result, role: str) -> ResultView:
    """Its headlines and outcome as this role may see them: many cards of one page show no more."""
    return build_top(schema_of(result), decode(result.document), role)


def view_of(result: Result, role: str) -> ResultView:
    """The result as this role may see it."""
    return build(schema_of(result), decode(result.document), role)


def changes_of(result: Result, role: str) -> tuple[ChangeRow, ...]:
    """What this revision changed against the one before it, as this role may see it. One query."""
    rows = Result.objects.filter(order=result.order_id, revision=result.revision - 1)
    before = rows.select_related("result_schema").first()
    if before is None:
        return ()
    old, new = decode(before.document), decode(result.document)
    return changes(schema_of(before), old, schema_of(result), new, role)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One order on a page. ``result`` is the newest revision, if any; ``attachments`` those the viewer may see."""

    order: Order
    viewer: Membership
    result: Result | None
    #: What stands at its top, whether or not the card is open.
    top: ResultView | None
    attachments: tuple[Attachment, ...]
    #: Nobody can tell whether the partner has it: a person chooses on the order's page.
    is_unclear: bool
    #: Whether it is the attempt that counts; None where there is no other, and where nobody is to know.
    counts: bool | None

    @cached_property
    def view(self) -> ResultView | None:
        return view_of(self.result, self.viewer.role) if self.result else None

    @property
    def revisions(self) -> int:
        return self.result.revision if self.result else 0

    @property
    def is_amended(self) -> bool:
        return self.result is not None and self.result.kind == Result.Kind.AMENDED

    @cached_property
    def changes(self) -> tuple[ChangeRow, ...]:
        """What the amendment changed; asked for by the open card alone, for it costs a query."""
        return changes_of(self.result, self.viewer.role) if self.result else ()

    @property
    def is_live(self) -> bool:
        """Whether the page keeps asking for progress."""
        return Status(self.order.status) in OPEN and self.order.status != Status.FAILED

    @property
    def may_order(self) -> bool:
        return may_order(self.viewer)

    @property
    def may_cancel(self) -> bool:
        return self._may_move and may(Status(self.order.status), Trigger.CANCELLED)

    @property
    def may_resend(self) -> bool:
        return self._may_move and may(Status(self.order.status), Trigger.RESENT)

    @property
    def _may_move(self) -> bool:
        return self.may_order and self.order.purged_at is None

    @cached_property
    def valid_until(self) -> datetime | None:
        return attempts.valid_until_of(self.order)

    @property
    def is_outdated(self) -> bool:
        return self.valid_until is not None and self.valid_until <= timezone.now()

    @property
    def reason(self) -> str:
        """Why it ended, in words for a person."""
        return REASONS.get(self.order.reason, self.order.reason)

    @property
    def etag(self) -> str:
        """Changes with everything the card shows."""
        changed = f"{self.order.status}-{self.order.updated_at.timestamp()}-{self.revisions}"
        return f'"{changed}-{int(self.is_unclear)}-{self.viewer.role}"'


def cards(orders: Sequence[Order], viewer: Membership, *, are_all: bool = False) -> list[Card]:
    """A card for each order, in the order given; ``orders`` bring what they refer to.

    At most four queries, three where the orders ``are_all`` that their candidates have, and no more than one of them
    where none ``has_attachments``; and one for each schema that this process has not seen lately.
    """
    newest, reports, unclear = newest_results(orders), _attachments(orders, viewer), unclear_orders(orders)
    counted = attempts.counted(orders, viewer.role, among=newest if are_all else None)
    results = {order.pk: newest[order.pk] for order in orders if order.pk in newest and order.purged_at is None}
    # One after the other, and not each when it is drawn: so the processor has at hand what it takes to make one.
    tops = {pk: top_of(result, viewer.role) for pk, result in results.items()}
    return [
        Card(
            order=order,
            viewer=viewer,
            result=results.get(order.pk),
            top=tops.get(order.pk),
            attachments=tuple(reports[order.pk]),
            is_unclear=order.public_id in unclear,
            counts=counted.get(order.pk),
        )
        for order in orders
    ]


def card(order: Order, viewer: Membership) -> Card:
    return cards([order], viewer)[0]


def newest_results(orders: Iterable[Order]) -> dict[int, Result]:
    """The newest revision of each order, by order id: one query."""
    return {row.order_id: row for row in _newest.all([order.pk for order in orders])}


def unclear_orders(orders: Iterable[Order]) -> frozenset[str]:
    """The public ids of those whose newest delivery left it open whether the partner has them: one query."""
    waiting = [order.public_id for order in orders if order.status == Status.REQUESTED]
    if not waiting:
        return frozenset()
    about = Event.objects.filter(subject=OuterRef("event__subject"), topic=topics.ORDER_PLACED.name)
    rows = Delivery.objects.filter(
        event__subject__in=waiting,
        event=Subquery(about.order_by("-pk").values("pk")[:1]),
        state=Delivery.State.UNCLEAR,
    )
    return frozenset(rows.values_list("event__subject", flat=True))


def _attachments(orders: Iterable[Order], viewer: Membership) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    # Who read the orders may know already that some have none.
    asked = [order.pk for order in orders if getattr(order, "has_attachments", True)]
    for row in _reports(viewer.role).all(viewer.organization_id, asked):
        found[row.order_id].append(row)
    return found


def _newest_of(orders: list[int]) -> QuerySet[Result]:
    newest = Result.objects.filter(order=OuterRef("order")).order_by("-revision").values("pk")[:1]
    rows = Result.objects.filter(order__in=orders, pk=Subquery(newest)).order_by()
    return rows.select_related("result_schema").defer(*_NOT_SHOWN)


# Of a result, and of its schema; the schema's text is long and kept (catalogue.text_of).
_NOT_SHOWN = (
    "digest",
    "organization",
    "outcome_audience",
    "report_url",
    "result_schema__assessment_type",
    "result_schema__created_at",
    "result_schema__published_at",
    "result_schema__state",
    "result_schema__text",
)


_newest: Prepared[Result] = Prepared(_newest_of)


@cache
def _reports(role: str) -> Prepared[Attachment]:
    """:func:`attachments_visible_to` itself, asked once for each role."""

    def build(organization: int, orders: list[int]) -> QuerySet[Attachment]:
        viewer = Membership(organization_id=organization, role=role)
        return attachments_visible_to(viewer).filter(order__in=orders).order_by("pk")

    return Prepared(build)
