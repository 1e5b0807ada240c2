"""The circuit breaker of one Endpoint, decided purely: how it stands after some attempts. No ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# So many failures in a row open it: until `open_until` nothing is claimed for the endpoint, then one delivery
# probes it; another failure opens it for twice as long.
THRESHOLD = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """``Endpoint.consecutive_failures`` and ``Endpoint.open_until``."""

    failures: int = 0
    open_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Knock:
    """One attempt on the endpoint: whether it failed, and whether it was the probe of an opened breaker."""

    failed: bool
    probe: bool = False


def after(health: Health, knocks: Iterable[Knock], *, now: datetime) -> Health:
    """How the endpoint stands after these attempts, in the order in which they ended."""
    for knock in knocks:
        health = _after_one(health, knock, now)
    return health


def _after_one(health: Health, knock: Knock, now: datetime) -> Health:
    if not knock.failed:
        return Health()
    is_open = health.open_until is not None and health.open_until > now
    if is_open and not knock.probe:
        # It was under way when the breaker opened: nothing new is learned, and the pause must not grow by it.
        return health
    failures = health.failures + 1
    return Health(failures=failures, open_until=now + pause(failures) if failures >= THRESHOLD else None)


def pause(failures: int) -> timedelta:
    """How long the breaker stays open after so many failures in a row."""
    doublings = min(max(failures - THRESHOLD, 0), 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
