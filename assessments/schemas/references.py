"""What a result schema may refer to: a subschema of its own ``$defs``, never itself. Follows nothing elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from assessments.schemas.problems import Problem
from assessments.schemas.subschemas import Path, held, ref_pointer, target, walk
from core.pointers import join

#: Circles are looked for one after the other; nobody needs to be told of more.
_ENOUGH = 20


def reference_problems(schema: Any) -> Iterator[Problem]:
    """References that leave the schema, lead nowhere, or lead back to where they stand."""
    written = dict(walk(schema))
    known = {join(path) for path in written}
    for path, node in written.items():
        if isinstance(node, dict) and "$ref" in node:
            yield from _misled(node["$ref"], path, known)
    yield from (_circular(path) for path in circles(schema))


def _misled(ref: Any, path: Path, known: set[str]) -> Iterator[Problem]:
    pointer, place = ref_pointer(ref), join((*path, "$ref"))
    if pointer is None:
        message = "must refer to a definition of this schema: #/$defs/…, nothing remote and no anchor"
        yield Problem(pointer=place, code="foreign_reference", message=message)
    elif pointer not in known:
        yield Problem(pointer=place, code="unknown_reference", message="leads to no definition of this schema")


def _circular(path: Path) -> Problem:
    message = "leads back to the schema it stands in: recursive schemas are not accepted"
    return Problem(pointer=join((*path, "$ref")), code="recursive_reference", message=message)


def circles(schema: Any) -> list[Path]:
    """Where a ``$ref`` is part of a circle."""
    written = {id(node): (path, node) for path, node in walk(schema) if isinstance(node, dict)}
    inside = {name: {id(part) for _, part in held(node)} for name, (_, node) in written.items()}
    referred = {name: {id(target(schema, node))} for name, (_, node) in written.items() if "$ref" in node}
    found: list[Path] = []
    while len(found) < _ENOUGH:
        circle = _circle({name: parts | referred.get(name, set()) for name, parts in inside.items()})
        if not circle:
            break
        closing = [name for name in circle if referred.get(name, set()) & circle]
        found.extend(written[name][0] for name in closing)
        for name in closing:
            del referred[name]
    return sorted(found)


def _circle(edges: dict[int, set[int]]) -> set[int]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return set(error.args[1])
    return set()
