"""What the terms of an assessment type say of moments and of several attempts. Pure.

An *attempt* is a completed order. It is as old as its completion: an amendment makes it no younger.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import Struct


class Attempt(Struct, frozen=True, kw_only=True):
    """``share`` is the score as a part of its maximum (the bare score where it has none); None for no score.

    ``is_hidden``: the reader may not see this score. ``is_purged``: it was deleted; that there was an attempt was not.
    """

    order: int
    completed_at: datetime
    share: Decimal | None = None
    is_hidden: bool = False
    is_purged: bool = False


def valid_until(completed_at: datetime, months: int | None) -> datetime | None:
    """The same day so many months later, the last of that month where it has no such day; None for good."""
    if months is None:
        return None
    years, month = divmod(completed_at.month - 1 + months, 12)
    year, month = completed_at.year + years, month + 1
    return completed_at.replace(year=year, month=month, day=min(completed_at.day, calendar.monthrange(year, month)[1]))


def cool_down_until(completed_at: datetime, days: int) -> datetime | None:
    """When the next attempt may begin; None for at once."""
    return completed_at + timedelta(days=days) if days else None


def the_one_that_counts(attempts: Sequence[Attempt], rule: str) -> Attempt | None:
    """``rule`` is *latest*, *first* or *best*. Of equally good ones the latest counts; any score beats none.

    One whose score was deleted stays the first or the latest; the best is that of the scores that there still are. None
    where the best one counts and a score is hidden: the choice would give away what is hidden.
    """
    return _RULES[rule](attempts)


def _latest(attempts: Sequence[Attempt]) -> Attempt:
    return max(attempts, key=lambda attempt: (attempt.completed_at, attempt.order))


def _first(attempts: Sequence[Attempt]) -> Attempt:
    return min(attempts, key=lambda attempt: (attempt.completed_at, attempt.order))


def _best(attempts: Sequence[Attempt]) -> Attempt | None:
    kept = [attempt for attempt in attempts if not attempt.is_purged]
    if not kept or any(attempt.is_hidden for attempt in kept):
        return None
    scores = [attempt.share for attempt in kept if attempt.share is not None]
    return _latest([attempt for attempt in kept if not scores or attempt.share == max(scores)])


_RULES: dict[str, Callable[[Sequence[Attempt]], Attempt | None]] = {"latest": _latest, "first": _first, "best": _best}
