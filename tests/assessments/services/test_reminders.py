"""Reminders: when one is due, whom it waits for, and what ends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from assessments.lifecycle import Status
from assessments.models import AssessmentType, Order
from assessments.services import orders, reminders
from assessments.tasks import remind_candidates
from core.models import Application, Candidate
from core.services import hiring
from partners.delivery import claims
from partners.delivery.tasks import sweep
from partners.models import Delivery, Event
from partners.services import installations, onboarding
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

pytestmark = pytest.mark.django_db

# A Tuesday.
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def reminded(order: Order) -> int:
    return Event.objects.filter(subject=order.public_id, topic="order.reminder_due").count()


def schedule(order: Order) -> tuple[int, datetime | None]:
    order.refresh_from_db()
    return order.reminders, order.remind_at


def test_a_candidate_who_does_not_start_is_reminded_twice_and_no_more(
    shop: Shop, clock: time_machine.Traveller
) -> None:
    order = scene.place(shop)
    assert schedule(order) == (0, NOON + timedelta(days=3))
    clock.move_to(NOON + timedelta(days=3, seconds=-1))
    assert reminders.remind_due() == 0
    clock.move_to(NOON + timedelta(days=3))
    remind_candidates()
    assert reminded(order) == 1
    # Three days after that Friday is a Monday.
    assert schedule(order) == (1, NOON + timedelta(days=6))
    clock.move_to(NOON + timedelta(days=6))
    assert [reminders.remind_due() for _ in range(2)] == [1, 0]
    assert schedule(order) == (2, None)
    clock.move_to(NOON + timedelta(days=60))
    assert (reminders.remind_due(), reminded(order)) == (0, 2)


def test_a_type_says_after_how_many_days_and_none_is_never(shop: Shop) -> None:
    AssessmentType.objects.update(remind_after_days=1)
    assert schedule(scene.place(shop)) == (0, NOON + timedelta(days=1))
    AssessmentType.objects.update(remind_after_days=0)
    assert schedule(scene.place(shop)) == (0, None)


def test_a_type_that_wants_none_any_more_gets_none(shop: Shop, clock: time_machine.Traveller) -> None:
    order = scene.place(shop)
    AssessmentType.objects.update(remind_after_days=0)
    clock.move_to(NOON + timedelta(days=3))
    assert reminders.remind_due() == 0
    assert schedule(order) == (0, None)


@pytest.mark.parametrize(
    "status", [Status.STARTED, Status.COMPLETED, Status.DECLINED, Status.CANCELLED, Status.FAILED, Status.EXPIRED]
)
def test_who_has_started_or_need_not_any_more_is_not_reminded(
    shop: Shop, clock: time_machine.Traveller, status: Status
) -> None:
    order = scene.in_status(shop, status)
    clock.move_to(NOON + timedelta(days=3))
    assert (reminders.remind_due(), reminded(order)) == (0, 0)


def test_who_accepted_is_reminded_like_who_has_not_answered(shop: Shop, clock: time_machine.Traveller) -> None:
    order = scene.in_status(shop, Status.SENT)
    clock.move_to(NOON + timedelta(days=3))
    assert (reminders.remind_due(), reminded(order)) == (1, 1)


@pytest.mark.parametrize("kind", ["started", "accepted", "declined", "cancelled"])
def test_an_answer_takes_back_a_reminder_that_is_still_on_its_way(
    shop: Shop, clock: time_machine.Traveller, kind: str
) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    clock.move_to(NOON + timedelta(days=3))
    reminders.remind_due()
    scene.tell(order, kind, message="So it is.")
    rows = Delivery.objects.filter(event__subject=order.public_id, event__topic="order.reminder_due")
    assert list(rows.values_list("state", flat=True)) == ["withdrawn"]


def test_a_result_takes_it_back_too(shop: Shop, clock: time_machine.Traveller) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    clock.move_to(NOON + timedelta(days=3))
    reminders.remind_due()
    scene.post(order)
    rows = Delivery.objects.filter(event__subject=order.public_id, event__topic="order.reminder_due")
    assert list(rows.values_list("state", flat=True)) == ["withdrawn"]


def test_at_night_and_at_the_weekend_there_it_waits_for_the_morning(shop: Shop, clock: time_machine.Traveller) -> None:
    order = scene.place(shop)
    # She has moved: there it is night by then.
    Candidate.objects.update(time_zone="Asia/Tokyo")
    clock.move_to(NOON + timedelta(days=3))
    assert reminders.remind_due() == 0
    # Friday 21:00 in Tokyo; Monday 8:00 there is Sunday 23:00 in UTC.
    morning = datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert schedule(order) == (0, morning)
    clock.move_to(morning)
    assert (reminders.remind_due(), reminded(order)) == (1, 1)


def owed(order: Order) -> Delivery:
    return Delivery.objects.get(event__subject=order.public_id, event__topic="order.reminder_due")


def would_be_sent() -> list[Delivery]:
    claimed = [claim.delivery for claim in claims.claim(room=9, busy={})]
    return [delivery for delivery in claimed if delivery.event.topic == "order.reminder_due"]


def test_one_that_could_not_be_delivered_by_day_waits_for_the_next_good_hour_and_is_not_counted_twice(
    shop: Shop, clock: time_machine.Traveller
) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    Candidate.objects.update(time_zone="Europe/Lisbon")
    clock.move_to(NOON + timedelta(days=3))
    assert reminders.remind_due() == 1
    delivery = owed(order)
    # An attempt failed at noon on that Friday; the next one would come after ten hours.
    Delivery.objects.update(next_at=NOON + timedelta(days=3, hours=10), attempt_count=7)
    for moment in (timedelta(days=3, hours=10), timedelta(days=4), timedelta(days=5, hours=12)):
        clock.move_to(NOON + moment)
        sweep()
        assert would_be_sent() == []
    monday = datetime(2026, 11, 30, 8, tzinfo=UTC)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.next_at, delivery.expires_at) == ("due", monday, monday + timedelta(hours=12))
    assert (reminded(order), schedule(order)[0]) == (1, 1)
    clock.move_to(monday)
    assert would_be_sent() == [delivery]


@pytest.mark.parametrize("ends", ["started", "closed"])
def test_one_that_nobody_wants_by_the_next_good_hour_is_withdrawn(
    shop: Shop, world: World, clock: time_machine.Traveller, ends: str
) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    clock.move_to(NOON + timedelta(days=3))
    reminders.remind_due()
    if ends == "started":
        scene.tell(order, "started")
    else:
        hiring.decide(world.application, Application.Status.REJECTED, actor=world.recruiter.user)
    clock.move_to(NOON + timedelta(days=3, hours=9))
    sweep()
    assert owed(order).state == "withdrawn"


def test_a_pause_holds_a_reminder_that_is_owed(shop: Shop, world: World, clock: time_machine.Traveller) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    clock.move_to(NOON + timedelta(days=3))
    reminders.remind_due()
    installations.pause(shop.installation, actor=world.admin.user)
    assert owed(order) not in would_be_sent()
    clock.move_to(NOON + timedelta(days=3, hours=10))
    installations.resume(shop.installation, actor=world.admin.user)
    sweep()
    assert would_be_sent() == []
    clock.move_to(NOON + timedelta(days=5, hours=20))
    assert would_be_sent() == [owed(order)]


def test_nothing_is_said_while_anything_rests_and_it_is_said_afterwards(
    shop: Shop, world: World, clock: time_machine.Traveller
) -> None:
    order = scene.place(shop)
    clock.move_to(NOON + timedelta(days=3))
    installations.pause(shop.installation, actor=world.admin.user)
    assert reminders.remind_due() == 0
    installations.resume(shop.installation, actor=world.admin.user)
    onboarding.suspend(shop.partner, actor="support")
    assert reminders.remind_due() == 0
    onboarding.reinstate(shop.partner, actor="support")
    hiring.decide(world.application, Application.Status.REJECTED, actor=world.recruiter.user)
    assert reminders.remind_due() == 0
    hiring.decide(world.application, Application.Status.ACTIVE, actor=world.recruiter.user)
    assert (reminders.remind_due(), reminded(order)) == (1, 1)


def test_what_is_sent_again_begins_again(shop: Shop, clock: time_machine.Traveller) -> None:
    order = scene.in_status(shop, Status.FAILED)
    clock.move_to(NOON + timedelta(days=3))
    orders.resend(order, actor="tests")
    assert schedule(order) == (0, NOON + timedelta(days=6))


def test_an_order_that_was_read_before_another_beat_took_it_is_not_taken_again(
    shop: Shop, clock: time_machine.Traveller
) -> None:
    order = scene.place(shop)
    clock.move_to(NOON + timedelta(days=3))
    one, other = scene.reread(order), scene.reread(order)
    assert [reminders._remind(one), reminders._remind(other)] == [True, False]
    assert reminded(order) == 1
