"""Change feeds in pages: what came since a place that the caller keeps, in order. What is in a feed is a selector's."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from core import feeds
from core.api.pagination import Page, limit_of
from core.api.parameters import invalid_parameter
from core.errors import InvalidCursor
from core.secrets import Undecipherable, decrypt, encrypt

M = TypeVar("M", bound=Model)

# Before anything was written, and far enough from the ends of what databases can count.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class FeedPage(Page):
    """What a feed answers: ``next_since`` is there on every page, for the next question however late it comes."""

    next_since: str


def read_feed(name: str, rows: QuerySet[M], request: Request, *, dated: str, serialize: Callable[[M], Any]) -> FeedPage:
    """One page by ``?since=``, ``?cursor=`` and ``?limit=``, in the order of the positions.

    ``since`` is a ``next_since``, or a moment: then what the column ``dated`` puts at it or later. Raises InvalidCursor
    and ValidationFailed.
    """
    limit = limit_of(request)
    # Read before the rows: whatever is numbered up to here, this page can see.
    end = feeds.end_of(name)
    rows, after = _narrowed(name, rows, request, dated)
    found: list[Any] = list(rows.filter(position__gt=after).order_by("position")[: limit + 1])
    page = found[:limit]
    last = page[-1].position if page else after
    more = len(found) > limit
    place = _write(name, last if more else max(last, end))
    return {
        "data": [serialize(row) for row in page],
        "next_cursor": place if more else None,
        "next_since": place,
    }


def moment_parameter(request: Request, name: str) -> datetime | None:
    """The moment in the query, in UTC; None where there is none. Raises ValidationFailed."""
    text = request.query_params.get(name)
    if not text:
        return None
    if (moment := moment_of(text)) is None:
        raise invalid_parameter(name, "Send a moment with its zone, such as 2026-11-23T09:00:00Z.")
    return moment


def moment_of(text: str) -> datetime | None:
    """The moment of an RFC 3339 text, in UTC, no earlier than any of ours."""
    # A "+" that was not encoded arrives as a space.
    for candidate in (text, text.replace(" ", "+")):
        try:
            moment = parse_datetime(candidate)
            if moment is not None and moment.tzinfo is not None:
                return max(moment.astimezone(UTC), EARLIEST)
        except (ValueError, OverflowError):
            continue
    return None


def _narrowed(name: str, rows: QuerySet[M], request: Request, dated: str) -> tuple[QuerySet[M], int]:
    """The rows, and the position after which they are asked for."""
    after = 0
    if since := request.query_params.get("since"):
        if (moment := moment_of(since)) is not None:
            rows, after = rows.filter(**{f"{dated}__gte": moment}), feeds.before(name, moment)
        else:
            after = _since(name, since)
    if cursor := request.query_params.get("cursor"):
        after = max(after, _read(name, cursor))
    return rows, after


def _since(name: str, text: str) -> int:
    try:
        return _read(name, text)
    except InvalidCursor:
        message = "Send a next_since of this feed, or a moment with its zone, such as 2026-11-23T09:00:00Z."
        raise invalid_parameter("since", message) from None


# Encrypted, as cursors are: from two plain positions anybody could tell how much happens here.


def _write(name: str, position: int) -> str:
    return encrypt(json.dumps([f"feed {name}", position])).rstrip("=")


def _read(name: str, text: str) -> int:
    try:
        feed, *position = json.loads(decrypt(text + "=" * (-len(text) % 4)))
    except Undecipherable:
        raise InvalidCursor from None
    if feed != f"feed {name}" or len(position) != 1:
        raise InvalidCursor("It was given by another list.")
    return int(position[0])
