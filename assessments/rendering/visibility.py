"""The one filter between a document and a role: profile, print, comparison, lists and API all show what it leaves."""

from __future__ import annotations

from typing import Any

from assessments.rendering.nodes import Node, root_node
from assessments.schemas.audience import UNDECLARED, Audience, may_read
from assessments.schemas.display import hints_of
from assessments.schemas.subschemas import walk


def visible_document(schema: Any, document: Any, role: str) -> tuple[Any, int]:
    """The document without what the role may not see, and how many leaves that took away.

    ``x-audience`` covers everything below it; of several, only the roles in common. What the schema does not
    declare is for admins only, once the schema has an audience anywhere.
    """
    if not any(isinstance(part, dict) and "x-audience" in part for _, part in walk(schema)):
        return document, 0
    node = root_node(schema)
    if not may_read(role, _narrowed(None, node)):
        return {}, count(document)
    return _pruned(document, node, None, role)


def count(value: Any) -> int:
    """Leaves: scalars, and containers with nothing in them."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(count(part) for part in inner) or 1


def _pruned(value: Any, node: Node, audience: Audience, role: str) -> tuple[Any, int]:
    audience = _narrowed(audience, node)
    if isinstance(value, dict):
        kept, hidden = _kept([(name, part, node.at(name)) for name, part in value.items()], audience, role)
        return dict(kept), hidden
    if isinstance(value, list):
        kept, hidden = _kept([(str(i), part, node.at(str(i))) for i, part in enumerate(value)], audience, role)
        return [part for _, part in kept], hidden
    return value, 0


def _kept(members: list[tuple[str, Any, Node]], audience: Audience, role: str) -> tuple[list[tuple[str, Any]], int]:
    kept, hidden = [], 0
    for name, part, node in members:
        if not may_read(role, _narrowed(audience, node)):
            hidden += count(part)
            continue
        shown, below = _pruned(part, node, audience, role)
        kept.append((name, shown))
        hidden += below
    return kept, hidden


def _narrowed(audience: Audience, node: Node) -> Audience:
    if not node.parts:
        return UNDECLARED if audience is None else audience & UNDECLARED
    for part in node.parts:
        own = hints_of(part).audience
        if own is not None:
            audience = own if audience is None else audience & own
    return audience
