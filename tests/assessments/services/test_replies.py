"""How deliveries of an order end is read for the order's sake."""

from __future__ import annotations

import pytest

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import orders
from assessments.services.replies import OrderPlaced
from core.http import Reply
from core.models import AuditRecord
from partners.delivery import outbox, readers
from partners.delivery.readers import Outcome, Reading
from partners.models import Delivery
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db


def settle(delivery: Delivery, state: str) -> None:
    readers.reader_of("order.placed").settled(delivery, state)


def owed(order: Order) -> Delivery:
    """The delivery of its newest order.placed."""
    return Delivery.objects.filter(event__subject=order.public_id, event__topic="order.placed").latest("pk")


def test_floor_two_is_told_who_reads_the_replies_to_orders() -> None:
    assert isinstance(readers.reader_of("order.placed"), OrderPlaced)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>no</html>"])
def test_any_reply_of_2xx_settles_the_delivery_and_only_that(shop: Shop, body: bytes) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    reply = Reply(status=200, headers={}, body=body, truncated=False, elapsed_ms=1)
    assert OrderPlaced().read(owed(order), reply) == Reading(Outcome.DELIVERED)
    settle(owed(order), Delivery.State.DELIVERED)
    assert scene.reread(order).status == "requested"


def test_an_order_that_could_not_be_brought_has_failed_and_says_why(shop: Shop) -> None:
    order = scene.place(shop)
    scene.give_up(order, note="Given up after 10 attempts.")
    order = scene.reread(order)
    assert (order.status, order.reason) == (
        "failed",
        "It could not be brought to CodeForge. Given up after 10 attempts.",
    )
    assert AuditRecord.objects.filter(subject=order.public_id, verb="order.failed").count() == 1


def test_an_order_that_the_partner_answered_meanwhile_has_not_failed(shop: Shop) -> None:
    order = scene.in_status(shop, Status.SENT)
    scene.give_up(order)
    assert scene.reread(order).status == "sent"


def test_an_unclear_delivery_changes_what_the_page_shows_not_the_status(shop: Shop) -> None:
    order = scene.place(shop)
    scene.give_up(order, state=Delivery.State.UNCLEAR)
    after = scene.reread(order)
    assert (after.status, after.updated_at > order.updated_at) == ("requested", True)


def test_how_an_older_event_ends_says_nothing_after_a_resend(shop: Shop) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    scene.give_up(order)
    older = owed(order)
    orders.resend(scene.reread(order), actor="tests")
    outbox.redeliver(older, actor="support")
    settle(older, Delivery.State.GIVEN_UP)
    assert scene.reread(order).status == "requested"


def test_a_reply_about_what_is_no_order_of_ours_is_passed_over(shop: Shop, order: Order) -> None:
    scene.give_up(order, state=Delivery.State.DELIVERED)
    delivery = owed(order)
    delivery.event.subject = "ord_unknown"
    settle(delivery, Delivery.State.GIVEN_UP)
    assert scene.reread(order).status == "requested"
