"""What two engines are held against each other with: subschemas, values, patterns and formats, made by hand."""

from __future__ import annotations

from typing import Any

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 7, 10, 0.0, -0.0, 1.0, 0.5, 1.5, 2.5, 0.1 + 0.2, 5e-324, 99.99, 2**53 - 1,
    -(2**53) + 1,
    "", "a", "ab", "abc", "A", "1", "é", "e\u0301", "😀", "😀😀", "a\n", "\n", " ", "\u00a0", "\ufeff", "1\u0661",
    "\u0661", "a b",
    [], [1], [1.0], [True], [0], [False], [1, 1.0], [1, True], [0, False], ["a", "a"], ["a", "b"], [None, None],
    [[1], [True]],
    [{}, {}], [{"a": 1}, {"a": 1.0}], [{"a": 1}, {"a": True}], [1, "a", None], list(range(12)), ["a"] * 5,
    {}, {"a": 1}, {"a": 1.0}, {"a": True}, {"a": "x"}, {"b": 1}, {"a": 1, "b": 2}, {"a": 1, "c": 3},
    {"a": {"b": {"a": 1}}},
    {"a": None}, {"": 1}, {"__proto__": 1}, {"a/b": 1, "m~n": "x"}, {"é": 1}, {"a": [1, "x"]}, {"kind": "x",
    "value": 1},
    {"kind": "y", "value": "1"}, {"kind": "z"},
]  # fmt: skip

A = {"a": {"type": "integer"}}
SUBSCHEMAS: list[Any] = [
    True, False, {},
    *({"type": name} for name in ("null", "boolean", "integer", "number", "string", "array", "object")),
    {"type": ["string", "null"]}, {"type": ["integer", "array"]},
    *({"const": value} for value in (None, True, False, 0, 1, 1.0, 0.5, "", "a", [], [1], [True], {}, {"a": 1},
    {"a": True})),
    {"enum": [1, "a", None]}, {"enum": [True]}, {"enum": [[1], {"a": 1}]}, {"enum": [0.0, "é"]},
    *({"multipleOf": value} for value in (1, 2, 3, 7, 10)),
    *({keyword: value} for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
      for value in (0, 1, 1.0, 0.5, 2.5, 0.30000000000000004, -1)),
    *({keyword: value} for keyword in ("minLength", "maxLength", "minItems", "maxItems", "minProperties",
    "maxProperties")
      for value in (0, 1, 2, 2.0, 5)),
    {"uniqueItems": True, "items": {"type": ["string", "number", "boolean", "null"]}},
    {"uniqueItems": True, "items": {"type": "object"}, "maxItems": 10},
    {"uniqueItems": False},
    {"items": {"type": "integer"}}, {"items": False}, {"prefixItems": [{"type": "integer"}, {"type": "string"}]},
    {"prefixItems": [{"const": 1}], "items": {"type": "string"}}, {"prefixItems": [{"const": 1}], "items": False},
    {"contains": {"const": 1}}, {"contains": {"type": "string"}, "minContains": 2}, {"contains": {"const": "a"},
    "maxContains": 1},
    {"contains": {"const": 9}, "minContains": 0}, {"minContains": 2}, {"maxContains": 0},
    {"unevaluatedItems": False, "prefixItems": [{"type": "integer"}]},
    {"unevaluatedItems": False, "contains": {"type": "integer"}},
    {"unevaluatedItems": {"type": "string"}, "anyOf": [{"prefixItems": [{"const": 1}]}, {}]},
    {"required": ["a"]}, {"required": ["a", "b"]}, {"required": ["__proto__"]}, {"required": ["a/b", "m~n"]},
    {"properties": A}, {"properties": {"a": False}}, {"properties": {"__proto__": {"type": "string"}}},
    {"properties": A, "additionalProperties": False}, {"properties": A, "additionalProperties": {"type": "string"}},
    {"additionalProperties": {"type": "integer"}}, {"additionalProperties": False},
    {"propertyNames": {"maxLength": 1}}, {"propertyNames": {"pattern": "^[a-z]+$"}}, {"propertyNames": False},
    {"dependentRequired": {"a": ["b"]}}, {"dependentSchemas": {"a": {"required": ["c"]}}},
    {"dependentSchemas": {"a": False}},
    {"unevaluatedProperties": False, "properties": A}, {"unevaluatedProperties": {"type": "integer"},
    "properties": {"a": True}},
    {"unevaluatedProperties": False, "allOf": [{"properties": A}], "anyOf": [{"required": ["b"],
    "properties": {"b": True}}, True]},
    {"unevaluatedProperties": False, "if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
     "then": {"properties": {"b": True}}, "else": {"properties": {"a": True}}},
    {"unevaluatedProperties": False, "dependentSchemas": {"a": {"properties": {"b": True}}},
    "properties": {"a": True}},
    {"allOf": [{"type": "object"}, {"required": ["a"]}, {"minProperties": 2}]},
    {"anyOf": [{"type": "string", "minLength": 2}, {"type": "integer"}]}, {"anyOf": [False, {"const": {}}]},
    {"oneOf": [{"type": "integer"}, {"minimum": 2}]}, {"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]},
    {"not": {"type": "string"}}, {"not": {}}, {"not": {"required": ["a"]}},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "integer"}}, {"if": {"type": "string"},
    "then": False},
    {"if": {"type": "string"}, "else": False}, {"then": False, "else": False},
    {"$ref": "#/$defs/name"}, {"$ref": "#/$defs/name", "maxLength": 1}, {"$ref": "#/$defs/odd~1name%20x"},
    {"anyOf": [{"$ref": "#/$defs/name"}, {"items": {"$ref": "#/$defs/name"}}]}, {"not": {"$ref": "#/$defs/name"}},
    {"properties": {"kind": {"enum": ["x", "y"]}}, "required": ["kind"],
     "allOf": [{"if": {"properties": {"kind": {"const": "x"}}},
     "then": {"properties": {"value": {"type": "integer"}}}}]},
    {"contentEncoding": "base64", "contentMediaType": "application/json", "contentSchema": False},
    {"title": "t", "description": "d", "default": 3, "examples": [1], "deprecated": True, "readOnly": True,
    "$comment": "c"},
    {"x-anything": {"type": "string"}, "unknown": False, "additionalItems": False, "nullable": True},
    {"type": "object", "x-display": {"widget": "section"}, "x-audience": ["admin"]},
]  # fmt: skip
DEFINITIONS = {"name": {"type": "string", "minLength": 1}, "odd/name x": {"type": ["array", "object"]}}

