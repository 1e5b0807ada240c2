"""What policy says of single keywords and values of a schema: refused ones, and those engines do not read alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from assessments.schemas.formats import CHECKS, FORMATS
from assessments.schemas.patterns import RefusedPattern, atoms
from assessments.schemas.problems import Problem, is_out_of_range, out_of_range
from assessments.schemas.subschemas import Path, types_of, walk
from core.pointers import join

#: Objects that ``uniqueItems`` may compare, each with each.
MAX_UNIQUE_OBJECTS = 200

Rule = Callable[[Any, dict[str, Any], Path], Iterator[Problem]]


_UNUSABLE_TEXT = re.compile("[\x00\ud800-\udfff]")


def text_problems(schema: Any) -> Iterator[Problem]:
    """Text and names that no database and no engine takes. Sound ones are a condition of looking further."""
    for path, value in _values(schema):
        if any(_UNUSABLE_TEXT.search(text) for text in (value, *path[-1:]) if isinstance(text, str)):
            pointer = join(_UNUSABLE_TEXT.sub("\ufffd", str(part)) for part in path)
            yield Problem(pointer=pointer, code="unusable_text", message="holds a NUL character or half a character")


def number_problems(schema: Any) -> Iterator[Problem]:
    yield from (out_of_range(join(path)) for path, value in _values(schema) if is_out_of_range(value))


def _values(schema: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every JSON value of a schema with its path, whatever it means there."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), schema)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict | list):
            members = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(((*path, token), inner) for token, inner in members)


REFUSED = {
    "$dynamicRef": "dynamic references are not accepted: use $ref to #/$defs/…",
    "$dynamicAnchor": "dynamic references are not accepted: use $ref to #/$defs/…",
    "$recursiveRef": "belongs to an older draft: use $ref to #/$defs/…",
    "$recursiveAnchor": "belongs to an older draft: use $ref to #/$defs/…",
    "$anchor": "anchors are not accepted: use $ref to #/$defs/…",
    "patternProperties": "is not accepted: use properties, or additionalProperties with propertyNames",
    "definitions": "belongs to an older draft: use $defs",
    "dependencies": "belongs to an older draft: use dependentRequired or dependentSchemas",
}
_ROOT_ONLY = {
    "$id": "may stand only on the outermost schema",
    "$schema": "may stand only on the outermost schema",
    "$vocabulary": "may stand only on the outermost schema",
}


def keyword_problems(schema: dict[str, Any]) -> Iterator[Problem]:
    for path, node in walk(schema):
        for keyword in node if isinstance(node, dict) else ():
            if keyword in REFUSED:
                yield _refused(keyword, path, REFUSED[keyword])
            elif keyword in _ROOT_ONLY and path:
                yield _refused(keyword, path, _ROOT_ONLY[keyword])
            elif keyword in _RULES:
                yield from _RULES[keyword](schema, node, path)


def _refused(keyword: str, path: Path, message: str) -> Problem:
    return Problem(pointer=join((*path, keyword)), code="refused_keyword", message=message)


def _id(_: Any, node: dict[str, Any], path: Path) -> Iterator[Problem]:
    if not isinstance(node["$id"], str) or not CHECKS["uri"](node["$id"]) or "#" in node["$id"]:
        message = "must be an absolute URI without a fragment, or be left out"
        yield Problem(pointer=join((*path, "$id")), code="refused_id", message=message)


def _pattern(_: Any, node: dict[str, Any], path: Path) -> Iterator[Problem]:
    try:
        atoms(node["pattern"]) if isinstance(node["pattern"], str) else None
    except RefusedPattern as refusal:
        yield Problem(pointer=join((*path, "pattern")), code="refused_pattern", message=str(refusal))


def _format(_: Any, node: dict[str, Any], path: Path) -> Iterator[Problem]:
    if isinstance(node["format"], str) and node["format"] not in FORMATS:
        message = f"must be a format that is checked here: {', '.join(FORMATS)}; leave it out to accept any text"
        yield Problem(pointer=join((*path, "format")), code="unknown_format", message=message)


def _multiple_of(_: Any, node: dict[str, Any], path: Path) -> Iterator[Problem]:
    if not isinstance(node["multipleOf"], int):
        message = "must be written as a whole number: validators disagree about multiples of fractions"
        yield Problem(pointer=join((*path, "multipleOf")), code="refused_multiple", message=message)


def _unique_items(schema: Any, node: dict[str, Any], path: Path) -> Iterator[Problem]:
    if node["uniqueItems"] is not True or _comparable(schema, node):
        return
    message = (
        "is accepted where items declares types other than array, and for objects with maxItems of at most "
        f"{MAX_UNIQUE_OBJECTS}: anything else takes too long to compare, or is not compared alike by all validators"
    )
    yield Problem(pointer=join((*path, "uniqueItems")), code="refused_unique_items", message=message)


def _comparable(schema: Any, node: dict[str, Any]) -> bool:
    prefix = node.get("prefixItems")
    items = [node.get("items", True), *(prefix if isinstance(prefix, list) else [])]
    types = [types_of(schema, item) for item in items]
    if any(found is None or "array" in found for found in types):
        return False
    limit = node.get("maxItems")
    few = isinstance(limit, int) and limit <= MAX_UNIQUE_OBJECTS
    return few or not any(found is not None and "object" in found for found in types)


_RULES: dict[str, Rule] = {
    "$id": _id,
    "pattern": _pattern,
    "format": _format,
    "multipleOf": _multiple_of,
    "uniqueItems": _unique_items,
}
