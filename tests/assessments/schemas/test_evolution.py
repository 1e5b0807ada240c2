"""What a new version of a result schema changes, and for whom."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from assessments.schemas.evolution import Change, compare
from tests.assessments.schemas.samples import CODING, with_property, with_root


def changes(old: Any, new: Any) -> list[tuple[str, str, str]]:
    """Of one property, between two versions: where below it, what kind, which words."""
    found = compare(with_property(old), with_property(new))
    return [(change.pointer.removeprefix("/properties/value"), change.kind, change.message) for change in found]


def test_the_same_schema_changes_nothing() -> None:
    assert compare(CODING, copy.deepcopy(CODING)) == []


def test_changes_of_a_rich_schema_are_told_by_pointer_into_it() -> None:
    new = copy.deepcopy(CODING)
    del new["properties"]["percentile"]
    new["properties"]["grade"] = {"type": "string"}
    new["required"].append("grade")
    new["properties"]["score"]["maximum"] = 120
    new["$defs"]["task"]["properties"]["points"]["type"] = "number"
    new["title"] = "Coding test, second edition"
    assert compare(CODING, new) == [
        Change(pointer="/required", kind="breaking", message="grade is now required"),
        Change(pointer="/title", kind="compatible", message="changed"),
        Change(pointer="/properties/score/maximum", kind="compatible", message="is limited to 120, was 100"),
        Change(
            pointer="/properties/tasks/items/properties/points/type",
            kind="compatible",
            message="now accepts number too",
        ),
        Change(pointer="/properties/grade", kind="compatible", message="is new"),
        Change(pointer="/properties/percentile", kind="breaking", message="is no longer declared"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"type": "number"}, {"type": "integer"}, ("/type", "breaking", "no longer accepts number")),
        ({"type": "string"}, {"type": ["string", "null"]}, ("/type", "compatible", "now accepts null too")),
        ({"type": "string"}, {"type": "integer"}, ("/type", "breaking", "no longer accepts string")),
        ({}, {"type": "integer"}, ("/type", "breaking", "no longer accepts other types")),
        ({"type": "integer"}, {}, ("/type", "compatible", "now accepts any type too")),
        ({"required": ["a"]}, {}, ("/required", "breaking", "a was always there and may now be absent")),
        ({"maximum": 5}, {"maximum": 3}, ("/maximum", "breaking", "is limited to 3, was 5")),
        ({"minimum": 5}, {"minimum": 3}, ("/minimum", "compatible", "is limited to 3, was 5")),
        ({"maxLength": 5}, {}, ("/maxLength", "compatible", "the limit of 5 is gone")),
        ({}, {"minItems": 1}, ("/minItems", "breaking", "is limited to 1")),
        ({}, {"pattern": "^a"}, ("/pattern", "breaking", "is a new restriction")),
        ({"pattern": "^b"}, {"pattern": "^a"}, ("/pattern", "breaking", "may refuse what was accepted")),
        ({"format": "date"}, {}, ("/format", "compatible", "no longer restricts")),
        ({"anyOf": [{}]}, {"anyOf": [{"minimum": 1}]}, ("/anyOf", "breaking", "may refuse what was accepted")),
        ({"additionalProperties": False}, {}, ("/additionalProperties", "compatible", "now accepts more")),
        (
            {},
            {"additionalProperties": False},
            ("/additionalProperties", "breaking", "no longer accepts what is not declared"),
        ),
        (
            {"items": {"maximum": 1}},
            {"items": {"maximum": 2}},
            ("/items/maximum", "compatible", "is limited to 2, was 1"),
        ),
        ({}, {"items": {"type": "string"}}, ("/items/type", "breaking", "no longer accepts other types")),
        ({"title": "a"}, {"title": "b"}, ("/title", "compatible", "changed")),
        (
            {"x-display": {"unit": "wpm"}},
            {"x-display": {"unit": "points"}},
            ("/x-display/unit", "breaking", "counts points, was wpm"),
        ),
        (
            {},
            {"x-display": {"scale": {"min": 0, "max": 9}}},
            ("/x-display/scale", "breaking", "is read on another scale"),
        ),
        ({}, {"x-display": {"widget": "badge"}}, ("/x-display", "compatible", "is shown differently")),
        (
            {"x-outcome": {"a": "passed"}},
            {"x-outcome": {"a": "review"}},
            ("/x-outcome", "breaking", "a now means review, meant passed"),
        ),
        ({}, {"x-outcome": {"a": "failed"}}, ("/x-outcome", "breaking", "a now means failed, meant none")),
        ({"x-audience": ["admin"]}, {}, ("/x-audience", "breaking", "may now be read by everybody")),
        (
            {"x-audience": ["admin"]},
            {"x-audience": ["admin", "recruiter"]},
            ("/x-audience", "breaking", "may now be read by recruiter"),
        ),
        ({}, {"x-audience": ["admin"]}, ("/x-audience", "compatible", "may be read by admin only")),
        ({}, {"x-retention": "P1Y"}, ("/x-retention", "compatible", "changed")),
    ],
)
def test_a_change_is_breaking_or_compatible_and_says_why(old: Any, new: Any, found: tuple[str, str, str]) -> None:
    assert changes(old, new) == [found]


def test_listed_values_are_compared_however_they_are_listed() -> None:
    old = {"enum": ["a", "b"]}
    new = {"oneOf": [{"const": "a", "title": "A"}, {"const": "c", "title": "C"}]}
    assert ("/oneOf", "breaking", 'no longer accepts "b"') in changes(old, new)
    assert ("/oneOf", "compatible", 'now accepts "c" too') in changes(old, new)
    assert changes({"enum": [1]}, {"enum": [1, 2]}) == [("/enum", "compatible", "now accepts 2 too")]
    assert ("/enum", "breaking", "now accepts listed values only") in changes({}, {"enum": [1]})
    assert ("/enum", "compatible", "now accepts other values than those listed") in changes({"enum": [1]}, {})


def test_a_definition_that_changes_changes_everything_that_refers_to_it() -> None:
    def schema(limit: int) -> dict[str, Any]:
        return with_property({"anyOf": [{"$ref": "#/$defs/x"}]}, **{"$defs": {"x": {"maximum": limit}}})

    assert compare(schema(1), schema(1)) == []
    [change] = compare(schema(2), schema(1))
    assert (change.pointer, change.kind) == ("/properties/value/anyOf", "breaking")


def test_writing_a_definition_out_changes_nothing() -> None:
    old = with_property({"$ref": "#/$defs/x", "title": "X"}, **{"$defs": {"x": {"type": "string"}}})
    assert compare(old, with_property({"type": "string", "title": "X"})) == []


def test_moving_a_headline_value_is_breaking_and_adding_one_is_not() -> None:
    properties = {"a": {"type": "number"}, "b": {"type": "number"}}
    old = with_root(properties=properties, **{"x-summary": {"score": "/a"}})
    new = with_root(properties=properties, **{"x-summary": {"score": "/b", "maximum": 10}})
    assert compare(old, new) == [
        Change(pointer="/x-summary/score", kind="breaking", message="score is /b, was /a"),
        Change(pointer="/x-summary/maximum", kind="compatible", message="maximum is now 10"),
    ]
