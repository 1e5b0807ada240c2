"""What a result schema may be, problem by problem."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from assessments.schemas.policy import MAX_BYTES, check
from tests.assessments.schemas.samples import CODING, with_property, with_root


def codes(schema: Any) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in check(schema)]


def test_a_rich_schema_has_no_problems_as_text_or_parsed() -> None:
    assert check(CODING) == []
    assert check(json.dumps(CODING)) == []


def test_the_least_schema_is_an_object_of_anything() -> None:
    assert check({"type": "object"}) == []


def test_a_problem_says_where_which_and_why() -> None:
    [problem] = check(with_property({"type": "string", "pattern": "(?=a)b"}))
    assert problem.as_json() == {
        "pointer": "/properties/value/pattern",
        "code": "refused_pattern",
        "message": "a look-ahead, (?=…), cannot be checked in linear time",
        "schema_pointer": "",
    }


@pytest.mark.parametrize("text", ["", "{", "[1", "nonsense", '{"a": 1e}'])
def test_what_is_not_json_is_told_so(text: str) -> None:
    assert codes(text) == [("", "not_json")]


@pytest.mark.parametrize("schema", [[], "3", None, True, 3, '"text"', "[]"])
def test_what_is_not_an_object_is_told_so(schema: Any) -> None:
    assert codes(schema) == [("", "not_an_object")]


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({}, [("/type", "root_not_an_object")]),
        ({"type": ["object", "null"]}, [("/type", "root_not_an_object")]),
        (with_root(**{"$schema": "http://json-schema.org/draft-07/schema#"}), [("/$schema", "unsupported_dialect")]),
        (with_root(**{"$id": "https://vendor.example/schema"}), []),
        (with_root(**{"$id": "schema.json"}), [("/$id", "refused_id")]),
        (with_root(**{"$id": "https://vendor.example/schema#part"}), [
            ("/$id", "refused_id"), ("/$id", "malformed_keyword"),
        ]),
        (with_property({"$id": "inner"}), [("/properties/value/$id", "refused_keyword")]),
        (with_property({"$schema": "https://json-schema.org/draft/2020-12/schema"}), [
            ("/properties/value/$schema", "refused_keyword"),
        ]),
        (with_root(**{"$anchor": "a"}), [("/$anchor", "refused_keyword")]),
        (with_root(**{"$dynamicAnchor": "a"}), [("/$dynamicAnchor", "refused_keyword")]),
        (with_property({"$dynamicRef": "#a"}), [("/properties/value/$dynamicRef", "refused_keyword")]),
        (with_property({"$recursiveRef": "#"}), [("/properties/value/$recursiveRef", "refused_keyword")]),
        (with_root(patternProperties={"^a": {}}), [("/patternProperties", "refused_keyword")]),
        (with_root(dependencies={"a": ["b"]}), [("/dependencies", "refused_keyword")]),
        (with_root(definitions={"a": {}}), [("/definitions", "refused_keyword")]),
    ],
)  # fmt: skip
def test_only_what_stays_within_the_schema_is_accepted(schema: Any, found: list[tuple[str, str]]) -> None:
    assert codes(schema) == found


@pytest.mark.parametrize(
    "name", ["$ref", "$id", "$dynamicRef", "patternProperties", "pattern", "x-display", "format", "enum", "__proto__"]
)
def test_a_property_may_be_named_like_a_keyword(name: str) -> None:
    assert check(with_root(properties={name: {"type": "string"}}, required=[name])) == []


@pytest.mark.parametrize("keyword", ["enum", "examples"])
def test_values_that_look_like_schemas_are_only_values(keyword: str) -> None:
    values = [{"$ref": "https://elsewhere.example/", "pattern": "(?=a)", "$id": "x", "format": "nonsense"}]
    assert check(with_property({keyword: values})) == []


@pytest.mark.parametrize(
    "ref",
    [
        "https://elsewhere.example/schema.json",
        "file:///etc/passwd",
        "#",
        "#/properties/value",
        "#name",
        "other.json",
        "#/$defs",
        "#/definitions/a",
        "#/$defs/~2",
        "#/$defs/ä",
        "",
    ],
)
def test_a_reference_out_of_the_definitions_is_refused(ref: str) -> None:
    schema = with_property({"$ref": ref}, **{"$defs": {"a": {}}})
    assert codes(schema) == [("/properties/value/$ref", "foreign_reference")]


def test_a_reference_must_lead_to_a_subschema() -> None:
    definitions = {"a": {"enum": [{"b": {}}], "x-note": {}, "properties": {"deep": {"type": "string"}}}}
    for pointer in ("#/$defs/b", "#/$defs/a/enum/0", "#/$defs/a/x-note", "#/$defs/a/properties"):
        schema = with_property({"$ref": pointer}, **{"$defs": definitions})
        assert codes(schema) == [("/properties/value/$ref", "unknown_reference")]
    assert check(with_property({"$ref": "#/$defs/a/properties/deep"}, **{"$defs": definitions})) == []


def test_a_reference_may_be_escaped_as_a_uri_and_as_a_pointer() -> None:
    definitions: dict[str, Any] = {"a b": {}, "c/d": {}, "e~f": {}, "%": {}}
    refs = ["#/$defs/a%20b", "#/$defs/c~1d", "#/$defs/e~0f", "#/$defs/%25"]
    assert check(with_root(properties={ref: {"$ref": ref} for ref in refs}, **{"$defs": definitions})) == []


def test_recursion_is_refused_where_it_closes() -> None:
    direct = with_property({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}})
    assert codes(direct) == [("/$defs/a/items/$ref", "recursive_reference")]
    itself = with_root(**{"$defs": {"a": {"$ref": "#/$defs/a"}}})
    assert codes(itself) == [("/$defs/a/$ref", "recursive_reference")]
    mutual = with_root(
        **{
            "$defs": {
                "a": {"anyOf": [{"$ref": "#/$defs/b"}]},
                "b": {"properties": {"x": {"$ref": "#/$defs/a/anyOf/0"}}},
                "c": {"$ref": "#/$defs/a"},
            }
        }
    )
    assert codes(mutual) == [
        ("/$defs/a/anyOf/0/$ref", "recursive_reference"),
        ("/$defs/b/properties/x/$ref", "recursive_reference"),
    ]


def test_a_definition_used_twice_is_no_recursion() -> None:
    schema = with_root(
        properties={"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "#/$defs/x"}}, **{"$defs": {"x": {"type": "string"}}}
    )
    assert check(schema) == []


@pytest.mark.parametrize(
    ("subschema", "keyword", "code"),
    [
        ({"type": "nonsense"}, "type", "malformed_keyword"),
        ({"required": "a"}, "required", "malformed_keyword"),
        ({"required": ["a", "a"]}, "required", "malformed_keyword"),
        ({"minLength": -1}, "minLength", "malformed_keyword"),
        ({"properties": []}, "properties", "malformed_keyword"),
        ({"items": [{}]}, "items", "malformed_keyword"),
        ({"pattern": 3}, "pattern", "malformed_keyword"),
        ({"format": ["date"]}, "format", "malformed_keyword"),
        ({"format": "datetime"}, "format", "unknown_format"),
        ({"format": "regex"}, "format", "unknown_format"),
        ({"multipleOf": 0.1}, "multipleOf", "refused_multiple"),
        ({"multipleOf": 2.0}, "multipleOf", "refused_multiple"),
        ({"multipleOf": 0}, "multipleOf", "malformed_keyword"),
        ({"uniqueItems": True}, "uniqueItems", "refused_unique_items"),
        ({"uniqueItems": True, "maxItems": 10}, "uniqueItems", "refused_unique_items"),
        ({"uniqueItems": True, "items": {"type": "array"}, "maxItems": 10}, "uniqueItems", "refused_unique_items"),
        ({"uniqueItems": True, "items": {"type": "object"}}, "uniqueItems", "refused_unique_items"),
        ({"uniqueItems": True, "items": {"type": "object"}, "maxItems": 201}, "uniqueItems", "refused_unique_items"),
        ({"uniqueItems": True, "items": False, "prefixItems": [{}]}, "uniqueItems", "refused_unique_items"),
        ({"minimum": 2**53}, "minimum", "number_out_of_range"),
        ({"const": "\x00"}, "const", "unusable_text"),
        ({"title": "\ud800"}, "title", "unusable_text"),
    ],
)
def test_a_keyword_is_refused_by_name(subschema: dict[str, Any], keyword: str, code: str) -> None:
    assert codes(with_property(subschema)) == [(f"/properties/value/{keyword}", code)]


@pytest.mark.parametrize(
    "subschema",
    [
        True,
        False,
        {},
        {"multipleOf": 5},
        {"minLength": 1.0},
        {"uniqueItems": False},
        {"uniqueItems": True, "items": {"type": ["string", "null"]}},
        {"uniqueItems": True, "items": {"enum": [1, "a"]}},
        {"uniqueItems": True, "items": {"type": "object"}, "maxItems": 200},
        {"uniqueItems": True, "items": False, "prefixItems": [{"const": 1}, {"type": "number"}]},
        {"uniqueItems": True, "items": {"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]}},
        {"x-vendor-note": {"$ref": "anything"}, "unknownKeyword": 3},
        {"if": {"const": 1}, "then": True, "else": False},
        {"unevaluatedProperties": False, "allOf": [{"properties": {"a": True}}]},
    ],
)
def test_ordinary_keywords_are_accepted(subschema: Any) -> None:
    assert check(with_property(subschema)) == []


def test_items_of_a_definition_are_known_by_type() -> None:
    schema = with_property(
        {"uniqueItems": True, "items": {"$ref": "#/$defs/id"}}, **{"$defs": {"id": {"allOf": [{"type": "string"}]}}}
    )
    assert check(schema) == []


def test_a_subschema_that_is_no_schema_is_named() -> None:
    assert codes(with_property(3)) == [("/properties/value", "malformed_keyword")]
    assert check(with_property(3))[0].message == "must be an object or true or false, not a whole number"


def test_all_problems_are_told_at_once() -> None:
    schema = copy.deepcopy(CODING)
    schema["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    schema["properties"]["score"]["x-display"]["widget"] = "sparkle"
    schema["properties"]["code"]["pattern"] = r"^(\w+)\1$"
    schema["properties"]["took"]["format"] = "time-span"
    schema["properties"]["tasks"]["items"] = {"$ref": "https://codeforge.example/task.json"}
    schema["$defs"]["loop"] = {"$ref": "#/$defs/loop"}
    schema["x-summary"]["score"] = "/overall"
    assert set(codes(schema)) == {
        ("/$schema", "unsupported_dialect"),
        ("/properties/score/x-display/widget", "malformed_hint"),
        ("/properties/code/pattern", "refused_pattern"),
        ("/properties/took/format", "unknown_format"),
        ("/properties/tasks/items/$ref", "foreign_reference"),
        ("/$defs/loop/$ref", "recursive_reference"),
        ("/x-summary/score", "summary_leads_nowhere"),
    }


def test_no_more_than_a_hundred_problems_are_listed() -> None:
    problems = check(with_root(properties={f"p{index}": {"type": "nonsense"} for index in range(150)}))
    assert len(problems) == 101
    assert problems[-1].code == "too_many_problems"
    assert {problem.code for problem in problems[:-1]} == {"malformed_keyword"}


def test_bytes_are_counted_in_text_and_in_what_is_parsed() -> None:
    fitting = with_root(title="a" * (MAX_BYTES - 200))
    assert check(fitting) == check(json.dumps(fitting)) == []
    schema = with_root(title="é" * (MAX_BYTES // 2))
    assert codes(schema) == codes(json.dumps(schema, ensure_ascii=False)) == [("", "too_many_bytes")]


def nested(levels: int) -> dict[str, Any]:
    """A schema of so many nested values: an object and its ``items``, again and again."""
    schema: dict[str, Any] = {}
    for _ in range(levels - 2):
        schema = {"items": schema}
    return with_root(items=schema)


def test_depth_is_counted_in_nested_values() -> None:
    assert check(nested(32)) == []
    assert codes(nested(33)) == [("", "too_deep")]


def test_depth_is_counted_through_references() -> None:
    def chain(length: int) -> dict[str, Any]:
        links = {f"d{n}": {"items": {"$ref": f"#/$defs/d{n + 1}"}} for n in range(length)}
        return with_property({"$ref": "#/$defs/d0"}, **{"$defs": {**links, f"d{length}": {}}})

    assert check(chain(10)) == []
    assert codes(chain(32)) == [("", "too_deep")]
    assert codes(chain(2_000)) == [("", "too_deep")]


def test_nodes_are_counted_as_written_and_with_references_written_out() -> None:
    assert check(with_root(properties={f"p{n}": {"title": "a"} for n in range(3_300)})) == []
    assert codes(with_root(properties={f"p{n}": {"title": "a"} for n in range(5_000)})) == [("", "too_many_nodes")]
    wide = {f"p{n}": {"type": "string"} for n in range(200)}
    used = {f"u{n}": {"$ref": "#/$defs/wide"} for n in range(40)}
    found = codes(with_root(properties=used, **{"$defs": {"wide": {"properties": wide}}}))
    assert found == [("", "too_many_nodes")]


def test_what_one_value_is_checked_against_is_bounded() -> None:
    assert check(with_property({"enum": [f"v{n}" for n in range(900)]})) == []
    assert codes(with_property({"enum": [f"v{n}" for n in range(1_001)]})) == [("", "too_heavy")]
    assert codes(with_property({"anyOf": [{"const": n} for n in range(600)]})) == [("", "too_heavy")]
    separate = {f"p{n}": {"enum": list(range(100))} for n in range(20)}
    assert check(with_root(properties=separate)) == []
    together = [{"properties": {"value": {"enum": list(range(100))}}} for _ in range(20)]
    assert codes(with_root(allOf=together)) == [("", "too_heavy")]


def test_patterns_are_bounded_one_by_one_and_together() -> None:
    assert codes(with_property({"pattern": "^.{501}$"})) == [("/properties/value/pattern", "refused_pattern")]
    patterns = {f"p{n}": {"pattern": "^.{400}$"} for n in range(13)}
    assert codes(with_root(properties=patterns)) == [("", "too_many_patterns")]


def test_unevaluated_inside_unevaluated_is_bounded() -> None:
    def closed(times: int) -> dict[str, Any]:
        schema: dict[str, Any] = {"properties": {"a": True}}
        for _ in range(times):
            schema = {"anyOf": [schema], "unevaluatedProperties": False}
        return schema

    assert check(with_property(closed(3))) == []
    assert codes(with_property(closed(4))) == [("", "too_many_unevaluated")]
