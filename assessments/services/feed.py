"""The place of orders in their feed: given up by every change that a partner can see, given anew after the commit."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.models import Order
from core import feeds
from partners.delivery.wake import Bell
from partners.models import Installation

FEED = "orders"
# By name: the task's module imports the services, and they ring here.
NUMBER_ORDERS = "assessments.number_orders"

ring = Bell(NUMBER_ORDERS, pause=0.5).ring


def assign() -> int:
    """Numbers the orders that have no position; returns how many. Safe when several do it at once."""
    return feeds.number(FEED, Order.objects.all())


def changed() -> dict[str, Any]:
    """The columns that go with every change of an order, inside its transaction: it comes last in the feed again."""
    transaction.on_commit(ring)
    return columns()


def columns() -> dict[str, Any]:
    """The columns alone, for those who ring by themselves when it is written."""
    return {"updated_at": timezone.now(), "position": None}


def come_back(installation: Installation) -> None:
    """What its partner may read of these orders is another now, so each of them is news.

    A reader has gone past those that it could not see.
    """
    rows = Order.objects.filter(installation=installation)
    # In the order in which settlements take these rows.
    list(rows.order_by("public_id").select_for_update(no_key=True).values_list("pk"))
    rows.update(position=None)
    transaction.on_commit(ring)
