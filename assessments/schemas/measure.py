"""How large a schema is once its references are written out, found without writing them out. Judges nothing.

A schema whose ``$defs`` refer twice to the next, twenty levels deep, is a few hundred bytes long and stands for a
million nodes: every part is measured once and its measure is added wherever it is referred to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assessments.schemas.patterns import RefusedPattern, atoms
from assessments.schemas.subschemas import APPLICATORS, BELOW, IN_PLACE, Path, held, target
from core.pointers import MISSING

#: Nested values of the written-out schema; past it nothing is measured further.
MAX_DEPTH = 32


class Circular(ValueError):
    """A reference leads back into the schema it stands in."""


class TooDeep(ValueError):
    """References lead deeper than :data:`MAX_DEPTH`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """The measures of one schema, references written out."""

    #: JSON values: keywords' values, and all that is inside them.
    nodes: int = 0
    #: Nested JSON values, the outermost included.
    depth: int = 0
    #: Characters and classes of all patterns.
    atoms: int = 0
    #: The most nodes, and the most atoms of patterns, that one value of a document is checked against.
    load: int = 0
    pattern_load: int = 0
    #: ``unevaluated…`` keywords that apply to one value, each inside the other: here, and at most anywhere. The
    #: engine's time is exponential in them.
    closing: int = 0
    unevaluated: int = 0


def size_of(schema: Any) -> Size:
    """The size of a whole schema. Raises :class:`Circular` or :class:`TooDeep`."""
    return _Measuring(root=schema).size(schema)


@dataclass(slots=True)
class _Measuring:
    root: Any
    known: dict[int, Size] = field(default_factory=dict)
    under_way: set[int] = field(default_factory=set)

    def size(self, node: Any) -> Size:
        if id(node) in self.known:
            return self.known[id(node)]
        if id(node) in self.under_way:
            raise Circular
        if len(self.under_way) >= MAX_DEPTH:
            raise TooDeep
        self.under_way.add(id(node))
        size = self.known[id(node)] = self._measured(node)
        self.under_way.remove(id(node))
        return size

    def _measured(self, node: Any) -> Size:
        own_nodes, own_depth, own_atoms = _own(node)
        inner = list(self._inner(node))
        closing = _closes(node) + max((size.closing for path, _, size in inner if _in_place(path)), default=0)
        return Size(
            nodes=own_nodes + sum(size.nodes for _, _, size in inner),
            depth=max([own_depth, *(size.depth + added for _, added, size in inner)]),
            atoms=own_atoms + sum(size.atoms for _, _, size in inner),
            load=_load(own_nodes, inner, lambda size: size.load),
            pattern_load=_load(own_atoms, inner, lambda size: size.pattern_load),
            closing=closing,
            unevaluated=max([closing, *(size.unevaluated for _, _, size in inner)]),
        )

    def _inner(self, node: Any) -> Iterator[tuple[Path, int, Size]]:
        """What is inside a schema: where, how many levels further in, and its size. A ``$ref`` adds no level."""
        for path, part in held(node):
            yield path, len(path), self.size(part)
        referred = target(self.root, node)
        if referred is not MISSING:
            yield ("$ref",), 0, self.size(referred)


def _load(own: int, inner: list[tuple[Path, int, Size]], measure: Callable[[Size], int]) -> int:
    """Upper bound of what one value is checked against: all that applies in place, or the most of what is below.

    Members and items are checked by one of ``properties`` or ``prefixItems``, and by each of the other keywords.
    """
    in_place = sum(measure(size) for path, _, size in inner if _in_place(path))
    below: dict[str, int] = {}
    for path, _, size in inner:
        if path[0] in BELOW:
            below[path[0]] = max(below.get(path[0], 0), measure(size))
    return max(own + in_place, sum(below.values()) + in_place)


def _in_place(path: Path) -> bool:
    return path[0] in IN_PLACE or path[0] == "$ref"


def _own(node: Any) -> tuple[int, int, int]:
    """Nodes, depth and pattern atoms of a schema without the subschemas inside it."""
    nodes, depth = 1, 1
    if not isinstance(node, dict):
        return nodes, depth, 0
    for keyword, value in node.items():
        inner_nodes, inner_depth = (1, 1) if keyword in APPLICATORS else extent(value)
        nodes, depth = nodes + inner_nodes, max(depth, inner_depth + 1)
    return nodes, depth, _atoms(node.get("pattern"))


def _atoms(pattern: Any) -> int:
    try:
        return atoms(pattern) if isinstance(pattern, str) else 0
    except RefusedPattern:
        return 0


def _closes(node: Any) -> int:
    return int(isinstance(node, dict) and ("unevaluatedProperties" in node or "unevaluatedItems" in node))


def extent(value: Any) -> tuple[int, int]:
    """How many values a JSON value holds, itself included, and how deep they are nested. For any depth."""
    nodes, depth, level = 0, 0, [value]
    while level:
        nodes, depth = nodes + len(level), depth + 1
        level = [inner for item in level for inner in _inside(item)]
    return nodes, depth


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
