"""The sweep: what a lost wake-up or a dead worker left behind is found, cheaply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.http import Reply
from partners.delivery import claims, outbox, readers, retry
from partners.delivery.breaker import THRESHOLD
from partners.delivery.readers import Outcome, Reading
from partners.delivery.tasks import sweep
from partners.models import Delivery, Endpoint, Installation
from tests.partners.delivery import scene
from tests.partners.delivery.wakeups import Wakeups

pytestmark = pytest.mark.django_db


class Listener(readers.TakesAny):
    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        self.windows: dict[str, readers.Window] = {}

    def next_window(self, delivery: Delivery) -> readers.Window | None:
        return self.windows.get(delivery.event.subject)

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        return Reading(Outcome.DELIVERED)

    def settled(self, delivery: Delivery, state: str) -> None:
        self.told.append((delivery.event.subject, state, delivery.note))


@pytest.fixture
def listener() -> Iterator[Listener]:
    reader = Listener()
    readers.register("test.topic", reader)
    yield reader
    del readers._readers["test.topic"]


@pytest.fixture
def installation() -> Installation:
    return scene.installation(scene.partner())


@pytest.fixture
def endpoint(installation: Installation) -> Endpoint:
    return scene.endpoint(installation.partner)


def ago(**span: float) -> Any:
    return timezone.now() - timedelta(**span)


def test_what_was_not_sent_in_time_waits_for_its_next_time_or_is_withdrawn(
    installation: Installation, endpoint: Endpoint, listener: Listener
) -> None:
    wanted, unwanted, in_time, whenever = (
        scene.owed(installation, f"ord_{number}", topic="test.topic", expires_at=moment)
        for number, moment in enumerate((ago(minutes=1), ago(minutes=1), ago(minutes=-1), None))
    )
    later = readers.Window(begins_at=ago(hours=-10), ends_at=ago(hours=-22))
    listener.windows[wanted.event.subject] = later
    sweep()
    wanted.refresh_from_db()
    assert (wanted.state, wanted.next_at, wanted.expires_at) == ("due", later.begins_at, later.ends_at)
    unwanted.refresh_from_db()
    assert (unwanted.state, unwanted.note) == ("withdrawn", "Its time was over.")
    assert listener.told == [(unwanted.event.subject, "withdrawn", "Its time was over.")]
    assert {one.delivery for one in claims.claim(room=9, busy={})} == {in_time, whenever}


def test_what_waits_for_its_time_is_not_brought_forward(installation: Installation, endpoint: Endpoint) -> None:
    delivery = scene.owed(installation, "ord_1", expires_at=ago(hours=-22))
    Delivery.objects.update(next_at=ago(hours=-10), attempt_count=2)
    assert outbox.resume_endpoint(endpoint) == 0
    outbox.redeliver(delivery, actor=None)
    delivery.refresh_from_db()
    assert delivery.next_at > timezone.now()


def test_what_is_due_is_woken(installation: Installation, endpoint: Endpoint, wakeups: Wakeups) -> None:
    scene.owed(installation)
    sweep()
    assert wakeups.wait_for(1) == 1


def test_where_nothing_can_be_sent_nobody_is_woken(
    installation: Installation, endpoint: Endpoint, wakeups: Wakeups, django_assert_num_queries: Any
) -> None:
    sweep()
    scene.owed(installation)
    Endpoint.objects.update(enabled=False)
    with django_assert_num_queries(4):
        sweep()
    assert wakeups.wait_for(1, seconds=0.3) == 0


def test_what_may_not_be_repeated_and_died_with_its_worker_is_unclear(
    installation: Installation, endpoint: Endpoint, listener: Listener
) -> None:
    scene.owed(installation, "once", topic="test.topic", repeatable=False)
    scene.owed(installation, "again", topic="test.topic")
    assert len(claims.claim(room=2, busy={})) == 2
    sweep()
    assert listener.told == []
    Delivery.objects.update(claimed_until=ago(seconds=1))
    sweep()
    note = "The sending was cut off on our side; whether it arrived is not known."
    rows = {row.event.subject: (row.state, row.note) for row in Delivery.objects.select_related("event")}
    assert rows == {"once": ("unclear", note), "again": ("due", "")}
    assert listener.told == [("once", "unclear", note)]


def test_what_waited_behind_a_dead_endpoint_for_the_whole_schedule_is_given_up(
    installation: Installation, endpoint: Endpoint, listener: Listener
) -> None:
    old = scene.owed(installation, "old", topic="test.topic")
    scene.owed(installation, "new", topic="test.topic")
    Delivery.objects.filter(pk=old.pk).update(next_at=timezone.now() - retry.LIFETIME - timedelta(minutes=1))
    sweep()
    assert listener.told == []
    Endpoint.objects.update(consecutive_failures=THRESHOLD, open_until=timezone.now() + timedelta(minutes=5))
    sweep()
    rows = {row.event.subject: row.state for row in Delivery.objects.select_related("event")}
    assert rows == {"old": "given_up", "new": "due"}
    assert listener.told == [("old", "given_up", "Given up: its endpoint has failed for longer than 83 hours.")]


def test_what_waits_at_a_disabled_endpoint_is_not_given_up(
    installation: Installation, endpoint: Endpoint, listener: Listener
) -> None:
    scene.owed(installation, topic="test.topic")
    Delivery.objects.update(next_at=ago(days=30))
    Endpoint.objects.update(enabled=False, consecutive_failures=THRESHOLD)
    sweep()
    assert Delivery.objects.get().state == "due"
