"""What a result schema may be: all its problems at once, by JSON pointer. Opens nothing, stores nothing.

JSON Schema 2020-12 without what cannot be bounded or is not read alike by all validators. The library jsonschema is the
authority on what is a schema; the fast engine has the last word on whether it can be compiled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from assessments.schemas import measure
from assessments.schemas.grammar import malformed
from assessments.schemas.hints import hint_problems
from assessments.schemas.keywords import REFUSED, keyword_problems, number_problems, text_problems
from assessments.schemas.problems import MAX_PROBLEMS, Problem, capped
from assessments.schemas.references import reference_problems
from assessments.schemas.registry import engine_for

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_BYTES = 256 * 1024
MAX_NODES = 10_000
#: Parts of the schema that one value of a document may be checked against.
MAX_LOAD = 1_000
#: Characters and classes of all patterns together: each takes about a kilobyte when compiled.
MAX_PATTERN_ATOMS = 5_000
#: ``unevaluated…`` inside ``unevaluated…`` on one value: the engine's time doubles with each.
MAX_UNEVALUATED = 3


def check(schema: Any) -> list[Problem]:
    """The problems of a result schema, given as JSON text or parsed; empty: it may be published.

    At most 100, then one more with the code ``too_many_problems``. A schema too large to be looked through has only
    the problem that says so.
    """
    return check_by(schema, lambda _: ())


def check_by(schema: Any, further: Callable[[dict[str, Any]], Iterable[Problem]]) -> list[Problem]:
    """The problems of any schema of a partner, with those that ``further`` finds in it."""
    parsed, unreadable = _read(schema)
    if unreadable:
        return unreadable
    if not isinstance(parsed, dict):
        return [Problem(pointer="", code="not_an_object", message="must be a JSON object")]
    found = list(_unfit(parsed)) or [*_structure_problems(parsed), *further(parsed)]
    found = list({(problem.pointer, problem.code): problem for problem in found}.values())
    return capped(found or list(_uncompilable(parsed)))


def _structure_problems(schema: dict[str, Any]) -> Iterator[Problem]:
    yield from _root_problems(schema)
    yield from number_problems(schema)
    yield from keyword_problems(schema)
    yield from reference_problems(schema)
    yield from islice(malformed(schema, without=REFUSED), MAX_PROBLEMS + 1)
    yield from hint_problems(schema)
    yield from _unbounded(schema)


def _read(schema: Any) -> tuple[Any, list[Problem]]:
    if not isinstance(schema, str):
        return schema, []
    if len(schema.encode(errors="replace")) > MAX_BYTES:
        return None, [_too_many_bytes()]
    try:
        return json.loads(schema), []
    except (ValueError, RecursionError):
        return None, [Problem(pointer="", code="not_json", message="must be JSON")]


def _too_many_bytes() -> Problem:
    return Problem(pointer="", code="too_many_bytes", message=f"must be at most {MAX_BYTES // 1024} KiB long")


def _unfit(parsed: Any) -> Iterator[Problem]:
    """What stands in the way of looking further: sizes as written, and text that nothing takes."""
    yield from islice(text_problems(parsed), MAX_PROBLEMS + 1)
    nodes, depth = measure.extent(parsed)
    if nodes > MAX_NODES:
        yield _too_many_nodes()
    if depth > measure.MAX_DEPTH:
        yield _too_deep()
    elif len(json.dumps(parsed, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")) > MAX_BYTES:
        yield _too_many_bytes()


def _too_deep() -> Problem:
    message = f"must be nested at most {measure.MAX_DEPTH} levels deep, with its references written out"
    return Problem(pointer="", code="too_deep", message=message)


def _too_many_nodes() -> Problem:
    message = f"must hold at most {MAX_NODES:,} values, with its references written out"
    return Problem(pointer="", code="too_many_nodes", message=message)


def _root_problems(schema: dict[str, Any]) -> Iterator[Problem]:
    if schema.get("$schema", DIALECT) not in (DIALECT, DIALECT + "#"):
        yield Problem(pointer="/$schema", code="unsupported_dialect", message=f"must be {DIALECT}, or be left out")
    if schema.get("type") != "object":
        message = 'must be "object": the schema describes one JSON object'
        yield Problem(pointer="/type", code="root_not_an_object", message=message)


def _unbounded(schema: dict[str, Any]) -> Iterator[Problem]:
    """Sizes with the references written out."""
    try:
        size = measure.size_of(schema)
    except measure.Circular:
        return  # reported where the circle closes
    except measure.TooDeep:
        yield _too_deep()
        return
    if size.depth > measure.MAX_DEPTH:
        yield _too_deep()
    if size.nodes > MAX_NODES:
        yield _too_many_nodes()
    yield from _too_much_work(size)


def _too_much_work(size: measure.Size) -> Iterator[Problem]:
    if size.load > MAX_LOAD:
        message = f"one value would be checked against more than {MAX_LOAD:,} parts of the schema"
        yield Problem(pointer="", code="too_heavy", message=message)
    if size.atoms > MAX_PATTERN_ATOMS:
        message = f"its patterns hold more than {MAX_PATTERN_ATOMS:,} characters, with their repetitions written out"
        yield Problem(pointer="", code="too_many_patterns", message=message)
    if size.unevaluated > MAX_UNEVALUATED:
        message = f"has more than {MAX_UNEVALUATED} unevaluatedProperties or unevaluatedItems inside each other"
        yield Problem(pointer="", code="too_many_unevaluated", message=message)


def _uncompilable(schema: dict[str, Any]) -> Iterator[Problem]:
    try:
        engine_for(schema)
    except Exception:
        message = "could not be compiled by the validator, for a reason that the other checks did not find"
        yield Problem(pointer="", code="not_compilable", message=message)
