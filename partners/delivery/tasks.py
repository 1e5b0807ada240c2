"""The Celery tasks that move what is due: claim, send, settle, over and over. Which rows and why is in claims."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog
from celery import shared_task
from celery.signals import worker_shutting_down
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from partners.delivery import claims, sequencing, settlement, wake
from partners.delivery.sender import Sender
from partners.delivery.settlement import Sent

log = structlog.get_logger(__name__)

# After so long a run claims no more, ends what is under way, and leaves the rest to the next: brokers do not like
# a task that is never acknowledged.
LONGEST_RUN_SECONDS = 20
# How often a run looks for more while slow partners keep it waiting and nobody rings.
LOOK_AGAIN_SECONDS = 1
# While the database restarts, outcomes wait in memory; past that the claims lapse and the calls are repeated.
DATABASE_PAUSES = (0.2, 0.5, 1, 2)


class Engine:
    """One run at a time in each process: a wake-up that comes during a run makes that run look again."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._running = threading.Lock()
        self._stopping = threading.Event()
        self._sender: Sender | None = None

    def stop(self) -> None:
        """From now on nothing is claimed in this process: what is under way ends, the rest is another's."""
        self._stopping.set()

    def run(self) -> None:
        """Delivers until nothing is due, or tells the run that is under way to look again."""
        self._asked.set()
        done = True
        # Asked once more after each run: a wake-up between its last look and its end would be lost otherwise.
        while done and self._asked.is_set() and self._running.acquire(blocking=False):
            try:
                self._asked.clear()
                with Sender() as self._sender:
                    done = self._drain(self._sender)
            finally:
                self._running.release()
        if self._stopping.is_set():
            return
        if not done:
            wake.ring()
        elif (sender := self._sender) is not None:
            sender.nudge()

    def _drain(self, sender: Sender) -> bool:
        """Claims, sends and settles; False if it ended while there may be more."""
        stop_at = time.monotonic() + LONGEST_RUN_SECONDS
        while True:
            may_claim = time.monotonic() < stop_at and not self._stopping.is_set()
            while may_claim and claim_more(sender):
                """Claims come in equal shares: there may be room for another round."""
            if not sender.under_way:
                return may_claim
            settle_patiently(sender.finished(timeout=LOOK_AGAIN_SECONDS))


def claim_more(sender: Sender) -> int:
    """Claims what there is room for and begins to send it; returns how many."""
    if sender.room <= 0:
        return 0
    found = claims.claim(room=sender.room, busy=sender.busy)
    for claim in found:
        sender.send(claim)
    return len(found)


def settle_patiently(sent: Sequence[Sent]) -> None:
    """Settles; while the database is away it waits a little and tries again, then raises."""
    for pause in (*DATABASE_PAUSES, None):
        try:
            return settlement.settle(sent) if sent else None
        except (OperationalError, InterfaceError):
            if pause is None:
                raise
            log.warning("database_away", outcomes_waiting=len(sent))
            connection.close()
            time.sleep(pause)


_engine = Engine()


@worker_shutting_down.connect
def stop_claiming(**_: object) -> None:
    """A worker that is asked to stop claims no more, so it ends within one attempt's time. For servers that host a
    worker themselves, and are not told by Celery, to call.
    """
    _engine.stop()


@shared_task(name=wake.DELIVER_DUE)
def deliver_due() -> None:
    """Delivers what is due."""
    _engine.run()


@shared_task(name=sequencing.NUMBER_EVENTS)
def number_events() -> None:
    """Gives the latest events their positions in the feed."""
    sequencing.assign()


@shared_task(name="partners.delivery.sweep")
def sweep() -> None:
    """Finds what a lost wake-up or a dead worker left behind; a few cheap queries."""
    settlement.settle_cut_off()
    settlement.give_up_overdue()
    if claims.open_endpoints(timezone.now()).exists():
        wake.ring()
