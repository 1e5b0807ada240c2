"""Work that no answer waits for, done in batches by a thread of this process. It may be lost; it is not in the way."""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.5
# So long the thread keeps its connection to the database while nothing comes.
IDLE_SECONDS = 10

T = TypeVar("T")


class Background(Generic[T]):
    """``offer`` returns at once; ``work`` gets what was offered, at most ``most_at_once`` items a time.

    More than ``most_waiting`` items are not kept: the newest are counted, named in a log line, and gone. A batch that
    the database refuses is tried again item by item, so that one bad item costs only itself.
    """

    def __init__(self, work: Callable[[Sequence[T]], None], *, name: str, most_waiting: int, most_at_once: int) -> None:
        self._work, self._name = work, name
        self._most_waiting, self._most_at_once = most_waiting, most_at_once
        self._renew()
        os.register_at_fork(after_in_child=self._renew)
        atexit.register(self.flush)

    def _renew(self) -> None:
        """A fork inherits no thread; and what waits is its parent's to do."""
        self._waiting: deque[T] = deque()
        self._lost = 0
        self._rung = threading.Event()
        self._starting, self._flushing = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None

    def offer(self, item: T) -> None:
        if len(self._waiting) >= self._most_waiting:
            self._lost += 1
            return
        self._waiting.append(item)
        self._rung.set()
        if self._thread is None:
            self._begin()

    @property
    def waiting(self) -> int:
        """How many items."""
        return len(self._waiting)

    def flush(self) -> None:
        """Does now what is waiting, in the thread that asks."""
        with self._flushing:
            while self._waiting:
                count = min(len(self._waiting), self._most_at_once)
                self._do([self._waiting.popleft() for _ in range(count)])
            if self._lost:
                lost, self._lost = self._lost, 0
                log.warning("background.items_lost", work=self._name, count=lost)

    def _begin(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._forever, name=self._name, daemon=True)
                self._thread.start()

    def _forever(self) -> None:
        pause = threading.Event()
        while True:
            if not self._rung.wait(IDLE_SECONDS):
                connection.close()
                self._rung.wait()
            self._rung.clear()
            close_old_connections()
            self.flush()
            # Meanwhile a batch gathers.
            pause.wait(PAUSE_SECONDS)

    def _do(self, items: list[T]) -> None:
        error = self._error_of(items)
        if error is None:
            return
        if _is_about_an_item(error):
            errors = [self._error_of([item]) for item in items] if len(items) > 1 else [error]
            count = sum(1 for found in errors if found is not None)
        else:
            count = len(items)
        log.warning("background.not_done", work=self._name, count=count, error=type(error).__name__)

    def _error_of(self, items: list[T]) -> Exception | None:
        try:
            self._work(items)
        except Exception as error:
            return error
        return None


def _is_about_an_item(error: Exception) -> bool:
    """And not about the database, which would say the same of each."""
    return not isinstance(error, OperationalError | InterfaceError)
