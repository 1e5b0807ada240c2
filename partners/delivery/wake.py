"""Waking the workers: a request never waits for the broker, nor fails with it. Nothing else is published here."""

from __future__ import annotations

import contextvars
import os
import threading
import time

import structlog
from celery import current_app

log = structlog.get_logger(__name__)

# By name: the task's module imports what owes, and what owes rings here.
DELIVER_DUE = "partners.delivery.deliver_due"
# Older wake-ups say nothing that the sweep does not say again.
EXPIRES_SECONDS = 10


class Bell:
    """Publishes in a thread of its own, so that a broker that is away holds nobody; many rings become one.

    A ring that is lost (broker down, process killed) costs seconds: the sweep finds what is due. ``task`` is the name
    of the task to wake, ``pause`` the seconds between two wake-ups of it at the least.
    """

    def __init__(self, task: str = DELIVER_DUE, *, pause: float = 0) -> None:
        self._task = task
        self._pause = pause
        self._rung = threading.Event()
        self._start = threading.Lock()
        self._owner: int | None = None
        self._context = contextvars.copy_context()

    def ring(self) -> None:
        """Asks for a wake-up and returns at once."""
        # The request id of the last one who rang goes along into the worker's log lines.
        self._context = contextvars.copy_context()
        # Setting it again would take its lock, at every call.
        if not self._rung.is_set():
            self._rung.set()
        # A fork inherits this object, but no thread.
        if self._owner != os.getpid():
            self._begin()

    def _begin(self) -> None:
        with self._start:
            if self._owner != os.getpid():
                self._owner = os.getpid()
                threading.Thread(target=self._publish_forever, name="delivery-wake", daemon=True).start()

    def _publish_forever(self) -> None:
        while self._rung.wait():
            self._rung.clear()
            self._context.copy().run(publish, self._task)
            if self._pause:
                time.sleep(self._pause)


def publish(task: str = DELIVER_DUE) -> None:
    """Sends one wake-up to the broker; whatever goes wrong is logged and left to the sweep."""
    try:
        current_app.send_task(task, expires=EXPIRES_SECONDS, retry=False, ignore_result=True)
    except Exception as error:
        log.warning("wake_up_not_published", error=type(error).__name__)


ring = Bell().ring
