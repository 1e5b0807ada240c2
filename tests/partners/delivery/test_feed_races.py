"""The feed while transactions are open, on PostgreSQL: whoever reads it misses nothing and sees nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from core.models import Feed
from partners.delivery import outbox, sequencing
from partners.models import Application, Environment, Event, Installation
from tests.assessments.scene import token
from tests.partners.api.test_endpoints import Api
from tests.partners.delivery import scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


@pytest.fixture
def installation(installation: Installation) -> Installation:
    installation.scopes = frozenset({"events:read"})
    installation.save()
    return installation


class Reader:
    """A partner's program that keeps its ``next_since``."""

    def __init__(self, installation: Installation) -> None:
        application = Application.objects.create(
            partner=installation.partner, environment=Environment.LIVE, authorization_grant_type="client-credentials"
        )
        self._api = Api(token(application, ["events:read"]))
        self._since = ""
        self.seen: list[str] = []

    def look(self) -> list[str]:
        """What came since the last look, two by two."""
        found: list[str] = []
        while True:
            page = self._api.get(f"/events?limit=2&since={self._since}").json()
            found += [row["subject"] for row in page["data"]]
            self._since = page["next_since"]
            if page["next_cursor"] is None:
                self.seen += found
                return found


@contextmanager
def held_open(deed: Callable[[], Any]) -> Iterator[None]:
    """The deed is done in a transaction that is open for the time of the block, and commits at its end."""
    done, may_commit = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                deed()
                done.set()
                assert may_commit.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run)
        assert done.wait(20)
        try:
            yield
        finally:
            may_commit.set()
            running.result(timeout=20)


def test_a_slow_transaction_slips_in_behind_nobody(installation: Installation) -> None:
    reader = Reader(installation)
    outbox.owe(installation, scene.message("first"))
    sequencing.assign()
    assert reader.look() == ["first"]
    with held_open(lambda: outbox.owe(installation, scene.message("slow"))):
        outbox.owe(installation, scene.message("quick"))
        sequencing.assign()
        assert reader.look() == ["quick"]
    assert reader.look() == []
    sequencing.assign()
    assert reader.look() == ["slow"]
    # By its id the slow one was first: an order by ids would have lost it.
    assert list(Event.objects.order_by("pk").values_list("subject", flat=True)) == ["first", "slow", "quick"]
    assert list(Event.objects.order_by("position").values_list("subject", flat=True)) == ["first", "quick", "slow"]


def test_while_many_write_and_number_a_reader_sees_each_once(installation: Installation) -> None:
    reader = Reader(installation)
    writers_left = threading.Semaphore(0)

    def write(who: int) -> None:
        try:
            for number in range(15):
                with transaction.atomic():
                    outbox.owe(installation, scene.message(f"{who}-{number}"))
                sequencing.assign()
        finally:
            connection.close()
            writers_left.release()

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(write, who) for who in range(4)]
        while not all(one.done() for one in running):
            reader.look()
        for one in running:
            one.result()
    sequencing.assign()
    reader.look()
    assert len(reader.seen) == 60
    assert set(reader.seen) == {f"{who}-{number}" for who in range(4) for number in range(15)}
    assert Feed.objects.get().position == Event.objects.order_by("-position").values_list("position", flat=True)[0]


def test_a_row_that_somebody_holds_is_numbered_the_next_time(installation: Installation) -> None:
    held = outbox.owe(installation, scene.message("held"))
    outbox.owe(installation, scene.message("free"))
    with held_open(lambda: Event.objects.select_for_update(no_key=True).get(pk=held.pk)):
        assert sequencing.assign() == 1
    assert sequencing.assign() == 1
    assert list(Event.objects.order_by("position").values_list("subject", flat=True)) == ["free", "held"]
