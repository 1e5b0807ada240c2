"""Whether a document fits a schema, and if not, what is wrong with it. Never raises, opens nothing, stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from assessments.schemas.failures import Failure, failures
from assessments.schemas.messages import code_and_sentence
from assessments.schemas.problems import LARGEST_NUMBER, MAX_PROBLEMS, Problem, capped, is_out_of_range, out_of_range
from assessments.schemas.registry import CompiledSchema, validator_for
from core.levels import Levels, levels
from core.pointers import join

MAX_NODES = 20_000
MAX_DEPTH = 64
#: Characters of text × characters of pattern: about a second of the engine's slowest case.
MAX_PATTERN_WORK = 100_000_000


def validate(
    schema_text: str,
    document: Any,
    walked: Levels | None = None,
    compiled_by: Callable[[str], CompiledSchema] = validator_for,
) -> list[Problem]:
    """The problems of a parsed JSON document under a published schema; empty: it fits.

    At most 100, then one more with the code ``too_many_problems``. What cannot be decided is the problem
    ``unverifiable``: nothing that a schema or a document holds makes this raise. ``walked``: the levels of the
    document, where somebody has them; ``compiled_by``: for a schema that is not to be kept.
    """
    try:
        return _checked(schema_text, document, walked or levels(document), compiled_by)
    # A partner wrote the schema and the document: whatever an engine raises over them (a recursion limit, a value that
    # is no JSON, a fault of its own) is an answer for the partner and no fault of this service.
    except Exception:
        return [_unverifiable()]


def _checked(
    schema_text: str, document: Any, walked: Levels, compiled_by: Callable[[str], CompiledSchema]
) -> list[Problem]:
    extent = _extent(walked)
    if extent is None:
        return capped(list(islice(_out_of_bounds(document), MAX_PROBLEMS + 1))) or [_unverifiable()]
    compiled = compiled_by(schema_text)
    if extent * compiled.pattern_load > MAX_PATTERN_WORK:
        return [Problem(pointer="", code="too_complex", message="holds too much text for the patterns of its schema")]
    return [] if compiled.accepts(document) else _explained(compiled, document)


def _explained(compiled: CompiledSchema, document: Any) -> list[Problem]:
    found = [_problem(failure) for failure in islice(failures(compiled, document), MAX_PROBLEMS + 1)]
    return capped(found) or [_unverifiable()]


def _problem(failure: Failure) -> Problem:
    code, message = code_and_sentence(failure.keyword, failure.expected, failure.value)
    return Problem(pointer=join(failure.path), code=code, message=message, schema_pointer=join(failure.where))


def _unverifiable() -> Problem:
    return Problem(pointer="", code="unverifiable", message="This document could not be checked against its schema.")


_JSON = frozenset({dict, list, str, int, float, bool, type(None)})


def _extent(walked: Levels) -> int | None:
    """The characters of all text of a JSON document within bounds, else ``None``. The fast way: level by level."""
    nodes, characters = 0, 0
    for depth, found in enumerate(walked):
        nodes += sum(map(len, found.values()))
        if depth > MAX_DEPTH or nodes > MAX_NODES or not found.keys() <= _JSON:
            return None
        if not _are_in_range(found.get(int)) or not _are_in_range(found.get(float)):
            return None
        characters += len("".join(found.get(str, ())))
    return characters


def _are_in_range(numbers: list[Any] | None) -> bool:
    # What is no number compares with none.
    return not numbers or all(-LARGEST_NUMBER <= number <= LARGEST_NUMBER for number in numbers)


@dataclass(slots=True)
class _Count:
    nodes: int = 0


def _out_of_bounds(document: Any) -> Iterator[Problem]:
    """The slow way, for a document that is known to be out of bounds: says where."""
    count = _Count()
    yield from _numbers_out_of_bounds(document, (), count)
    if count.nodes > MAX_NODES:
        yield Problem(pointer="", code="too_many_values", message=f"holds more than {MAX_NODES:,} values")


def _numbers_out_of_bounds(value: Any, path: tuple[str | int, ...], count: _Count) -> Iterator[Problem]:
    count.nodes += 1
    if count.nodes > MAX_NODES:
        return
    if len(path) > MAX_DEPTH:
        yield Problem(pointer=join(path), code="too_deep", message=f"is nested more than {MAX_DEPTH} levels deep")
    elif isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for token, inner in members:
            yield from _numbers_out_of_bounds(inner, (*path, token), count)
    elif is_out_of_range(value):
        yield out_of_range(join(path))
