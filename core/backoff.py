"""Waiting longer with every wrong guess, counted in Django's cache for who guesses, never for an account as a whole."""

from __future__ import annotations

import time

import structlog
from django.core.cache import cache

from core.errors import RateLimited
from core.ids import token_hash

log = structlog.get_logger(__name__)

# So many tries are free; then each has to wait: a minute, two, four, at most a quarter of an hour.
FREE = 5
FIRST_WAIT = 60
LONGEST_WAIT = 900
_FORGOTTEN_AFTER = 86_400


def try_once(key: str) -> int:
    """Counts one try before it is made; how many seconds the next one has to wait if this one is wrong.

    Raises RateLimited where the wait is not over. Guesses sent at the same moment gain nothing: after the free ones a
    try has to win the wait that it starts. A cache that is away holds nobody back.
    """
    name = token_hash(key)[:32]
    try:
        return _try_once(f"tries:{name}", f"wait:{name}")
    except RateLimited:
        raise
    except Exception:
        log.exception("backoff.cache_unavailable")
        return 0


def has_tried(key: str) -> bool:
    """Whether there was a try since the last right guess."""
    try:
        return bool(cache.get(f"tries:{token_hash(key)[:32]}"))
    except Exception:
        log.exception("backoff.cache_unavailable")
        return False


def forget(key: str) -> None:
    """After a right guess."""
    name = token_hash(key)[:32]
    try:
        cache.delete_many([f"tries:{name}", f"wait:{name}"])
    except Exception:
        log.exception("backoff.cache_unavailable")


def _try_once(tries: str, wait: str) -> int:
    _hold_back(wait)
    cache.add(tries, 0, timeout=_FORGOTTEN_AFTER)
    made = cache.incr(tries)
    if made < FREE:
        return 0
    seconds = min(FIRST_WAIT * 2 ** min(made - FREE, 10), LONGEST_WAIT)
    if not cache.add(wait, time.time() + seconds, timeout=seconds):
        _hold_back(wait)
    return int(seconds)


def _hold_back(wait: str) -> None:
    until = cache.get(wait)
    if until is not None and (left := until - time.time()) > 0:
        raise RateLimited("Too many wrong tries.", retry_after=int(left) + 1)
