"""Wake-ups: published by themselves, many as few, and never in the way of whoever asks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from celery import Celery, current_app

from partners.delivery import sequencing, wake
from tests.fakes.partner_server import closed_port
from tests.partners.delivery.wakeups import Wakeups


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port: int = listening.getsockname()[1]
        yield port


def test_a_ring_publishes_a_wake_up(wakeups: Wakeups) -> None:
    wake.Bell().ring()
    assert wakeups.wait_for(1) == 1


def test_many_rings_at_once_become_few_wake_ups(wakeups: Wakeups) -> None:
    bell = wake.Bell()
    for _ in range(500):
        bell.ring()
    assert wakeups.wait_for(1) >= 1
    time.sleep(0.2)
    assert wakeups.count() < 250


def test_rings_within_the_pause_become_one_wake_up(wakeups: Wakeups) -> None:
    bell = wake.Bell(sequencing.NUMBER_EVENTS, pause=60)
    bell.ring()
    assert wakeups.wait_for(1) == 1
    for _ in range(500):
        bell.ring()
    assert wakeups.count() == 1


def broker_at(port: int) -> Celery:
    app = Celery("away", set_as_current=False)
    # Not broker_url: the variable CELERY_BROKER_URL, where set, would go before it.
    app.conf.update(broker_write_url=f"amqp://guest:guest@127.0.0.1:{port}//")
    app.conf.broker_connection_timeout = 0.5
    return app


def test_a_broker_that_does_not_answer_holds_nobody_who_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def publish(task: str) -> None:
        asked.set()
        answered.wait(10)

    monkeypatch.setattr(wake, "publish", publish)
    bell = wake.Bell()
    for _ in range(20):
        bell.ring()
    # All twenty have returned while the first is still with the broker.
    assert asked.wait(10)
    assert not answered.is_set()
    answered.set()


@pytest.mark.parametrize("away", ["silent", "down"])
def test_a_broker_that_is_away_fails_nobody(
    monkeypatch: pytest.MonkeyPatch, silent_port: int, caplog: pytest.LogCaptureFixture, away: str
) -> None:
    monkeypatch.setattr(wake, "current_app", broker_at(silent_port if away == "silent" else closed_port()))
    wake.publish()
    assert "wake_up_not_published" in caplog.text


def test_wake_ups_carry_the_names_of_tasks() -> None:
    current_app.loader.import_default_modules()
    assert {wake.DELIVER_DUE, sequencing.NUMBER_EVENTS} <= set(current_app.tasks)
