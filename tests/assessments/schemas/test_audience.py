"""Who may read which part of a result, as its schema says."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.schemas.audience import Audiences, audience_of, may_read
from tests.assessments.schemas.samples import CODING, with_property, with_root

ADMIN = frozenset({"admin"})
RECRUITER = frozenset({"recruiter"})
BOTH = ADMIN | RECRUITER
NOBODY: frozenset[str] = frozenset()


def test_a_schema_without_audiences_is_for_everybody() -> None:
    schema = with_property({"type": "string"})
    assert Audiences(schema).restricts is False
    assert [audience_of(schema, pointer) for pointer in ("", "/value", "/undeclared", "no pointer")] == [None] * 4


@pytest.mark.parametrize(
    ("pointer", "audience"),
    [
        ("", None),
        ("/score", None),
        ("/similarity", ADMIN),
        ("/notes", BOTH),
        ("/tasks", None),
        ("/tasks/0/name", None),
        ("/tasks/17/detail", ADMIN),
        ("/tasks/0/detail/runs", ADMIN),
        ("/skills/anything", None),
        ("/undeclared", ADMIN),
        ("/undeclared/below", ADMIN),
        ("/tasks/0/undeclared", ADMIN),
        ("/languages/0", None),
        ("not a pointer", ADMIN),
    ],
)
def test_an_audience_is_found_for_every_place_of_a_document(pointer: str, audience: Any) -> None:
    assert audience_of(CODING, pointer) == audience


def test_an_audience_covers_all_below_and_the_strictest_wins() -> None:
    inner = {"type": "object", "x-audience": ["admin"], "properties": {"leaf": {"x-audience": ["recruiter", "admin"]}}}
    schema = with_property({"type": "object", "x-audience": ["admin", "recruiter"], "properties": {"inner": inner}})
    assert audience_of(schema, "/value") == BOTH
    assert audience_of(schema, "/value/inner") == ADMIN
    assert audience_of(schema, "/value/inner/leaf") == ADMIN
    assert audience_of(schema, "/value/undeclared") == ADMIN


def test_audiences_that_share_no_role_leave_nobody() -> None:
    schema = with_property({"x-audience": ["admin"], "properties": {"leaf": {"x-audience": ["recruiter"]}}})
    assert audience_of(schema, "/value/leaf") == NOBODY


@pytest.mark.parametrize(
    "subschema",
    [
        {"$ref": "#/$defs/secret"},
        {"allOf": [{"$ref": "#/$defs/secret"}]},
        {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/secret"}]},
        {"oneOf": [{"x-audience": ["admin"]}, {"type": "null"}]},
        {"if": {"const": 1}, "then": {"x-audience": ["admin"]}},
        {"if": {"const": 1}, "else": {"x-audience": ["admin"]}},
        {"if": {"x-audience": ["admin"]}},
        {"dependentSchemas": {"a": {"x-audience": ["admin"]}}},
    ],
)
def test_every_branch_counts_whether_the_document_takes_it_or_not(subschema: dict[str, Any]) -> None:
    schema = with_property(subschema, **{"$defs": {"secret": {"x-audience": ["admin"]}}})
    assert audience_of(schema, "/value") == ADMIN
    assert audience_of(schema, "/value/below") == ADMIN


def test_what_is_declared_by_true_is_declared() -> None:
    schema = with_root(
        properties={"open": True, "secret": {"x-audience": ["recruiter"]}, "list": {"type": "array"}},
        additionalProperties=False,
    )
    assert audience_of(schema, "/open") is None
    assert audience_of(schema, "/list/0") is None
    assert audience_of(schema, "/open/0") == ADMIN


def test_items_are_found_by_their_place() -> None:
    schema = with_property(
        {"prefixItems": [{"x-audience": ["admin"]}, True], "items": {"x-audience": ["recruiter"]}, "contains": {}}
    )
    found = [audience_of(schema, f"/value/{index}") for index in (0, 1, 2, 99)]
    assert found == [ADMIN, None, RECRUITER, RECRUITER]


def test_properties_named_like_numbers_are_properties() -> None:
    schema = with_root(properties={"0": {"x-audience": ["recruiter"]}, "list": {"items": {"type": "string"}}})
    assert audience_of(schema, "/0") == RECRUITER
    assert audience_of(schema, "/1") == ADMIN


def test_an_audience_at_the_root_covers_everything() -> None:
    schema = with_property({"type": "string"}, **{"x-audience": ["recruiter"]})
    assert audience_of(schema, "") == audience_of(schema, "/value") == RECRUITER
    assert audience_of(schema, "/undeclared") == NOBODY


def test_a_role_may_read_what_is_for_it_or_for_everybody() -> None:
    assert may_read("interviewer", None)
    assert may_read("admin", ADMIN)
    assert not may_read("recruiter", ADMIN)
    assert not may_read("admin", NOBODY)
