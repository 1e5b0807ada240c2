"""The cache that limits count in, where it is Redis: a use is one command, by a client that is kept, or less."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

from django.core.cache.backends import redis

_MOST_KEPT = 1_000


class RedisCache(redis.RedisCache):
    """Django's own, which makes a client for every command and asks twice to count once; and ``count``."""

    def count(self, key: str, timeout: int, *, taken_at_once: int = 1) -> int:
        """One more; how many that makes. The first of them says how long the counter lives, in seconds.

        A process takes so many at once and hands them out one by one; those that it does not need count all the same.
        """
        name = self.make_and_validate_key(key)
        if taken_at_once == 1:
            return self._take(name, timeout, 1)
        if number := _in_stock.next(name):
            return number
        last = self._take(name, timeout, taken_at_once)
        _in_stock.put(name, last - taken_at_once + 2, last)
        return last - taken_at_once + 1

    def _take(self, name: str, timeout: int, count: int) -> int:
        used = int(self._counter.incrby(name, count))
        if used == count:
            self._counter.expire(name, timeout)
        return used

    @cached_property
    def _counter(self) -> Any:
        # Safe for threads: each command takes a connection of the pool.
        return self._cache.get_client(None, write=True)


class _Stock:
    """The numbers that this process has taken and not handed out, by counter. Django has a cache for every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, tuple[int, int]] = {}

    def next(self, name: str) -> int:
        """0 where there is none."""
        with self._lock:
            first, last = self._numbers.get(name, (0, -1))
            if first > last:
                return 0
            self._numbers[name] = (first + 1, last)
            return first

    def put(self, name: str, first: int, last: int) -> None:
        """In place of those that another thread may have put there meanwhile."""
        with self._lock:
            if len(self._numbers) >= _MOST_KEPT:
                # Most are of windows that have passed.
                self._numbers.clear()
            self._numbers[name] = (first, last)


_in_stock = _Stock()
