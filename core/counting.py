"""The cache that limits count in, where it is Redis: a use is one command, by a client that is kept."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.cache.backends import redis


class RedisCache(redis.RedisCache):
    """Django's own, which makes a client for every command and asks twice to count once; and ``count``."""

    def count(self, key: str, timeout: int) -> int:
        """One more; how many that makes. The first of them says how long the counter lives, in seconds."""
        name = self.make_and_validate_key(key)
        used = int(self._counter.incr(name))
        if used == 1:
            self._counter.expire(name, timeout)
        return used

    @cached_property
    def _counter(self) -> Any:
        # Safe for threads: each command takes a connection of the pool.
        return self._cache.get_client(None, write=True)
