"""Erasures, purges and holds at the same moment as everything else, on PostgreSQL: nothing slips through."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import AssessmentType, Erasure, LegalHold, Order, OrderUpdate, Result
from assessments.services import attaching, attachments, erasures, holds, retention
from core.models import Candidate
from partners.models import Event as Told
from tests.assessments import scene
from tests.assessments.privacy import everything
from tests.assessments.scene import Shop
from tests.assessments.test_races import at_once, tolerant
from tests.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


def erase(world: World) -> Callable[[], Any]:
    return lambda: erasures.erase(world.ada, ground="asked", actor="tests")


def test_a_result_that_arrives_while_its_candidate_is_erased_leaves_nothing(world: World, shop: Shop) -> None:
    order = scene.place(shop)
    seen = [scene.reread(order) for _ in range(4)]
    at_once(
        tolerant(lambda: scene.post(seen[0], everything.DOCUMENT)),
        tolerant(lambda: scene.tell(seen[1], "note", note="Ada Okafor is late.")),
        tolerant(lambda: attachments.store(seen[2], name="Okafor.pdf", content=b"%PDF-1.7 Okafor")),
        tolerant(lambda: scene.post(seen[3], {"score": "Okafor"})),
        tolerant(erase(world)),
    )
    everything.settle()
    assert everything.found() == []
    assert Erasure.objects.count() == 1
    assert scene.reread(order).purged_by == "erasure"


def test_two_erasures_at_once_are_one(world: World, shop: Shop) -> None:
    scene.place(shop)
    first, second = at_once(erase(world), erase(world))
    assert first == second
    assert Told.objects.filter(topic="candidate.erased").count() == 1


def test_an_order_placed_at_the_moment_of_an_erasure_is_refused_or_erased_with_the_rest(
    world: World, shop: Shop
) -> None:
    said, _ = at_once(tolerant(lambda: scene.place(shop)), tolerant(erase(world)))
    assert said in {"done", "candidate_erased"}
    assert list(Order.objects.filter(purged_at=None)) == []


def test_a_result_without_an_order_attached_at_that_moment_goes_too(world: World, shop: Shop) -> None:
    row = scene.backfill(shop, everything.DOCUMENT, email="ada.okafor@mail.example")
    said, _ = at_once(tolerant(lambda: attaching.attach(row, world.application, actor="tests")), tolerant(erase(world)))
    assert said in {"done", "backfill_decided", "candidate_erased"}
    everything.settle()
    assert everything.found() == []


def test_a_hold_and_an_erasure_at_once_are_one_of_both(world: World, shop: Shop) -> None:
    scene.place(shop)
    said = at_once(tolerant(lambda: holds.place(world.ada, reason="A claim.", actor="tests")), tolerant(erase(world)))
    is_held = LegalHold.objects.filter(lifted_at=None).exists()
    is_erased = Candidate.objects.get(pk=world.ada.pk).erased_at is not None
    assert is_held != is_erased
    assert sorted(said) == sorted(["done", "under_legal_hold" if is_held else "candidate_erased"])


def _amends(order: Order, score: int) -> Callable[[], Any]:
    return lambda: scene.post(order, {"score": score}, kind="amended", reason="x")


def old_order(shop: Shop) -> Order:
    AssessmentType.objects.update(retention="P1M")
    with time_machine.travel(timezone.now() - timedelta(days=40)):
        return scene.in_status(shop, Status.COMPLETED)


def test_an_amended_result_and_a_purge_at_once_leave_no_word(shop: Shop) -> None:
    for number in range(5):
        order = old_order(shop)
        at_once(tolerant(_amends(scene.reread(order), number)), tolerant(retention.purge_due))
        assert scene.reread(order).purged_by == "retention"
        assert set(Result.objects.filter(order=order).values_list("document", flat=True)) == {"{}"}
        assert set(OrderUpdate.objects.filter(order=order).values_list("normalised", flat=True)) == {"{}"}


def test_two_purges_at_once_delete_each_result_once(shop: Shop) -> None:
    orders = [old_order(shop) for _ in range(6)]
    assert sum(at_once(retention.purge_due, retention.purge_due)) == len(orders)
    assert not Order.objects.filter(purged_at=None).exists()


def test_a_hold_and_a_purge_of_a_result_that_names_the_candidate_take_turns(world: World, shop: Shop) -> None:
    AssessmentType.objects.update(retention="P1M")
    with time_machine.travel(timezone.now() - timedelta(days=40)):
        row = scene.backfill(shop, email="ada.okafor@mail.example")
    _hold_and_then_purge(world)
    row.refresh_from_db()
    assert row.purged_at is None


def test_a_hold_that_is_placed_first_keeps_a_purge_out_though_it_was_on_its_way(world: World, shop: Shop) -> None:
    order = old_order(shop)
    _hold_and_then_purge(world)
    assert scene.reread(order).purged_at is None


def _hold_and_then_purge(world: World) -> None:
    """The purge begins while the hold is not committed yet."""
    placed = Event()

    def hold() -> None:
        with transaction.atomic():
            holds.place(world.ada, reason="A claim.", actor="tests")
            placed.set()
            _wait_until_somebody_waits()

    def purge() -> int:
        placed.wait(timeout=10)
        return retention.purge_due()

    at_once(hold, purge)


def _wait_until_somebody_waits() -> None:
    """The purge has read its orders by then, and stands before the candidate."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")
