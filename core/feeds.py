"""Change feeds: the position of each row, given after its commit. Which rows a reader may see is the selectors' matter.

A number that a row gets before its commit orders nothing: a slow transaction slips in behind a reader who has gone on.
So rows are written without one, and numbered when they can be seen: by whoever holds the feed's counter until its own
commit, hence in one line. A reader who saw a position has seen, or can see, every row before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from core.models import Feed, FeedMark

BATCH = 1_000
MARK_EVERY = timedelta(hours=1)
# The clock that dates a row and the clock that dates a mark may be of two machines.
CLOCKS_APART = timedelta(minutes=5)


def number(name: str, rows: QuerySet[Any]) -> int:
    """Gives a position to each of the rows that has none, in the order of their ids; returns how many those were.

    ``rows`` are all rows of a model with a ``position``. Safe when several do it at once; each batch is one short
    transaction. A row that somebody holds is passed over, for whoever holds it is changing it: it comes next time.
    """
    unnumbered = rows.filter(position=None).order_by("pk")
    total = 0
    # Looked at first without the lock: mostly there is nothing.
    while unnumbered.exists():
        count = _number_some(name, rows, unnumbered)
        total += count
        if count < BATCH:
            break
    return total


def end_of(name: str) -> int:
    """The largest position that was given. Whoever reads rows after this sees all of them up to it."""
    return Feed.objects.filter(name=name).values_list("position", flat=True).first() or 0


def before(name: str, moment: datetime) -> int:
    """A position that comes before everything written at the moment or later, and at most about an hour before."""
    marks = FeedMark.objects.filter(feed__name=name, at__lte=moment - CLOCKS_APART)
    return marks.order_by("-at", "-pk").values_list("position", flat=True).first() or 0


@transaction.atomic
def _number_some(name: str, rows: QuerySet[Any], unnumbered: QuerySet[Any]) -> int:
    feed = _locked(name)
    free = unnumbered.select_for_update(skip_locked=True, of=("self",), no_key=True)
    pks = list(free.values_list("pk", flat=True)[:BATCH])
    if not pks:
        return 0
    _mark(feed)
    # The distances between the ids stay as gaps between the positions: then all of them are one plain UPDATE.
    offset = feed.position + 1 - pks[0]
    rows.order_by().filter(pk__in=pks).update(position=F("pk") + offset)
    feed.position = pks[-1] + offset
    feed.save(update_fields=["position", "marked_at"])
    return len(pks)


def _locked(name: str) -> Feed:
    held = Feed.objects.select_for_update(no_key=True)
    found = held.filter(name=name).first()
    if found is None:
        Feed.objects.get_or_create(name=name)
        found = held.get(name=name)
    return found


def _mark(feed: Feed) -> None:
    now = timezone.now()
    if feed.marked_at is None or now - feed.marked_at >= MARK_EVERY:
        FeedMark.objects.create(feed=feed, at=now, position=feed.position)
        feed.marked_at = now
