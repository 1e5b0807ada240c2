"""What changed in the words of orders and results from one dated version of the API to the next. Pure."""

from __future__ import annotations

import re
from typing import Any

from core.api.versions import Change

Object = dict[str, Any]

OURS, BEFORE = "reference", "external_id"


def _renamed(value: Any, old: str, new: str) -> Any:
    """In the place where it stood; what already has the new name is left to be refused or read as it is."""
    if not isinstance(value, dict) or old not in value or new in value:
        return value
    return {new if name == old else name: each for name, each in value.items()}


def _each(value: Any, member: str, old: str, new: str) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get(member), list):
        return value
    return {**value, member: [_renamed(item, old, new) for item in value[member]]}


_SENTENCE = "Your own id of an order is called `reference`, as everywhere else; it was `external_id`."

ORDER_REFERENCE = Change(
    version="2026-12-01",
    sentence=_SENTENCE,
    upgrade=lambda value: _renamed(value, BEFORE, OURS),
    downgrade=lambda value: _each(_renamed(value, OURS, BEFORE), "data", OURS, BEFORE),
    pointer=lambda pointer: f"/{BEFORE}" if pointer == f"/{OURS}" else pointer,
)
BATCH_REFERENCE = Change(
    version="2026-12-01",
    sentence=_SENTENCE,
    upgrade=lambda value: _each(value, "results", BEFORE, OURS),
    pointer=lambda pointer: re.sub(rf"^(/results/\d+)/{OURS}$", rf"\1/{BEFORE}", pointer),
)
