"""The Celery tasks that move what is due, and the engine behind them: claim, send, settle, over and over.

Which rows and why is in claims.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog
from celery import shared_task
from celery.signals import worker_process_shutdown, worker_shutting_down
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from partners.delivery import claims, sequencing, settlement, wake
from partners.delivery.claims import Claim
from partners.delivery.sender import Sender

T = TypeVar("T")
log = structlog.get_logger(__name__)

# How often a run looks for more while slow partners keep it waiting and nobody rings.
LOOK_AGAIN_SECONDS = 1
# While the database restarts, outcomes wait in memory; past that the claims lapse and the calls are repeated.
DATABASE_PAUSES = (0.2, 0.5, 1, 2)


class Engine:
    """One run at a time in each process. No task waits for it: a run lasts as long as the slowest partner takes, and
    meanwhile a wake-up makes it look again.
    """

    def __init__(self) -> None:
        self._change = threading.Lock()
        self._is_running = False
        self._asked = False
        self._stopping = False
        self._sender = Sender()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Sees to it that what is due now is delivered, by a thread of its own; returns as soon as that has begun."""
        if self._begins():
            # The thread writes log lines with the request id of whoever rang.
            context = contextvars.copy_context()
            self._thread = threading.Thread(target=context.run, args=(self._run_apart,), name="deliver")
            self._thread.start()

    def run(self) -> None:
        """Delivers until nothing is due, or tells the run that is under way to look again."""
        if self._begins():
            self._deliver()

    def stop(self) -> None:
        """From now on nothing is claimed in this process: what is under way ends, the rest is another's."""
        with self._change:
            self._stopping = True
            self._sender.nudge()

    def wait(self) -> None:
        """Until the run that :meth:`wake` began has ended; after :meth:`stop` within one attempt's time."""
        if self._thread is not None:
            self._thread.join()

    def _begins(self) -> bool:
        """Whether the caller is to begin a run; else the one under way looks again."""
        with self._change:
            if self._stopping:
                return False
            if self._is_running:
                if not self._asked:
                    self._sender.nudge()
            else:
                self._sender = Sender()
            begins, self._is_running, self._asked = not self._is_running, True, True
            return begins

    def _run_apart(self) -> None:
        try:
            self._deliver()
        except Exception:
            # Claims lapse, and the sweep wakes somebody.
            log.exception("delivering_broke")
        finally:
            connection.close()

    def _deliver(self) -> None:
        try:
            while self._goes_on():
                if sent := self._sender.finished(timeout=LOOK_AGAIN_SECONDS):
                    patiently(partial(settlement.settle, sent))
        except BaseException:
            self._is_running = False
            raise

    def _goes_on(self) -> bool:
        """Claims and sends what there is room for; False when nothing is under way, and nobody has asked meanwhile."""
        self._asked = False
        while not self._stopping and claim_more(self._sender):
            """Claims come in equal shares: there may be room for another round."""
        with self._change:
            self._is_running = self._sender.under_way > 0 or (self._asked and not self._stopping)
            return self._is_running


# A backlog is work for every process: those that found nothing to do are told of it.
_call_for_help = wake.Bell(pause=0.2).ring


def claim_more(sender: Sender) -> int:
    """Claims what there is room for and begins to send it; returns how many."""
    if sender.room <= 0:
        return 0
    found = patiently(partial(claims.claim, room=sender.room, busy=sender.busy))
    sender.send(found)
    if _is_more_than_enough(found, sender):
        _call_for_help()
    return len(found)


def _is_more_than_enough(found: list[Claim], sender: Sender) -> bool:
    """This round filled what this process may do at once, for one endpoint or in all: there may be more."""
    return sender.room <= 0 or any(sender.busy[one.delivery.endpoint_id] >= claims.PER_ENDPOINT for one in found)


def patiently(deed: Callable[[], T]) -> T:
    """Does it; while the database is away it waits a little and tries again, then raises."""
    for pause in DATABASE_PAUSES:
        try:
            return deed()
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=type(error).__name__)
            connection.close()
            time.sleep(pause)
    return deed()


_engine = Engine()


@worker_shutting_down.connect
def stop_claiming(**_: object) -> None:
    """A worker that is asked to stop claims no more, so it ends within one attempt's time. For servers that host a
    worker themselves, and are not told by Celery, to call.
    """
    _engine.stop()


@worker_process_shutdown.connect
def end_deliveries(**_: object) -> None:
    """A process of a worker's pool ends without waiting for its threads."""
    _engine.stop()
    _engine.wait()


@shared_task(name=wake.DELIVER_DUE)
def deliver_due() -> None:
    """Has what is due delivered, and waits for none of it."""
    _engine.wake()


@shared_task(name=sequencing.NUMBER_EVENTS)
def number_events() -> None:
    """Gives the latest events their positions in the feed."""
    sequencing.assign()


@shared_task(name="partners.delivery.sweep")
def sweep() -> None:
    """Finds what a lost wake-up or a dead worker left behind; a few cheap queries."""
    settlement.settle_cut_off()
    settlement.put_off_expired()
    settlement.give_up_overdue()
    if claims.open_endpoints(timezone.now()).exists():
        wake.ring()
