"""What changed in the words of orders and results from one dated version of the API to the next. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.api.versions import Change

OURS, BEFORE = "reference", "external_id"


def _renamed(value: Any, old: str, new: str) -> Any:
    """In the place where it stood; what already has the new name is left to be refused or read as it is."""
    if not isinstance(value, dict) or old not in value or new in value:
        return value
    return {new if name == old else name: each for name, each in value.items()}


def _within(value: Any, member: str, change: Callable[[Any], Any]) -> Any:
    """With what the member holds changed."""
    return {**value, member: change(value[member])} if isinstance(value, dict) and member in value else value


def _each(value: Any, member: str, change: Callable[[Any], Any]) -> Any:
    """With each item of the member, where that is a list, changed."""
    return _within(value, member, lambda found: [*map(change, found)] if isinstance(found, list) else found)


def _ours(value: Any) -> Any:
    return _renamed(value, BEFORE, OURS)


def _theirs(value: Any) -> Any:
    """Of an order, and of what was told about one."""
    return _within(_renamed(value, OURS, BEFORE), "told", lambda told: _renamed(told, OURS, BEFORE))


def _pointed(pointer: str) -> str:
    return f"/{BEFORE}" if pointer == f"/{OURS}" else pointer


_SENTENCE = "Your own id of an order is called `reference`, as everywhere else; it was `external_id`."

ORDER_REFERENCE = Change(
    version="2026-12-01",
    sentence=_SENTENCE,
    upgrade=_ours,
    downgrade=lambda value: _each(_theirs(value), "data", _theirs),
    pointer=_pointed,
)
BATCH_REFERENCE = Change(
    version="2026-12-01",
    sentence=_SENTENCE,
    upgrade=lambda value: _each(value, "results", _ours),
    # Of a result in the batch: there each problem leads into one.
    pointer=_pointed,
)
