"""Taking rows of work by conditional update, so that nothing is under way twice and a dead worker's row comes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

# What a lease outlasts the call's own deadline by.
SLACK = timedelta(seconds=15)


def take(rows: QuerySet[Any], *, most: int, calls: int = 1) -> list[Any]:
    """The primary keys of rows that are due (``next_at``) and now ours until ``claimed_until``, the longest due first.

    Take no more than are worked on at once: a lease lasts for so many ``calls``, one after the other, and no longer. A
    row of another's that moved meanwhile is left alone.
    """
    now = timezone.now()
    due = rows.filter(_free(now), next_at__lte=now).order_by("next_at").values_list("pk", "next_at")[:most]
    return [pk for pk, next_at in list(due) if _claim(rows.filter(pk=pk, next_at=next_at), now, calls)]


def take_one(rows: QuerySet[Any], pk: Any, *, calls: int = 1) -> bool:
    """The same of one row, due or not."""
    return _claim(rows.filter(pk=pk), timezone.now(), calls)


def _claim(row: QuerySet[Any], now: datetime, calls: int) -> bool:
    return bool(row.filter(_free(now)).update(claimed_until=_until(now, calls)))


def _free(now: datetime) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lte=now)


def _until(now: datetime, calls: int) -> datetime:
    return now + calls * timedelta(seconds=settings.DELIVERY_TIMEOUT_SECONDS) + SLACK
