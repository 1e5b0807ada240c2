"""Cancelling as a conversation: what each answer of the partner makes of it, and what is no answer."""

from __future__ import annotations

import pytest
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import orders
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db


def conversation(order: Order) -> tuple[str, str, str]:
    row = Order.objects.get(pk=order.pk)
    return row.status, row.cancellation, row.cancellation_answer


def test_a_partner_that_stops_acknowledges(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    assert conversation(order) == ("cancelled", "asked", "")
    assert scene.tell(order, "cancelled", note="The invitation is void.").outcome == "applied"
    assert conversation(order) == ("cancelled", "acknowledged", "The invitation is void.")


def test_a_partner_that_cannot_stop_says_that_it_is_too_late(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    assert scene.tell(order, "cancel_refused", message="She is half through.").outcome == "applied"
    assert conversation(order) == ("cancelled", "too_late", "She is half through.")


def test_a_note_meanwhile_is_heard_and_leaves_it_open(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    scene.tell(order, "note", note="We are looking.")
    assert conversation(order) == ("cancelled", "asked", "We are looking.")
    scene.tell(order, "cancelled")
    scene.tell(order, "note", note="Have a nice day.")
    assert conversation(order) == ("cancelled", "acknowledged", "We are looking.")


def test_a_final_result_all_the_same_was_too_late_and_is_kept(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    recorded = scene.post(order)
    assert recorded.result is not None
    assert (recorded.result.is_late, conversation(order)) == (True, ("cancelled", "too_late", ""))


def test_a_result_after_the_acknowledgement_was_too_late_as_well(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    scene.tell(order, "cancelled", note="We have stopped.")
    assert scene.post(order, kind="partial").result is None
    assert conversation(order) == ("cancelled", "acknowledged", "We have stopped.")
    scene.post(scene.reread(order))
    assert conversation(order) == ("cancelled", "too_late", "")
    assert scene.tell(scene.reread(order), "cancel_refused", message="It was done.").outcome == "applied"
    assert conversation(order) == ("cancelled", "too_late", "It was done.")


def test_the_last_answer_counts_and_a_repeat_that_says_when_it_was_does_not(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    at = timezone.now()
    scene.tell(order, "cancel_refused", message="Too late.", occurred_at=at)
    scene.tell(order, "cancelled", note="We could stop it after all.")
    again = scene.tell(scene.reread(order), "cancel_refused", message="Too late.", occurred_at=at)
    assert again.outcome == "applied"
    assert conversation(order) == ("cancelled", "acknowledged", "We could stop it after all.")
    assert order.updates.count() == 2


def test_an_answer_that_was_given_before_is_the_last_one_when_it_is_given_again(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    scene.tell(order, "cancelled", message="Stopped.")
    scene.tell(scene.reread(order), "cancel_refused", message="Too late.")
    assert scene.tell(scene.reread(order), "cancelled", message="Stopped.").outcome == "applied"
    assert conversation(order) == ("cancelled", "acknowledged", "Stopped.")
    scene.tell(scene.reread(order), "cancelled", message="Stopped.")
    assert order.updates.count() == 3


def test_a_refusal_that_came_too_early_counts_when_it_is_told_again(shop: Shop) -> None:
    order = scene.place(shop)
    scene.tell(order, "cancel_refused", message="Too late.")
    orders.cancel(scene.reread(order), actor="tests")
    assert scene.tell(scene.reread(order), "cancel_refused", message="Too late.").outcome == "applied"
    assert conversation(order) == ("cancelled", "too_late", "Too late.")


@pytest.mark.parametrize("status", [Status.REQUESTED, Status.STARTED, Status.COMPLETED])
def test_nobody_refuses_what_nobody_asked(shop: Shop, status: Status) -> None:
    order = scene.in_status(shop, status)
    assert scene.tell(order, "cancel_refused", message="Too late.").outcome == "refused"
    assert conversation(order) == (status, "none", "")


def test_what_the_partner_cancelled_by_itself_is_no_conversation(shop: Shop) -> None:
    order = scene.place(shop)
    scene.tell(order, "cancelled", note="The candidate withdrew.")
    scene.tell(order, "note", note="Sorry.")
    assert conversation(order) == ("cancelled", "none", "")
    assert Order.objects.get(pk=order.pk).reason == "The candidate withdrew."


def test_both_sides_at_once_is_one_cancellation(shop: Shop) -> None:
    """The partner's own `cancelled`, on its way while ours was made, acknowledges it."""
    order = scene.place(shop)
    orders.cancel(scene.reread(order), actor="tests", reason="The job is filled.")
    scene.tell(order, "cancelled", note="The candidate withdrew.")
    assert conversation(order) == ("cancelled", "acknowledged", "The candidate withdrew.")
    assert Order.objects.get(pk=order.pk).reason == "The job is filled."
