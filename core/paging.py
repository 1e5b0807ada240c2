"""Pages of a list that people look through, newest first, without counting all of a list that is long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from core.api.pagination import behind

# So many are counted; there may be more, and all of them can be looked through.
MOST = 100
NEWEST, OLDEST = ("-created_at", "-id"), ("created_at", "id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One page. ``count`` is how many there are in all, at most MOST; known on the first page alone."""

    rows: list[Any]
    count: int | None = None
    is_capped: bool = False
    #: The public id that the page with newer ones ends before, and the one that the page with older ones begins after.
    newer: str = ""
    older: str = ""


def turned(keys: QuerySet[Any, int], rows: QuerySet[Any], query: Mapping[str, str], size: int) -> Turn:
    """The page that ``?after=`` or ``?before=`` asks for, by the public id of one of ``rows``; else the first.

    ``keys`` are the primary keys of those to look through: they are found by themselves, which takes no more than an
    index, and ``rows`` gives what is shown.
    """
    if edge := _row(rows, query.get("after")):
        older = list(_from(keys, edge, NEWEST)[: size + 1])
        if older:
            return _turn(rows, older[:size], has_newer=True, has_older=len(older) > size)
    elif edge := _row(rows, query.get("before")):
        newer = list(_from(keys, edge, OLDEST)[: size + 1])
        if len(newer) > size:
            return _turn(rows, newer[:size], has_newer=True, has_older=True)
    first = list(keys.order_by(*NEWEST)[: MOST + 1])
    page = _turn(rows, first[:size], has_newer=False, has_older=len(first) > size)
    return Turn(rows=page.rows, older=page.older, count=min(len(first), MOST), is_capped=len(first) > MOST)


def _row(rows: QuerySet[Any], public_id: str | None) -> Model | None:
    row: Model | None = rows.prefetch_related(None).filter(public_id=public_id).first() if public_id else None
    return row


def _from(keys: QuerySet[Any, int], edge: Any, order: tuple[str, ...]) -> QuerySet[Any, int]:
    return keys.filter(behind(type(edge), order, [edge.created_at, edge.pk])).order_by(*order)


def _turn(rows: QuerySet[Any], keys: list[int], *, has_newer: bool, has_older: bool) -> Turn:
    shown = list(rows.filter(pk__in=keys).order_by(*NEWEST))
    return Turn(
        rows=shown,
        newer=shown[0].public_id if shown and has_newer else "",
        older=shown[-1].public_id if shown and has_older else "",
    )
