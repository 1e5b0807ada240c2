"""What the meta-schemas refuse: JSON Schema's own and that of the display vocabulary, subschema by subschema.

The library jsonschema is the authority and names what is wrong. It needs three seconds for a schema of 10,000 nodes,
so it is asked only about subschemas that the fast engine refuses by the same meta-schema, each without those inside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema_rs import Draft202012Validator as FastValidator
from referencing import Registry

from assessments.schemas import display
from assessments.schemas.messages import any_of, clean, code_and_sentence
from assessments.schemas.problems import Problem
from assessments.schemas.subschemas import APPLICATORS, Path, Shape, walk
from core.pointers import join

_META_URI = "urn:assay:display:v1"


def malformed(schema: Any, without: Collection[str] = ()) -> Iterator[Problem]:
    """Keywords and hints that are not written as they must be; ``without`` names keywords to pass over."""
    for path, node in walk(schema):
        alone = _alone(node, without)
        if not _fast().is_valid(alone):
            yield from (_problem(path, error) for error in _authority().iter_errors(alone))


def _alone(node: Any, without: Collection[str]) -> Any:
    """A subschema with ``true`` in the place of every subschema inside it."""
    if not isinstance(node, dict):
        return node
    return {keyword: _emptied(keyword, value) for keyword, value in node.items() if keyword not in without}


def _emptied(keyword: str, value: Any) -> Any:
    shape = APPLICATORS.get(keyword)
    if shape is Shape.ONE:
        return True
    if shape is Shape.LIST and isinstance(value, list):
        return [True for _ in value]
    if shape is Shape.MAP and isinstance(value, dict):
        return dict.fromkeys(value, True)
    return value


@cache
def _authority() -> Draft202012Validator:
    # An empty registry: the library's own would fetch what it does not know.
    return Draft202012Validator(display.meta_schema(_META_URI), registry=Registry())


@cache
def _fast() -> FastValidator:
    return FastValidator(display.meta_schema(_META_URI), offline=True)


def _problem(path: Path, error: ValidationError) -> Problem:
    error = best_match([error]) or error
    place = [*path, *error.absolute_path]
    code = "malformed_hint" if display.KEYWORDS & {str(part) for part in error.absolute_path} else "malformed_keyword"
    return Problem(pointer=join(place), code=code, message=clean(_sentence(error)))


def _sentence(error: ValidationError) -> str:
    keyword, expected = str(error.validator), error.validator_value
    rule = error.schema if isinstance(error.schema, dict) else {}
    if isinstance(error.instance, dict) and isinstance(expected, list) and keyword == "required":
        return f"must have {any_of([name for name in expected if name not in error.instance])}"
    if isinstance(error.instance, dict) and keyword == "additionalProperties":
        known = list(rule.get("properties", {}))
        unknown = [name for name in error.instance if name not in known]
        return f"must not have {any_of(unknown)}; it may have {any_of(known)}"
    if keyword == "pattern" and "title" in rule:
        return f"is not written as it must be. {rule['title']}"
    if keyword == "anyOf":
        return " or ".join(
            code_and_sentence(str(part.validator), part.validator_value, part.instance)[1]
            for part in error.context or ()
        )
    return code_and_sentence(keyword, expected, error.instance)[1]
