"""What a recruiter may be asked when ordering, and the fields of the form that asks it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.schemas.order_schema import OrderField, check_order_schema, form_fields
from assessments.schemas.validation import validate

FULL: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "English test",
    "description": "What the test should be about",
    "type": "object",
    "additionalProperties": False,
    "required": ["level", "invite_by"],
    "properties": {
        "level": {"type": "string", "title": "Level", "enum": ["B1", "B2"], "default": "B2"},
        "industry": {
            "type": "string",
            "oneOf": [{"const": "it", "title": "Information technology"}, {"const": "law"}],
        },
        "skills": {
            "type": "array",
            "items": {"enum": ["reading", "writing"]},
            "uniqueItems": True,
            "default": ["reading"],
        },
        "topics": {"type": "array", "items": {"oneOf": [{"const": "a", "title": "Arts"}]}},
        "contact": {"type": "string", "format": "email", "description": "Who gets a copy"},
        "brief_url": {"type": "string", "format": "uri", "maxLength": 300},
        "invite_by": {"type": "string", "format": "date", "title": "Invite by"},
        "reference": {"type": "string", "maxLength": 40},
        "notes": {"type": "string", "maxLength": 2000},
        "minutes": {"type": "integer", "minimum": 10, "maximum": 90, "default": 45},
        "weight": {"type": "number", "minimum": 0},
        "proctored": {"type": "boolean", "default": False},
    },
}


def codes(schema: Any) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in check_order_schema(schema)]


def field(name: str, label: str, kind: str, **more: Any) -> OrderField:
    return OrderField(name=name, label=label, kind=kind, **{"description": "", "required": False, **more})


def test_a_full_order_schema_has_no_problems_as_text_or_parsed() -> None:
    assert check_order_schema(FULL) == []
    assert check_order_schema(json.dumps(FULL)) == []


def test_every_property_becomes_a_field_in_the_order_of_the_schema() -> None:
    assert form_fields(FULL) == (
        field("level", "Level", "choice", required=True, choices=(("B1", "B1"), ("B2", "B2")), default="B2"),
        field("industry", "Industry", "choice", choices=(("it", "Information technology"), ("law", "law"))),
        field(
            "skills",
            "Skills",
            "choices",
            choices=(("reading", "reading"), ("writing", "writing")),
            default=["reading"],
        ),
        field("topics", "Topics", "choices", choices=(("a", "Arts"),)),
        field("contact", "Contact", "email", description="Who gets a copy"),
        field("brief_url", "Brief url", "url", max_length=300),
        field("invite_by", "Invite by", "date", required=True),
        field("reference", "Reference", "text", max_length=40),
        field("notes", "Notes", "long_text", max_length=2000),
        field("minutes", "Minutes", "integer", minimum=10, maximum=90, default=45),
        field("weight", "Weight", "number", minimum=0),
        field("proctored", "Proctored", "boolean", default=False),
    )  # fmt: skip


def test_an_order_schema_may_ask_nothing() -> None:
    assert check_order_schema({"type": "object"}) == []
    assert form_fields({"type": "object"}) == form_fields({}) == ()


def test_the_answers_are_validated_by_the_same_schema() -> None:
    text = json.dumps(FULL)
    assert validate(text, {"level": "B1", "invite_by": "2026-01-31", "skills": ["writing"], "minutes": 10}) == []
    found = validate(text, {"level": "C2", "skills": ["reading", "reading"], "minutes": 5, "more": 1})
    assert sorted((problem.pointer, problem.code) for problem in found) == [
        ("/invite_by", "required"),
        ("/level", "not_in_enum"),
        ("/minutes", "too_small"),
        ("/more", "undeclared_property"),
        ("/skills", "duplicate_items"),
    ]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("$defs", {}),
        ("allOf", []),
        ("if", {}),
        ("minProperties", 1),
        ("x-summary", {}),
        ("examples", []),
    ],
)
def test_the_root_is_one_flat_object_and_nothing_else(keyword: str, value: Any) -> None:
    assert (f"/{keyword}", "refused_keyword") in codes({"type": "object", keyword: value})


@pytest.mark.parametrize(
    ("subschema", "pointer", "code"),
    [
        ({}, "/type", "unsupported_field"),
        (True, "/type", "unsupported_field"),
        ({"enum": ["a"]}, "/type", "unsupported_field"),
        ({"type": "object"}, "/type", "unsupported_field"),
        ({"type": "null"}, "/type", "unsupported_field"),
        ({"type": ["string", "null"]}, "/type", "unsupported_field"),
        ({"$ref": "#/properties/other"}, "/type", "unsupported_field"),
        ({"type": "string", "pattern": "a"}, "/pattern", "refused_keyword"),
        ({"type": "string", "minLength": 1}, "/minLength", "refused_keyword"),
        ({"type": "string", "minimum": 1}, "/minimum", "refused_keyword"),
        ({"type": "string", "x-display": {}}, "/x-display", "refused_keyword"),
        ({"type": "integer", "maxLength": 1}, "/maxLength", "refused_keyword"),
        ({"type": "integer", "enum": [1]}, "/enum", "refused_keyword"),
        ({"type": "boolean", "const": True}, "/const", "refused_keyword"),
        ({"type": "string", "format": "time"}, "/format", "unknown_format"),
        ({"type": "string", "enum": [1]}, "/enum/0", "unsupported_choice"),
        ({"type": "string", "enum": []}, "/enum", "no_choices"),
        ({"type": "string", "oneOf": [{"title": "A"}]}, "/oneOf/0", "unsupported_choice"),
        ({"type": "string", "oneOf": [{"const": "a", "type": "string"}]}, "/oneOf/0", "unsupported_choice"),
        ({"type": "string", "enum": ["a"], "oneOf": [{"const": "a"}]}, "/oneOf", "two_choices"),
        ({"type": "string", "enum": [f"v{n}" for n in range(251)]}, "/enum", "too_many_choices"),
        ({"type": "array"}, "/items", "unsupported_field"),
        ({"type": "array", "items": {"type": "string"}}, "/items", "unsupported_field"),
        ({"type": "array", "items": {"enum": [1]}}, "/items/enum/0", "unsupported_choice"),
        ({"type": "array", "items": {"enum": ["a"]}, "minItems": 1}, "/minItems", "refused_keyword"),
        ({"type": "array", "items": {"enum": ["a"], "maxLength": 3}}, "/items/maxLength", "refused_keyword"),
        ({"type": "string", "maxLength": "long"}, "/maxLength", "malformed_keyword"),
        ({"type": "string", "title": 3}, "/title", "malformed_keyword"),
        ({"type": "integer", "default": "many"}, "/default", "wrong_default"),
        ({"type": "string", "format": "date", "default": "today"}, "/default", "wrong_default"),
        ({"type": "array", "items": {"enum": ["a"]}, "default": "a"}, "/default", "wrong_default"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "/maximum", "empty_range"),
    ],
)
def test_a_property_is_a_plain_field_and_nothing_else(subschema: Any, pointer: str, code: str) -> None:
    schema = {"type": "object", "properties": {"value": subschema}}
    assert (f"/properties/value{pointer}", code) in codes(schema)


def test_a_refused_keyword_is_answered_by_those_that_are_accepted() -> None:
    [problem] = check_order_schema({"type": "object", "properties": {"n": {"type": "integer", "multipleOf": 5}}})
    assert problem.message == (
        "is not accepted here in an order schema, only default, description, maximum, minimum, title or type"
    )


def test_no_more_than_thirty_properties_are_asked() -> None:
    def asking(count: int) -> dict[str, Any]:
        return {"type": "object", "properties": {f"p{n}": {"type": "boolean"} for n in range(count)}}

    assert check_order_schema(asking(30)) == []
    assert codes(asking(31)) == [("/properties", "too_many_fields")]


def test_what_is_required_must_be_asked() -> None:
    assert codes({"type": "object", "required": ["a"]}) == [("/required/0", "required_undeclared")]


@pytest.mark.parametrize(("schema", "code"), [("{", "not_json"), ([], "not_an_object"), ({}, "root_not_an_object")])
def test_what_is_no_order_schema_is_told_so(schema: Any, code: str) -> None:
    assert [found for _, found in codes(schema)] == [code]


def test_all_problems_are_told_at_once() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "pattern": "(?=x)"},
            "b": {"type": "object"},
            "c": {"type": "integer", "minimum": "1"},
        },
        "required": ["d"],
    }
    assert set(codes(schema)) == {
        ("/properties/a/pattern", "refused_keyword"),
        ("/properties/a/pattern", "refused_pattern"),
        ("/properties/b/type", "unsupported_field"),
        ("/properties/c/minimum", "malformed_keyword"),
        ("/required/0", "required_undeclared"),
    }