PATTERNS = [
    "^a", "b$", "^$", "^abc$", "a|1", "^(a|b)+$", "^(?:a?b?)*$", "^[a-z]+$", "^[^a-z]$", r"^\d$", r"^\D$", r"^\w+$",
    r"^\W$",
    r"^\s$", r"^\S+$", r"^[\d.-]+$", r"^[\s\d]+$", r"^[^\s\d]+$", "^.$", "^.{2}$", "^.{2,}$", "^a{1,2}$",
    "^a+?b*?$", r"^\u0061$",
    r"^\x61", r"^[\u00e0-\u00ff]$", "^😀$", "^[😀é]+$", r"^\.\*\/$", r"^[a\]\-^]$", r"\n$", r"^[^\n]*$", "(a+)+$",
    "^(a|a)*$", "",
]  # fmt: skip
TEXTS = [value for value in VALUES if isinstance(value, str)] + [
    "abc1", "ABC", "a.b", "a-b", "]", "^", "-", ".*/", "aaaa", "aab", "b", "é", "ÿ", "\t", "\r", "\u2028", "\x0b",
    "\x1c", "\x85",
    "\u1680", "ab\r", "a\u2029", "_", "ﬁ", "²",
]  # fmt: skip

FORMATTED = {
    "date": ["2026-01-31", "2024-02-29", "2023-02-29", "2026-1-1", "20260131", "0000-01-01", "2026-W01-1",
    "2026-01-31\n", ""],
    "time": ["14:30:00Z", "14:30:00", "14:30:00+02:00", "24:00:00Z", "23:59:60Z", "14:30Z", "14:30:00.123Z",
    "14:30:00z\n"],
    "date-time": [
        "2026-01-31T14:30:00Z", "2026-01-31T14:30:00", "2026-01-31 14:30:00Z", "2026-01-31t14:30:00z",
        "2026-02-30T00:00:00Z",
        "2026-01-31T14:30:00+02:00", "2026-01-31T14:30:00.123456789Z", "1998-12-31T23:59:60Z",
        "2026-01-31T14:30:00Z\n", "2026-01-31",
    ],
    "duration": ["PT45M", "P1D", "P1W", "P", "PT", "45", "PT1.5S", "-P1D", "P1Y2M3DT4H5M6S", "P1Y1D", "PT1D",
    "P" + "9" * 300 + "D"],
    "email": ["a@b.example", "a@b", "a", "@", "a b@c.example", "ä@bücher.example", "a@b@c"],
    "hostname": ["a.example", "-a.example", "a_b", "a" * 64, "", "a.", "xn--a", "1.2.3.4"],
    "uri": [
        "https://a.example/", "https://a.example/x?y=z#f", "a", "//a.example", "javascript:alert(1)", "https://",
        "https://a b",
        "https://ä.example", "http://[::1]/", "http://[::1", "https://a.example/%zz", "data:,x", "urn:isbn:1",
        "mailto:a@b.example", "",
    ],
    "uri-reference": ["/a", "a b", "", "#x", "//h", "\\\\x", "é"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000",
    "123e4567e89b12d3a456426614174000", "x"],
    "ipv4": ["127.0.0.1", "256.1.1.1", "1.2.3", "01.2.3.4", "0x7f.1.1.1"],
    "ipv6": ["::1", "1::1::1", "::ffff:1.2.3.4", "fe80::1%eth0", "[::1]", "12345::"],
    "json-pointer": ["", "/a", "a", "/~0~1", "/~2", "#/a"],
}  # fmt: skip
