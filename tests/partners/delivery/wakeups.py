"""Counts the wake-ups that wait at the broker, whichever broker it is."""

from __future__ import annotations

import time
from typing import Any

from celery import current_app
from kombu.exceptions import ChannelError


class Wakeups:
    """The queue of this process; nobody consumes it."""

    def count(self) -> int:
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            try:
                declared = channel.queue_declare(self.queue, passive=True)
            except ChannelError:  # nothing was published yet
                return 0
            count: int = declared.message_count
            return count

    def wait_for(self, count: int, *, seconds: float = 5) -> int:
        """The count, as soon as there are so many; what there is when the time is over."""
        until = time.monotonic() + seconds
        while (found := self.count()) < count and time.monotonic() < until:
            time.sleep(0.02)
        return found

    def purge(self) -> None:
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            if self.count():
                channel.queue_purge(self.queue)

    @property
    def queue(self) -> str:
        name: str = current_app.conf.task_default_queue
        return name
