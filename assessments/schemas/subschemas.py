"""The anatomy of a 2020-12 schema: which keywords hold subschemas, where a ``$ref`` leads, what applies at a place.

Works on any JSON value without raising: what is malformed holds no subschemas. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any
from urllib.parse import unquote

from core.pointers import MISSING, is_pointer, resolve


class Shape(Enum):
    """How a keyword holds subschemas."""

    ONE = "one"
    LIST = "list"
    MAP = "map"


#: Applied to the very value that the schema around them is applied to.
IN_PLACE = {
    "allOf": Shape.LIST,
    "anyOf": Shape.LIST,
    "oneOf": Shape.LIST,
    "not": Shape.ONE,
    "if": Shape.ONE,
    "then": Shape.ONE,
    "else": Shape.ONE,
    "dependentSchemas": Shape.MAP,
}
#: Applied to the members, items or names of that value.
BELOW = {
    "properties": Shape.MAP,
    "additionalProperties": Shape.ONE,
    "unevaluatedProperties": Shape.ONE,
    "propertyNames": Shape.ONE,
    "prefixItems": Shape.LIST,
    "items": Shape.ONE,
    "contains": Shape.ONE,
    "unevaluatedItems": Shape.ONE,
}
#: Applied only where something refers to them, or never.
ASIDE = {"$defs": Shape.MAP, "contentSchema": Shape.ONE}
APPLICATORS = IN_PLACE | BELOW | ASIDE

#: In-place keywords whose subschemas describe the value (``not`` describes what it is not).
_DESCRIBING = tuple(keyword for keyword in IN_PLACE if keyword != "not")
_REF_PREFIX = "#/$defs/"
#: So many schemas asked one through the other are answered by "it does not say".
_FAR = 64

Path = tuple[str, ...]


def held(node: Any, table: Mapping[str, Shape] = APPLICATORS) -> Iterator[tuple[Path, Any]]:
    """The subschemas directly inside a schema under the keywords of a table, each with its path from there."""
    if not isinstance(node, dict):
        return
    for keyword, value in node.items():
        shape = table.get(keyword)
        if shape is Shape.ONE:
            yield (keyword,), value
        elif shape is Shape.LIST and isinstance(value, list):
            yield from (((keyword, str(index)), item) for index, item in enumerate(value))
        elif shape is Shape.MAP and isinstance(value, dict):
            yield from (((keyword, name), item) for name, item in value.items())


def walk(schema: Any) -> Iterator[tuple[Path, Any]]:
    """Every subschema as it is written, the root first, with its path; references are not followed."""
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        waiting.extend((path + step, inner) for step, inner in reversed(list(held(node))))


def ref_pointer(ref: Any) -> str | None:
    """The JSON pointer that ``#/$defs/…`` stands for, or ``None`` for any other reference."""
    if not isinstance(ref, str) or not ref.startswith(_REF_PREFIX) or not ref.isascii():
        return None
    pointer = unquote(ref[1:])
    return pointer if is_pointer(pointer) else None


def target(root: Any, node: Any) -> Any:
    """What the ``$ref`` of a schema leads to, or MISSING where there is none or it leads nowhere."""
    pointer = ref_pointer(node.get("$ref")) if isinstance(node, dict) else None
    return MISSING if pointer is None else resolve(pointer, root)


def applied(root: Any, node: Any) -> list[dict[str, Any]]:
    """A schema and all that describes the same value: its ``$ref``, its ``allOf``, each alternative and branch."""
    found: dict[int, dict[str, Any]] = {}
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, dict) or id(current) in found:
            continue
        found[id(current)] = current
        inner = [part for step, part in held(current, IN_PLACE) if step[0] in _DESCRIBING]
        waiting.extend(reversed([target(root, current), *inner]))
    return list(found.values())


def below(root: Any, nodes: Iterable[dict[str, Any]], token: str) -> list[dict[str, Any]]:
    """What applies at the member or item ``token`` of a value that ``nodes`` are applied to; empty: undeclared."""
    return [part for node in nodes for held_there in _at(node, token) for part in applied(root, held_there)]


