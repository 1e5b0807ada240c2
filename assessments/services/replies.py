"""How the delivery of an order ended, read for the order's sake; floor 2 calls it through its door."""

from __future__ import annotations

from assessments.lifecycle import Trigger
from assessments.models import Order
from assessments.services.transitions import lock, move, touch
from core.http import Reply
from partners.delivery.readers import Outcome, Reading
from partners.models import Delivery, Event

LOST = frozenset({Delivery.State.GIVEN_UP, Delivery.State.REFUSED})


class OrderPlaced:
    """In the native dialect a 2xx settles the delivery only: the partner accepts by a call of its own."""

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        return Reading(Outcome.DELIVERED)

    def settled(self, delivery: Delivery, state: str) -> None:
        """A lost order has failed, unless the partner answered meanwhile; an unclear one waits for a person."""
        order = Order.objects.select_related("organization", "partner").filter(public_id=delivery.event.subject).first()
        if order is None:
            return
        lock(order)
        if order.purged_at is not None:
            return
        if state in LOST and _is_newest(delivery):
            move(order, Trigger.GAVE_UP, actor="delivery", reason=_reason(order, delivery))
        # Delivered, unclear or lost: its page shows it.
        touch(order)


def _is_newest(delivery: Delivery) -> bool:
    """After a resend, how the older event ended says nothing of the order."""
    newest = Event.objects.filter(subject=delivery.event.subject, topic=delivery.event.topic).order_by("-pk").first()
    return newest is not None and newest.pk == delivery.event_id


def _reason(order: Order, delivery: Delivery) -> str:
    return f"It could not be brought to {order.partner.name}. {delivery.note}".strip()[:500]
