"""Deleting what is held, as the table of holdings says: in the caller's transaction; files go after its commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assessments.holdings import KINDS, THIN, Kind
from assessments.models import Attachment, Backfill, DoomedFile
from assessments.trails import Trail
from partners.delivery.wake import Bell
from partners.models import Delivery, Event

log = structlog.get_logger(__name__)

# By name: the task's module imports the services, and they ring here.
SWEEP = "assessments.sweep_erased"
BATCH = 500

ring = Bell(SWEEP, pause=0.1).ring


def empty(trail: Trail, kinds: Iterable[Kind]) -> dict[str, int]:
    """Empties or deletes what leads from the trail; returns how many rows, by kind."""
    transaction.on_commit(ring)
    counts = {kind.name: _empty(kind, trail) for kind in kinds if kind.emptied or kind.goes}
    _empty_bodies(trail)
    return {name: count for name, count in counts.items() if count}


def purge(trail: Trail) -> dict[str, int]:
    """What the end of a result's time deletes."""
    return empty(trail, [kind for kind in KINDS if kind.purged])


def doom(paths: Iterable[str | None]) -> int:
    """Has the files deleted after the commit; whatever happens then, the sweep finds them."""
    rows = [DoomedFile(path=path) for path in paths if path]
    DoomedFile.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(ring)
    return len(rows)


def burn() -> int:
    """Deletes the files that are doomed; returns how many. One that is gone already is gone."""
    return sum(_burn(row) for row in DoomedFile.objects.order_by("id")[:BATCH])


def _burn(row: DoomedFile) -> bool:
    """False where the storage refuses: then the next sweep tries again."""
    try:
        default_storage.delete(row.path)
    except OSError as error:
        log.warning("file_not_deleted", file=row.pk, error=type(error).__name__)
        return False
    row.delete()
    return True


def _empty(kind: Kind, trail: Trail) -> int:
    rows = kind.rows(trail)
    if kind.model is Attachment:
        doom(rows.values_list("file", flat=True))
    if kind.goes:
        return rows.delete()[0]
    return int(rows.update(**kind.emptied, **_marks(kind)))


def _marks(kind: Kind) -> dict[str, Any]:
    return {"purged_at": timezone.now()} if kind.model is Backfill else {}


def _empty_bodies(trail: Trail) -> None:
    """Of events to partners whose protocol says more than ids, unless they are still on their way: then the sweep
    comes again. What an organization's own programs are told is thin."""
    underway = Delivery.objects.filter(state=Delivery.State.DUE).values("event")
    rows = Event.objects.filter(subject__in=trail.order_ids, partner__isnull=False)
    rows = rows.exclude(Q(partner__dialect=THIN) | Q(body=""))
    rows.exclude(pk__in=underway).update(body="{}")
