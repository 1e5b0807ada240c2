"""What the candidate profile shows of each Order: the order, its newest result as a view-model, what may be done.

A fixed number of queries whatever the number of orders and results. Nothing here writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import OuterRef, Subquery

from assessments.lifecycle import OPEN, Status, Trigger, may
from assessments.models import Order, Result
from assessments.rendering.builder import build
from assessments.rendering.viewmodel import ResultView

# A type without a schema, or a document from before one: every leaf is still shown.
NO_SCHEMA = {"type": "object"}


def view_of(result: Result, role: str) -> ResultView:
    """The result as this role may see it."""
    schema = json.loads(result.result_schema.text) if result.result_schema else NO_SCHEMA
    return build(schema, json.loads(result.document), role)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One order on a page. ``result`` is the newest revision, if any."""

    order: Order
    result: Result | None
    role: str
    revisions: int

    @cached_property
    def view(self) -> ResultView | None:
        return view_of(self.result, self.role) if self.result else None

    @property
    def is_live(self) -> bool:
        """Whether the page keeps asking for progress."""
        return Status(self.order.status) in OPEN and self.order.status != Status.FAILED

    @property
    def may_cancel(self) -> bool:
        return may(Status(self.order.status), Trigger.CANCELLED)

    @property
    def may_resend(self) -> bool:
        return may(Status(self.order.status), Trigger.RESENT)

    @property
    def etag(self) -> str:
        """Changes with everything the card shows."""
        newest = self.result.revision if self.result else 0
        return f'"{self.order.status}-{self.order.updated_at.timestamp()}-{newest}-{self.role}"'


def newest_results(orders: Iterable[Order]) -> dict[int, Result]:
    """The newest revision of each order, by order id: one query."""
    newest = Result.objects.filter(order=OuterRef("order")).order_by("-revision").values("pk")[:1]
    rows = Result.objects.filter(order__in=[order.pk for order in orders], pk=Subquery(newest))
    return {row.order_id: row for row in rows.select_related("result_schema")}


def cards(orders: Sequence[Order], role: str) -> list[Card]:
    """A card for each order, in the order given."""
    newest = newest_results(orders)
    return [_card(order, newest.get(order.pk), role) for order in orders]


def _card(order: Order, result: Result | None, role: str) -> Card:
    return Card(order=order, result=result, role=role, revisions=result.revision if result else 0)


def card(order: Order, role: str) -> Card:
    return cards([order], role)[0]
