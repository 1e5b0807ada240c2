"""Lists in pages: opaque cursors that stay right while rows arrive. What is in a list is the selector's matter."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypedDict, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request

from core.api.parameters import invalid_parameter
from core.errors import InvalidCursor
from core.secrets import Undecipherable, decrypt, encrypt

DEFAULT_LIMIT = 25
LARGEST_LIMIT = 100

M = TypeVar("M", bound=Model)


class Page(TypedDict):
    """What a list answers."""

    data: list[Any]
    next_cursor: str | None


def paginate(
    queryset: QuerySet[M],
    request: Request,
    *,
    serialize: Callable[[M], Any],
    order: Sequence[str] = ("-created_at", "-id"),
) -> Page:
    """One page by ``?limit=`` (1 to 100, 25 by default) and ``?cursor=``.

    ``order`` names columns that are never null, the last of them unique; an index on them makes every page cost the
    same. Raises InvalidCursor (not given by this list) and ValidationFailed (a bad limit).
    """
    limit = limit_of(request)
    place = f"{request.path} {' '.join(order)}"
    rows = queryset.order_by(*order)
    if cursor := request.query_params.get("cursor"):
        rows = rows.filter(behind(rows.model, order, _read(cursor, place, len(order))))
    found = list(rows[: limit + 1])
    page = found[:limit]
    more = len(found) > limit
    return {
        "data": [serialize(row) for row in page],
        "next_cursor": _write(place, page[-1], order) if more else None,
    }


def limit_of(request: Request) -> int:
    """How many rows a page shall hold at most. Raises ValidationFailed."""
    text = request.query_params.get("limit") or str(DEFAULT_LIMIT)
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    raise invalid_parameter("limit", f"Send a whole number from 1 to {LARGEST_LIMIT}.")


# A cursor is encrypted, not only signed: it holds a row's integer id, and integers never leave the database.


def _write(place: str, row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, name.lstrip("-")) for name in order]
    return encrypt(json.dumps([place, *values], cls=_Exact)).rstrip("=")


def _read(cursor: str, place: str, width: int) -> list[Any]:
    try:
        where, *values = json.loads(decrypt(cursor + "=" * (-len(cursor) % 4)))
    except Undecipherable:
        raise InvalidCursor from None
    if where != place or len(values) != width:
        raise InvalidCursor("The cursor was given by another list.")
    return list(values)


class _Exact(DjangoJSONEncoder):
    """Django's own form of a moment drops its microseconds, and rows between would be seen twice."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def behind(model: type[Model], order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows behind the one with these values: ``a < x OR (a = x AND b < y)``, for each column in its direction."""
    behind, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        exact = _as_stored(model, field, value)
        behind |= equal & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": exact})
        equal &= Q(**{field: exact})
    return behind & _not_before(model, order[0], values[0])


def _not_before(model: type[Model], name: str, value: Any) -> Q:
    """Implied by the rest; said aloud because a planner starts an index scan from it, but not from an OR."""
    field = name.lstrip("-")
    return Q(**{f"{field}__{'lte' if name.startswith('-') else 'gte'}": _as_stored(model, field, value)})


def _as_stored(model: type[Model], field: str, value: Any) -> Any:
    try:
        return model._meta.get_field(field).to_python(value)  # type: ignore[union-attr]  # columns only, no relations
    except ValidationError:
        raise InvalidCursor from None
