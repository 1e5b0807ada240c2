"""Workers and services at the same moment, on PostgreSQL: nothing twice, nothing stuck."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.http import Reply
from core.models import Organization
from partners.delivery import claims, outbox, readers, settlement
from partners.delivery.breaker import THRESHOLD
from partners.delivery.readers import Outcome, Reading
from partners.delivery.tasks import Engine
from partners.models import Attempt, Delivery, Endpoint, Installation, Purpose
from tests.fakes.partner_server import PartnerServer, Visit
from tests.partners.delivery import scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")
WORKERS = 6


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


def at_once(count: int, deed: Callable[[], T]) -> list[T]:
    """The deed so many times, in threads that begin together; each leaves its connection closed."""
    start = threading.Barrier(count)

    def run() -> T:
        start.wait(timeout=10)
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return [future.result(timeout=30) for future in [threads.submit(run) for _ in range(count)]]


def test_many_workers_claim_each_delivery_once(installation: Installation) -> None:
    for purpose in (Purpose.ORDER, Purpose.CANCEL, Purpose.EVENTS):
        scene.endpoint(installation.partner, purpose=purpose)
        for number in range(40):
            scene.owed(installation, f"{purpose}_{number}", topic="order.placed", purpose=purpose)

    def drain() -> list[int]:
        mine: list[int] = []
        while found := claims.claim(room=7, busy={}):
            mine += [claim.delivery.pk for claim in found]
        return mine

    claimed = Counter(pk for mine in at_once(WORKERS, drain) for pk in mine)
    assert set(claimed.values()) == {1}
    # A worker may find rows locked by another and stop early; what is left is there for the next look.
    while found := claims.claim(room=50, busy={}):
        claimed.update(claim.delivery.pk for claim in found)
    assert claimed == Counter(Delivery.objects.values_list("pk", flat=True))
    assert set(Delivery.objects.values_list("attempt_count", flat=True)) == {1}


def test_many_workers_send_each_delivery_once(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    for number in range(60):
        scene.owed(installation, f"ord_{number}")

    def work() -> None:
        while found := claims.claim(room=5, busy={}):
            settlement.settle(scene.attempted(*found))

    at_once(WORKERS, work)
    work()
    assert server.ids() == Counter(Delivery.objects.values_list("event__public_id", flat=True))
    assert set(Delivery.objects.values_list("state", "attempt_count")) == {("delivered", 1)}
    assert Attempt.objects.count() == 60


def test_of_many_workers_one_probes_an_opened_endpoint(installation: Installation, endpoint: Endpoint) -> None:
    for number in range(20):
        scene.owed(installation, f"ord_{number}")
    past = timezone.now() - timedelta(seconds=1)
    Endpoint.objects.update(consecutive_failures=THRESHOLD, open_until=past)
    found = [claim for mine in at_once(WORKERS, lambda: claims.claim(room=5, busy={})) for claim in mine]
    assert [claim.probe for claim in found] == [True]


class LocksItsSubject(readers.TakesAny):
    """Does as the services of orders do: holds the row that the delivery is about, and reads it when it is told."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.told: list[tuple[str, str]] = []

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        return Reading(Outcome.DELIVERED)

    def hold(self, delivery: Delivery) -> None:
        self.waiting.set()
        Organization.objects.select_for_update(no_key=True).get(public_id=delivery.event.subject)

    def settled(self, delivery: Delivery, state: str) -> None:
        self.told.append((state, Organization.objects.get(public_id=delivery.event.subject).name))


@pytest.fixture
def reader() -> Iterator[LocksItsSubject]:
    reading = LocksItsSubject()
    readers.register("test.topic", reading)
    yield reading
    del readers._readers["test.topic"]


def test_an_answer_by_api_during_the_settlement_deadlocks_nobody(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, reader: LocksItsSubject
) -> None:
    """The service writes the subject and withdraws its delivery, while the settlement tells the reader, which
    holds the subject: both wait for the subject's row, in the same order."""
    subject = installation.organization.public_id
    scene.owed(installation, subject, topic="test.topic")
    (claim,) = claims.claim(room=1, busy={})
    (sent,) = scene.attempted(claim)

    def settle() -> None:
        try:
            settlement.settle([sent])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Organization.objects.filter(public_id=subject).update(name="Accepted")
            settling: Any = threads.submit(settle)
            assert reader.waiting.wait(timeout=5)
            outbox.withdraw([subject], "test.topic", note="Accepted.")
        settling.result(timeout=10)
    row = Delivery.objects.get()
    assert (row.state, row.note) == ("delivered", "")
    # It did arrive, after the service was through: the reader is told, once, and sees what the service did.
    assert reader.told == [("delivered", "Accepted")]
    assert Attempt.objects.get().outcome == "delivered"


def test_two_workers_that_settle_at_once_count_every_failure(installation: Installation, server: PartnerServer) -> None:
    endpoint = scene.endpoint(installation.partner, "https://10.0.0.1/")
    for number in range(4):
        scene.owed(installation, f"ord_{number}")
    sent = scene.attempted(*claims.claim(room=4, busy={}))
    at_once(4, lambda: settlement.settle([sent.pop()]))
    endpoint.refresh_from_db()
    assert endpoint.consecutive_failures == 4


def test_redelivering_all_that_failed_twice_at_once_does_each_once(installation: Installation) -> None:
    scene.endpoint(installation.partner)
    for number in range(40):
        scene.owed(installation, f"ord_{number}")
    ended = timezone.now()
    Delivery.objects.update(state="given_up", settled_at=ended, attempt_count=10)

    def redeliver() -> int:
        return outbox.redeliver_failed(
            Delivery.objects.all(), installation.partner, since=ended, until=None, states=outbox.LOST, actor="par_1"
        )

    assert sum(at_once(4, redeliver)) == 40
    assert set(Delivery.objects.values_list("state", "attempts_before")) == {("due", 10)}


def test_while_one_partner_is_slow_a_wake_up_gets_the_others_served(
    installation: Installation, server: PartnerServer
) -> None:
    """In one process one run is under way, which no task waits for; a wake-up meanwhile makes it look again."""
    slow = scene.endpoint(installation.partner, server.url + "/slow", purpose=Purpose.ORDER)
    scene.endpoint(installation.partner, server.url + "/quick", purpose=Purpose.CANCEL)
    released = threading.Event()

    def hold(visit: Visit) -> None:
        released.wait(10)
        visit.answer(204)

    server.behave(hold, path="/slow")
    scene.owed(installation, "ord_1")
    engine = Engine()
    engine.wake()
    assert server.wait_for(1, seconds=5)
    quick = scene.owed(installation, "ord_1", topic="order.cancelled", purpose="cancel")
    engine.wake()
    assert server.wait_for(2, seconds=5)
    assert slow.deliveries.get().state == "due"
    released.set()
    engine.wait()
    quick.refresh_from_db()
    assert (quick.state, slow.deliveries.get().state) == ("delivered", "delivered")


def test_an_engine_that_is_stopped_ends_what_is_under_way_and_begins_nothing(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    released = threading.Event()

    def hold(visit: Visit) -> None:
        released.wait(10)
        visit.answer(204)

    server.behave(hold)
    scene.owed(installation, "ord_1")
    engine = Engine()
    engine.wake()
    assert server.wait_for(1, seconds=5)
    engine.stop()
    scene.owed(installation, "ord_2")
    engine.wake()
    released.set()
    engine.wait()
    assert list(Delivery.objects.order_by("pk").values_list("state", "attempt_count")) == [("delivered", 1), ("due", 0)]
