"""Who may read which part of a result, as its schema says (``x-audience``). Knows no users and no memberships."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assessments.schemas.display import hints_of
from assessments.schemas.subschemas import applied, below, kind_of, walk
from core.pointers import tokens

#: Who reads what a schema does not declare, once it restricts anything.
UNDECLARED = frozenset({"admin"})

Audience = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Place:
    """One place in documents of a schema: the subschemas that may describe it, and who may read what stands there."""

    schema: Any
    nodes: tuple[dict[str, Any], ...]
    audience: Audience
    _below: dict[str | int, Place] = field(default_factory=dict, repr=False)

    def at(self, token: str) -> Place:
        """The member or item below; one that the schema does not declare is for admins only."""
        if token in self._below:
            return self._below[token]
        kind = kind_of(self.nodes, token)
        if kind not in self._below:
            nodes = tuple(below(self.schema, self.nodes, token))
            audience = _common(self.audience, nodes) if nodes else _strictest(self.audience, UNDECLARED)
            self._below[kind] = Place(self.schema, nodes, audience)
        return self._below[kind]


class Audiences:
    """The audiences of one schema; make one for many questions about it."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self.restricts = any(isinstance(node, dict) and "x-audience" in node for _, node in walk(schema))

    @cached_property
    def root(self) -> Place:
        """Where documents begin, if the schema restricts anything: else everybody reads everything."""
        nodes = tuple(applied(self._schema, self._schema))
        return Place(self._schema, nodes, _common(None, nodes))

    def of(self, pointer: str) -> Audience:
        """The roles that may read the value at a pointer into a document; ``None``: everybody.

        An audience covers all that is below it; of several, only the roles they have in common. Every alternative and
        branch of the schema counts, whether the document takes it or not. A property that the schema does not declare
        is for admins only, once the schema has an audience anywhere; so is what has no pointer at all.
        """
        if not self.restricts:
            return None
        place = self.root
        try:
            for token in tokens(pointer):
                place = place.at(token)
        except ValueError:
            return UNDECLARED
        return place.audience


def audience_of(schema: Any, document_pointer: str) -> Audience:
    """The roles that may read the value at a pointer into a document of a schema; ``None``: everybody."""
    return Audiences(schema).of(document_pointer)


def may_read(role: str, audience: Audience) -> bool:
    return audience is None or role in audience


def _common(audience: Audience, nodes: Iterable[dict[str, Any]]) -> Audience:
    for node in nodes:
        audience = _strictest(audience, hints_of(node).audience)
    return audience


def _strictest(one: Audience, other: Audience) -> Audience:
    if one is None or other is None:
        return other if one is None else one
    return one & other
