"""Whether a document fits a schema, and what is said of one that does not."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from assessments.schemas.problems import Problem
from assessments.schemas.registry import validator_for
from assessments.schemas.validation import validate
from tests.assessments.schemas.samples import CODING, CODING_DOCUMENT, coding_document, with_property, with_root

CODING_TEXT = json.dumps(CODING)
ANYTHING = json.dumps({"type": "object"})


def problems(subschema: Any, value: Any, **keywords: Any) -> list[tuple[str, str, str]]:
    found = validate(json.dumps(with_property(subschema, **keywords)), {"value": value})
    return [(problem.pointer, problem.code, problem.message) for problem in found]


def test_a_fitting_document_has_no_problems() -> None:
    assert validate(CODING_TEXT, CODING_DOCUMENT) == []


def test_every_problem_is_told_with_its_place_in_the_document_and_in_the_schema() -> None:
    document = coding_document(score=101, verdict="maybe", tasks=[{"name": "", "points": 1}, {"points": "2"}], extra=1)
    del document["taken_on"]
    assert validate(CODING_TEXT, document) == [
        Problem(
            pointer="/extra",
            code="undeclared_property",
            message="is not among the properties that the schema declares",
            schema_pointer="/additionalProperties",
        ),
        Problem(
            pointer="/score",
            code="too_large",
            message="must be at most 100",
            schema_pointer="/properties/score/maximum",
        ),
        Problem(
            pointer="/verdict",
            code="not_in_enum",
            message="must be one of: pass, fail, unsure",
            schema_pointer="/properties/verdict/enum",
        ),
        Problem(
            pointer="/tasks/0/name",
            code="too_short",
            message="must have at least 1 character",
            schema_pointer="/$defs/task/properties/name/minLength",
        ),
        Problem(pointer="/tasks/1/name", code="required", message="is required", schema_pointer="/$defs/task/required"),
        Problem(
            pointer="/tasks/1/points",
            code="wrong_type",
            message="must be a whole number, not text",
            schema_pointer="/$defs/task/properties/points/type",
        ),
    ]


@pytest.mark.parametrize(
    ("subschema", "value", "code", "message"),
    [
        ({"type": "number"}, "3", "wrong_type", "must be a number, not text"),
        ({"type": ["string", "null"]}, 3, "wrong_type", "must be text or null, not a whole number"),
        ({"type": "integer"}, 2.5, "wrong_type", "must be a whole number, not a number"),
        ({"type": "array"}, {}, "wrong_type", "must be a list, not an object"),
        ({"type": "boolean"}, None, "wrong_type", "must be true or false, not null"),
        ({"enum": ["a", 1, None, ""]}, "b", "not_in_enum", 'must be one of: a, 1, null, ""'),
        ({"const": {"a": 1}}, 2, "not_the_constant", 'must be exactly {"a": 1}'),
        ({"minimum": 0}, -1, "too_small", "must be at least 0"),
        ({"exclusiveMinimum": 0}, 0, "too_small", "must be more than 0"),
        ({"maximum": 1.5}, 2, "too_large", "must be at most 1.5"),
        ({"exclusiveMaximum": 5}, 5, "too_large", "must be less than 5"),
        ({"multipleOf": 5}, 3, "not_a_multiple", "must be a multiple of 5"),
        ({"minLength": 2}, "a", "too_short", "must have at least 2 characters"),
        ({"maxLength": 1}, "ab", "too_long", "must have at most 1 character"),
        ({"pattern": "^[A-Z]{2}$"}, "a", "pattern_mismatch", "must match the pattern ^[A-Z]{2}$"),
        ({"format": "date"}, "tomorrow", "wrong_format", "must be a date, such as 2026-01-31"),
        ({"format": "uri"}, "here", "wrong_format", "must be an absolute URI, such as https://vendor.example/report"),
        ({"minItems": 1}, [], "too_few_items", "must have at least 1 item"),
        ({"maxItems": 2}, [1, 2, 3], "too_many_items", "must have at most 2 items"),
        (
            {"uniqueItems": True, "items": {"type": "string"}},
            ["a", "a"],
            "duplicate_items",
            "must not hold the same item twice",
        ),
        ({"minProperties": 1}, {}, "too_few_properties", "must have at least 1 property"),
        ({"maxProperties": 0}, {"a": 1}, "too_many_properties", "must have at most 0 properties"),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            1,
            "no_alternative_fits",
            "fits none of the alternatives the schema allows",
        ),
        (
            {"oneOf": [{"type": "integer"}, {"minimum": 0}]},
            1,
            "not_exactly_one_alternative",
            "must fit exactly one of the alternatives the schema allows, and fits none or several",
        ),
        (
            {"oneOf": [{"const": "A1", "title": "Beginner"}, {"const": "B2"}]},
            "C9",
            "not_exactly_one_alternative",
            "must be one of: A1, B2",
        ),
        ({"not": {"const": 1}}, 1, "forbidden", "is what the schema forbids"),
        (False, 1, "not_allowed", "is not allowed here"),
        (
            {"contains": {"const": 1}},
            [2],
            "items_missing",
            "must hold the number of certain items that the schema asks for",
        ),
        (
            {"unevaluatedItems": False},
            [1],
            "undeclared_item",
            "holds an item that the schema does not declare",
        ),
    ],
)
def test_a_sentence_says_what_was_expected(subschema: Any, value: Any, code: str, message: str) -> None:
    assert problems(subschema, value) == [("/value", code, message)]


@pytest.mark.parametrize(
    ("subschema", "value", "found"),
    [
        ({"required": ["a", "b"]}, {"b": 1}, [("/value/a", "required")]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, [("/value/b", "required")]),
        ({"propertyNames": {"maxLength": 1}}, {"a": 1, "long": 2}, [("/value/long", "wrong_property_name")]),
        ({"additionalProperties": False}, {"a/b": 1}, [("/value/a~1b", "undeclared_property")]),
        ({"additionalProperties": {"type": "null"}}, {"a": 1}, [("/value/a", "wrong_type")]),
        (
            {"unevaluatedProperties": False, "allOf": [{"properties": {"a": True}}]},
            {"a": 1, "b": 2},
            [("/value/b", "undeclared_property")],
        ),
        ({"properties": {"": {"type": "null"}}}, {"": 1}, [("/value/", "wrong_type")]),
        ({"items": {"type": "null"}}, [None, 1], [("/value/1", "wrong_type")]),
        ({"prefixItems": [{"type": "null"}], "items": {"type": "string"}}, [1, 2], [
            ("/value/0", "wrong_type"), ("/value/1", "wrong_type"),
        ]),
        ({"allOf": [{"minimum": 3}, {"maximum": 0}]}, 1, [("/value", "too_small"), ("/value", "too_large")]),
        ({"if": {"const": 1}, "then": {"type": "string"}}, 1, [("/value", "wrong_type")]),
        ({"if": {"const": 1}, "else": {"type": "string"}}, 2, [("/value", "wrong_type")]),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, [("/value/b", "required")]),
        ({"$ref": "#/$defs/x", "minimum": 9}, 1, [("/value", "wrong_type"), ("/value", "too_small")]),
    ],
)  # fmt: skip
def test_the_guilty_member_is_named(subschema: Any, value: Any, found: list[tuple[str, str]]) -> None:
    told = problems(subschema, value, **{"$defs": {"x": {"type": "string"}}})
    assert [(pointer, code) for pointer, code, _ in told] == found


def test_values_are_never_quoted() -> None:
    document = coding_document(score="Jane Doe", verdict="Jane Doe", notes="Jane Doe" * 9, code="Jane", took="Jane Doe")
    messages = " ".join(problem.message for problem in validate(CODING_TEXT, document))
    assert "too_long" in {problem.code for problem in validate(CODING_TEXT, document)}
    assert "Jane" not in messages


def test_sentences_are_short_and_printable() -> None:
    hostile = "\x1b[31m\u202e" + "x" * 5_000
    [(_, _, message)] = problems({"enum": [hostile, "\n"]}, 1)
    assert len(message) <= 400
    assert message.isprintable()
    assert problems({"const": "a\nb"}, 1)[0][2] == 'must be exactly "a\\nb"'


def test_at_most_a_hundred_problems_are_listed() -> None:
    schema = json.dumps(with_property({"items": {"type": "string"}}))
    assert len(validate(schema, {"value": [1] * 100})) == 100
    found = validate(schema, {"value": [1] * 101})
    assert len(found) == 101
    assert found[-1].code == "too_many_problems"


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**30, 1e300, float("inf"), float("-inf"), float("nan")])
def test_numbers_stay_within_what_every_program_reads_exactly(value: float) -> None:
    found = validate(ANYTHING, {"a": [0, {"b": value}]})
    assert [(problem.pointer, problem.code) for problem in found] == [("/a/1/b", "number_out_of_range")]


@pytest.mark.parametrize("value", [2**53 - 1, -(2**53) + 1, 0.1, 5e-324, -0.0, True])
def test_numbers_within_bounds_are_accepted(value: float) -> None:
    assert validate(ANYTHING, {"a": value}) == []


def test_a_document_of_many_values_is_refused() -> None:
    assert validate(ANYTHING, {"a": [0] * 19_998}) == []
    [problem] = validate(ANYTHING, {"a": [0] * 19_999})
    assert (problem.pointer, problem.code) == ("", "too_many_values")


def test_a_document_nested_too_deep_is_refused_where_it_is() -> None:
    def nested(levels: int) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for _ in range(levels):
            document = {"a": document}
        return document

    assert validate(ANYTHING, nested(64)) == []
    [problem] = validate(ANYTHING, nested(65))
    assert (problem.pointer, problem.code) == ("/a" * 65, "too_deep")


@pytest.mark.parametrize(
    "document",
    [{"\ud800": 1}, {1: 2}, {"a": object()}, {"a": {1, 2}}, {"a": b"bytes"}, {"a": Decimal(1)}],
)
def test_what_no_engine_can_read_is_unverifiable(document: Any) -> None:
    schema = json.dumps(with_root(properties={"a": {"type": "string"}}))
    assert [problem.code for problem in validate(schema, document)] == ["unverifiable"]


@pytest.mark.parametrize(
    "schema", ["", "{", "[]", '{"type": 3}', '{"$ref": "https://elsewhere.example/"}', '{"pattern": "("}']
)
def test_a_schema_that_cannot_be_compiled_makes_documents_unverifiable(schema: str) -> None:
    assert [problem.code for problem in validate(schema, {})] == ["unverifiable"]


def test_a_validator_is_compiled_once_for_a_text() -> None:
    text = json.dumps(with_root(title="compiled once"))
    assert validator_for(text) is validator_for(text[:5] + text[5:])
