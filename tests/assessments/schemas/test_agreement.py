"""Two engines, one verdict: what we say of a document is what the jsonschema library says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.schemas.formats import FORMATS
from assessments.schemas.policy import check
from assessments.schemas.validation import validate
from tests.assessments.schemas.corpus import DEFINITIONS, FORMATTED, PATTERNS, SUBSCHEMAS, TEXTS, VALUES
from tests.assessments.schemas.oracle import oracle
from tests.assessments.schemas.samples import CODING, CODING_DOCUMENT, coding_document, with_property


def assert_one_verdict(schema: dict[str, Any], document: Any) -> None:
    expected = oracle(schema).is_valid(document)
    problems = validate(json.dumps(schema), document)
    assert (problems == []) is expected, (schema, document, problems)
    assert not {"unverifiable", "invalid"} & {problem.code for problem in problems}, (schema, document, problems)


@pytest.mark.parametrize("subschema", SUBSCHEMAS, ids=lambda subschema: json.dumps(subschema)[:60])
def test_both_engines_say_the_same_of_every_value(subschema: Any) -> None:
    schema = with_property(subschema, **{"$defs": DEFINITIONS})
    assert check(schema) == []
    for value in VALUES:
        assert_one_verdict(schema, {"value": value})


@pytest.mark.parametrize("pattern", PATTERNS)
def test_both_engines_read_a_pattern_alike(pattern: str) -> None:
    schema = with_property({"type": "string", "pattern": pattern})
    assert check(schema) == []
    for text in TEXTS:
        assert_one_verdict(schema, {"value": text})


@pytest.mark.parametrize("name", FORMATS)
def test_both_engines_check_a_format_alike(name: str) -> None:
    schema = with_property({"format": name})
    assert check(schema) == []
    for text in [*FORMATTED[name], *TEXTS, *VALUES]:
        assert_one_verdict(schema, {"value": text})


def test_a_rich_document_is_accepted_by_both() -> None:
    assert validate(json.dumps(CODING), CODING_DOCUMENT) == []
    assert_one_verdict(CODING, CODING_DOCUMENT)


# -- documents and schemas made up by the machine ---------------------------------------------------------------------

names = st.sampled_from(["a", "b", "c", "m~n"])
small = st.integers(0, 3)
texts = st.sampled_from(["", "a", "ab", "B-1", "2026-01-31", "é"])
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=10
)
leaves = st.sampled_from(
    [subschema for subschema in SUBSCHEMAS if not isinstance(subschema, dict) or len(subschema) < 3]
)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string", "integer", ["object", "array"]]),
            "properties": st.dictionaries(names, inner, max_size=3),
            "additionalProperties": st.booleans() | inner,
            "required": st.lists(names, unique=True, max_size=2),
            "items": inner,
            "prefixItems": several,
            "minItems": small,
            "maxProperties": small,
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "contains": inner,
            "minContains": small,
            "dependentSchemas": st.dictionaries(names, inner, max_size=2),
            "unevaluatedProperties": st.booleans(),
        },
    )


schemas = st.recursive(leaves, combined, max_leaves=8)


@settings(max_examples=120, deadline=None)
@given(subschema=schemas, value=values)
def test_both_engines_agree_on_what_nobody_thought_of(subschema: Any, value: Any) -> None:
    schema = with_property(subschema, **{"$defs": DEFINITIONS})
    if check(schema) == []:
        assert_one_verdict(schema, {"value": value})


@settings(max_examples=80, deadline=None)
@given(
    changes=st.dictionaries(
        st.sampled_from([*CODING["properties"], "undeclared"]),
        values | st.sampled_from(list(CODING_DOCUMENT.values())),
        max_size=4,
    ),
    missing=st.sets(st.sampled_from(list(CODING_DOCUMENT)), max_size=3),
)
def test_both_engines_agree_on_a_rich_document_gone_wrong(changes: dict[str, Any], missing: set[str]) -> None:
    document = {name: value for name, value in coding_document(**changes).items() if name not in missing}
    assert_one_verdict(CODING, document)
    assert_same_places(CODING, document)


def assert_same_places(schema: dict[str, Any], document: Any) -> None:
    """Every place that one names, the other names; of what is missing or undeclared, ours is the property itself."""
    theirs = {tuple(map(str, error.absolute_path)) for error in oracle(schema).iter_errors(document)}
    problems = validate(json.dumps(schema), document)
    named = ("required", "undeclared_property")
    ours = {tuple(problem.pointer.split("/")[1:])[: -1 if problem.code in named else None] for problem in problems}
    assert {tuple(part.replace("~0", "~") for part in place) for place in ours} == theirs
