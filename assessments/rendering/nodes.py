"""What a schema says of one place in a document, gathered from all that is sure to apply there. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from assessments.schemas.audience import Audiences
from assessments.schemas.display import Hints, hints_of
from assessments.schemas.subschemas import applied, below, kind_of, target
from assessments.schemas.summary import Headlines

_WORDS = re.compile(r"[_\-\s.]+|(?<=[a-z0-9])(?=[A-Z])")
LONGEST_LABEL = 120
#: No widget but a hint: the value is of no declared type and is shown by its form; its name is a label already.
BY_FORM = "value"


@dataclass(frozen=True)
class Node:
    """One place. ``parts`` are all subschemas that may describe it, ``sure`` those that certainly do."""

    root: Any
    parts: tuple[dict[str, Any], ...]
    sure: tuple[dict[str, Any], ...]

    def at(self, token: str) -> Node:
        """The member or item below; found out once for all that the schema says the same of."""
        if token in self._below:
            return self._below[token]
        kind = kind_of(self.parts, token)
        if kind not in self._below:
            self._below[kind] = Node(
                self.root,
                tuple(below(self.root, self.parts, token)),
                tuple(_unique(inner for part in self.sure for inner in _declared(self.root, part, token))),
            )
        return self._below[kind]

    @cached_property
    def _below(self) -> dict[str | int, Node]:
        return {}

    def first(self, keyword: str, kind: type | tuple[type, ...]) -> Any:
        """The first value of that type under the keyword, or None."""
        for part in self.sure:
            value = part.get(keyword)
            if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
                return value
        return None

    @cached_property
    def title(self) -> str:
        return str(self.first("title", str) or "")

    @cached_property
    def description(self) -> str:
        return str(self.first("description", str) or "")

    @cached_property
    def format(self) -> str:
        return str(self.first("format", str) or "")

    @cached_property
    def is_markdown(self) -> bool:
        return bool(self.first("contentMediaType", str) == "text/markdown")

    @cached_property
    def hints(self) -> Hints:
        """The hints of the nearest subschema that has any; audiences and outcomes are read elsewhere, from all."""
        return next((hints_of(part) for part in self.sure if "x-display" in part), Hints())

    @cached_property
    def outcomes(self) -> dict[str, str]:
        return next((dict(found) for part in self.parts if (found := hints_of(part).outcome)), {})

    @cached_property
    def options(self) -> dict[str, str]:
        """The values it may have, as text, each with its title, in the schema's order."""
        for part in self.sure:
            for keyword in ("oneOf", "anyOf"):
                choices = part.get(keyword)
                if isinstance(choices, list) and choices and all(_is_option(choice) for choice in choices):
                    return {str(choice["const"]): str(choice.get("title", choice["const"])) for choice in choices}
            if isinstance(part.get("enum"), list):
                return {str(value): str(value) for value in part["enum"]}
        return {}

    @cached_property
    def scale(self) -> tuple[float, float] | None:
        """From the hint, else from the schema's own bounds."""
        if self.hints.scale:
            return self.hints.scale
        low, high = self.first("minimum", (int, float)), self.first("maximum", (int, float))
        return (low, high) if low is not None and high is not None and high > low else None

    @cached_property
    def declared(self) -> tuple[str, ...]:
        """The names it declares, each once, in the order they are shown: the schema's, unless hints say otherwise."""
        named = (part["properties"] for part in self.parts if isinstance(part.get("properties"), dict))
        return tuple(sorted(dict.fromkeys(name for properties in named for name in properties), key=self._place))

    @cached_property
    def unmarked(self) -> frozenset[str]:
        """The names it declares whose own values are not marked primary."""
        return frozenset(name for name in self.declared if not self.at(name).hints.primary)

    def ordered(self, names: Collection[str]) -> list[str]:
        """Names of members in the order they are shown; what is not declared stands last, unless hints place it."""
        if len(names) == 1:
            return list(names)
        known = [name for name in self.declared if name in names]
        if len(known) == len(names):
            return known
        return sorted([*known, *(name for name in names if name not in set(known))], key=self._place)

    def _place(self, name: str) -> tuple[bool, int]:
        order = self.at(name).hints.order
        return order is None, order or 0


class Root(Node):
    """The whole document, with what else the schema alone says."""

    @cached_property
    def audiences(self) -> Audiences:
        return Audiences(self.root)

    @cached_property
    def headlines(self) -> Headlines:
        return Headlines(self.root)


# By identity, of the schemas that were drawn lately: whoever parses one once gets its root once, and all that was
# found out below it. Policy bounds how much a schema can declare.
_roots: dict[int, Root] = {}
_MOST_ROOTS = 32


def root_node(schema: Any) -> Root:
    root = _roots.get(id(schema))
    if root is None or root.root is not schema:
        root = Root(schema, tuple(applied(schema, schema)), tuple(_sure(schema, schema)))
        if len(_roots) >= _MOST_ROOTS:
            _roots.clear()
        # As long as it is here it holds its schema, so that no other one has this identity.
        _roots[id(schema)] = root
    return root


def label_of(node: Node, name: str) -> str:
    """The title, else the name made readable: ``overall_score`` → ``Overall score``.

    A name that is a label already stays as it is: ``Node.js`` is not ``Node js``.
    """
    if title := node.title or (name if node.hints.widget == BY_FORM else ""):
        return title[:LONGEST_LABEL]
    return _readable(name)


@lru_cache(maxsize=4096)
def _readable(name: str) -> str:
    words = " ".join(part for part in _WORDS.split(name) if part)
    return (words[:1].upper() + words[1:])[:LONGEST_LABEL] or name[:LONGEST_LABEL] or "(no name)"


def _sure(root: Any, node: Any) -> Iterator[dict[str, Any]]:
    """The subschema, what its ``$ref`` leads to, and its ``allOf``: no alternative, no branch."""
    waiting, seen = [node], set()
    while waiting:
        current = waiting.pop(0)
        if not isinstance(current, dict) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        all_of = current.get("allOf")
        waiting += [target(root, current), *(all_of if isinstance(all_of, list) else [])]


def _declared(root: Any, part: dict[str, Any], token: str) -> Iterator[dict[str, Any]]:
    for inner in below(root, [part], token)[:1]:
        yield from _sure(root, inner)


def _unique(parts: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    for part in parts:
        if id(part) not in seen:
            seen.add(id(part))
            yield part


def _is_option(choice: Any) -> bool:
    return isinstance(choice, dict) and "const" in choice and not isinstance(choice["const"], dict | list)
