"""The whole table of the lifecycle, walked through the services: every status by every trigger, as a partner, a person
or beat brings it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.errors import IllegalTransition
from assessments.lifecycle import TABLE, Status, Trigger, Verdict
from assessments.models import Order, OrderUpdate
from assessments.services import expiry, orders
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db

# What the update of each verdict says of itself.
OUTCOMES = {Verdict.STALE: "ignored", Verdict.KEPT: "ignored", Verdict.ILLEGAL: "refused"}


def told(order: Order, trigger: Trigger) -> OrderUpdate:
    """The trigger, as the partner brings it."""
    if trigger is Trigger.AMENDED:
        return scene.post(order, {"score": 12}, kind="amended", reason="Re-scored.").update
    if trigger is Trigger.COMPLETED:
        return scene.post(order, {"score": 13}, kind="final", reason="Re-scored.").update
    # With a note, so that it is not what brought the order here, told twice.
    return scene.tell(order, trigger.value, note="Told now.")


@pytest.mark.parametrize("status", list(Status))
def test_every_cell_of_a_row_is_what_the_services_do(shop: Shop, subtests: pytest.Subtests, status: Status) -> None:
    for trigger in Trigger:
        with subtests.test(trigger.value):
            order, cell = scene.in_status(shop, status), TABLE[status, trigger]
            _bring(order, status, trigger, cell)
            assert scene.reread(order).status == (status if isinstance(cell, Verdict) else cell)


def _bring(order: Order, status: Status, trigger: Trigger, cell: Status | Verdict) -> None:
    if trigger is Trigger.GAVE_UP:
        scene.give_up(order)
    elif trigger is not Trigger.RESENT:
        _as_the_partner(order, status, trigger, cell)
    elif cell is Verdict.ILLEGAL:
        with pytest.raises(IllegalTransition):
            orders.resend(order, actor="tests")
    else:
        orders.resend(order, actor="tests")


def _as_the_partner(order: Order, status: Status, trigger: Trigger, cell: Status | Verdict) -> None:
    update = told(order, trigger)
    # It moves nothing, and is heard as the answer to our own cancellation.
    if (status, trigger) == (Status.CANCELLED, Trigger.CANCELLED):
        assert (update.outcome, scene.reread(order).cancellation) == ("applied", "acknowledged")
        return
    # The one pair in which the service picks another trigger: a final document after a final one is an amendment.
    if (status, trigger) == (Status.COMPLETED, Trigger.COMPLETED):
        assert (update.outcome, order.results.get(revision=2).kind) == ("applied", "amended")
    else:
        assert update.outcome == (OUTCOMES[cell] if isinstance(cell, Verdict) else "applied")


@pytest.mark.parametrize("status", list(Status))
def test_a_person_cancels_what_has_not_ended(shop: Shop, status: Status) -> None:
    order = scene.in_status(shop, status)
    if TABLE[status, Trigger.CANCELLED] is Status.CANCELLED:
        orders.cancel(order, actor="tests")
        assert (scene.reread(order).status, order.cancellation) == ("cancelled", "asked")
    else:
        with pytest.raises(IllegalTransition, match=f"The order is {status}"):
            orders.cancel(order, actor="tests")


@pytest.mark.parametrize("status", list(Status))
def test_beat_expires_what_is_under_way(shop: Shop, status: Status) -> None:
    order = scene.in_status(shop, status)
    Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    expected = TABLE[status, Trigger.EXPIRED]
    expiry.expire_due()
    assert scene.reread(order).status == (status if isinstance(expected, Verdict) else expected)


def test_a_late_result_of_an_ended_order_is_a_late_revision(shop: Shop) -> None:
    for status in (Status.CANCELLED, Status.EXPIRED, Status.DECLINED):
        order = scene.in_status(shop, status)
        recorded = scene.post(order)
        assert recorded.result is not None
        assert (recorded.result.is_late, recorded.result.revision, recorded.update.outcome) == (True, 1, "ignored")
        # Lists go by the order, and the order has ended otherwise.
        assert (scene.reread(order).status, scene.reread(order).outcome) == (status, "none")
