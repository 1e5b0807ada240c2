"""The one filter between a document and a role: profile, print, comparison, lists and API all show what it leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assessments.rendering.nodes import root_node
from assessments.schemas.audience import Place, may_read


def visible_document(schema: Any, document: Any, role: str) -> tuple[Any, int]:
    """The document without what the role may not see, and how many leaves that took away."""
    audiences = root_node(schema).audiences
    if not audiences.restricts:
        return document, 0
    root = audiences.root
    return _pruned(document, root, role) if may_read(role, root.audience) else ({}, count(document))


def count(value: Any) -> int:
    """Leaves: scalars, and containers with nothing in them."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(count(part) for part in inner) or 1


def _pruned(value: Any, place: Place, role: str) -> tuple[Any, int]:
    if isinstance(value, dict):
        kept, hidden = _kept(value.items(), place, role)
        return dict(kept), hidden
    if isinstance(value, list):
        kept, hidden = _kept(((str(index), part) for index, part in enumerate(value)), place, role)
        return [part for _, part in kept], hidden
    return value, 0


def _kept(members: Iterable[tuple[str, Any]], place: Place, role: str) -> tuple[list[tuple[str, Any]], int]:
    kept, hidden = [], 0
    for name, part in members:
        there = place.at(name)
        if not may_read(role, there.audience):
            hidden += count(part)
            continue
        shown, below = _pruned(part, there, role)
        kept.append((name, shown))
        hidden += below
    return kept, hidden
