"""Work in the background: nobody waits for it, one bad item costs only itself, and what is too much is counted."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from django.db import DataError, OperationalError

from core.api.background import Background


class Noted:
    """Work that keeps what it was given, and fails where it is told to."""

    def __init__(self, wrong: dict[int, Exception] | None = None) -> None:
        self.batches: list[list[int]] = []
        self.came = threading.Event()
        self.wrong = wrong or {}

    def __call__(self, items: Sequence[int]) -> None:
        self.came.set()
        for item in items:
            if item in self.wrong:
                raise self.wrong[item]
        self.batches.append(list(items))


def background(work: Noted, *, most_waiting: int = 100, most_at_once: int = 10) -> Background[int]:
    made = Background(work, name="test", most_waiting=most_waiting, most_at_once=most_at_once)
    # What is offered waits until the test says so.
    made._thread = threading.current_thread()
    return made


def test_what_is_offered_is_done_in_batches_and_in_order() -> None:
    work = Noted()
    made = background(work)
    for number in range(25):
        made.offer(number)
    assert work.batches == []
    made.flush()
    assert work.batches == [list(range(10)), list(range(10, 20)), list(range(20, 25))]


@pytest.mark.django_db
def test_a_thread_does_it_by_itself() -> None:
    work = Noted()
    made = Background(work, name="test", most_waiting=10, most_at_once=10)
    made.offer(7)
    assert work.came.wait(timeout=10)


def test_what_is_too_much_is_let_go_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    work = Noted()
    made = background(work, most_waiting=3)
    for number in range(8):
        made.offer(number)
    made.flush()
    made.flush()
    assert work.batches == [[0, 1, 2]]
    assert caplog.text.count("background.items_lost") == 1
    assert "5" in caplog.text


def test_one_bad_item_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    work = Noted({2: DataError("too long for Initech")})
    made = background(work)
    for number in range(4):
        made.offer(number)
    made.flush()
    assert work.batches == [[0], [1], [3]]
    assert caplog.text.count("background.not_done") == 1
    assert "Initech" not in caplog.text


def test_a_database_that_is_away_is_asked_once_a_batch() -> None:
    tried: list[int] = []

    def away(items: Sequence[int]) -> None:
        tried.append(len(items))
        raise OperationalError("connection refused")

    made = Background(away, name="test", most_waiting=100, most_at_once=10)
    made._thread = threading.current_thread()
    for number in range(20):
        made.offer(number)
    made.flush()
    assert tried == [10, 10]
