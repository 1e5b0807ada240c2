"""What may be kept for all tokens of one kind is the same for all of them."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.schemas.subschemas import applied, below, kind_of

SCHEMAS: list[dict[str, Any]] = [
    {"properties": {"a": {"title": "a"}, "0": {"title": "zero"}}, "additionalProperties": {"title": "other"}},
    {"prefixItems": [{"title": "first"}, True], "items": {"title": "item"}, "contains": {"title": "some"}},
    {"items": {"title": "item"}, "properties": {"1": {"title": "one"}}, "unevaluatedProperties": {"title": "rest"}},
    {"$ref": "#/$defs/list", "$defs": {"list": {"prefixItems": [{"title": "first"}]}}, "items": {"title": "item"}},
    {
        "anyOf": [
            {"properties": {"a": {"title": "a"}}},
            {"type": ["array"], "prefixItems": [{}, {}, {"title": "third"}]},
        ]
    },
    {"title": "says nothing of what is below"},
]
TOKENS = ("a", "b", "", "0", "00", "1", "2", "3", "7", "12345678901", "x1", "-1", "²")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_tokens_of_one_kind_lead_to_the_same(schema: dict[str, Any]) -> None:
    nodes = applied(schema, schema)
    found: dict[str | int, Any] = {}
    for token in TOKENS:
        there = below(schema, nodes, token)
        assert found.setdefault(kind_of(nodes, token), there) == there
    assert len(found) < len(TOKENS)