#: Of a member that no schema names, and of an item behind all that stand at places of their own.
_UNNAMED, _ITEM = -1, -2


def kind_of(nodes: Iterable[dict[str, Any]], token: str) -> str | int:
    """The same for all tokens for which :func:`below` finds the same; so many as the schemas name, and two more."""
    places = 0
    for node in nodes:
        properties = node.get("properties")
        if isinstance(properties, dict) and token in properties:
            return token
        prefix = node.get("prefixItems")
        places = max(places, len(prefix) if isinstance(prefix, list) else 0)
    if not (token.isascii() and token.isdigit()):
        return _UNNAMED
    index = int(token[:9])
    return index if index < places else _ITEM


def _at(node: dict[str, Any], token: str) -> Iterator[Any]:
    properties = node.get("properties")
    if isinstance(properties, dict) and token in properties:
        yield _declared(properties[token])
    else:
        yield from (node.get(keyword) for keyword in ("additionalProperties", "unevaluatedProperties"))
    if token.isascii() and token.isdigit() and _describes_lists(node):
        yield from _at_index(node, int(token[:9]))


def _describes_lists(node: dict[str, Any]) -> bool:
    stated = node.get("type")
    return (
        stated == "array"
        or (isinstance(stated, list) and "array" in stated)
        or bool({"items", "prefixItems"} & node.keys())
    )


def _at_index(node: dict[str, Any], index: int) -> Iterator[Any]:
    prefix = node.get("prefixItems")
    if isinstance(prefix, list) and index < len(prefix):
        yield _declared(prefix[index])
    else:
        yield _declared(node.get("items", True))
        yield node.get("unevaluatedItems")
    yield node.get("contains")


def _declared(node: Any) -> Any:
    """``true`` declares a value although it says nothing of it."""
    return {} if node is True else node


_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def type_of(value: Any) -> str:
    """The JSON type of a value; a float without a fraction is a ``number`` here."""
    return next((name for python, name in _JSON_TYPES if isinstance(value, python)), "null")


def types_of(root: Any, node: Any, seen: frozenset[int] = frozenset()) -> frozenset[str] | None:
    """The types a schema allows, as far as they can be read from it; ``None``: it does not say.

    ``seen`` holds the schemas already being asked, so that a circle of references ends.
    """
    if id(node) in seen or len(seen) > _FAR:
        return None
    seen |= {id(node)}
    beside = [types_of(root, part, seen) for part in _beside(root, node)]
    known = [types for types in (_stated(root, node, seen), *beside) if types is not None]
    return frozenset.intersection(*map(_with_integers, known)) if known else None


def _beside(root: Any, node: Any) -> list[Any]:
    """What must hold together with a schema's own keywords: its ``$ref`` and its ``allOf``."""
    if not isinstance(node, dict):
        return []
    all_of = node.get("allOf")
    parts = [target(root, node), *(all_of if isinstance(all_of, list) else [])]
    return [part for part in parts if isinstance(part, dict)]


def _stated(root: Any, node: Any, seen: frozenset[int]) -> frozenset[str] | None:
    if node is False:
        return frozenset()
    if not isinstance(node, dict):
        return None
    stated = node.get("type")
    if isinstance(stated, str | list):
        names = [stated] if isinstance(stated, str) else stated
        return frozenset(name for name in names if isinstance(name, str))
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list):
        return frozenset(type_of(value) for value in values)
    return _stated_by_alternatives(root, node, seen)


def _stated_by_alternatives(root: Any, node: dict[str, Any], seen: frozenset[int]) -> frozenset[str] | None:
    alternatives = node.get("oneOf", node.get("anyOf"))
    if not isinstance(alternatives, list):
        return None
    types = [types_of(root, alternative, seen) for alternative in alternatives]
    known = [found for found in types if found is not None]
    return frozenset().union(*known) if types and len(known) == len(types) else None


def _with_integers(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types
