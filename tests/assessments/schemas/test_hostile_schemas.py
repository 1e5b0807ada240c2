"""Schemas and documents made to hang, to crash, to fetch or to leak: each gets a clear answer, and soon."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from assessments.schemas.evolution import compare
from assessments.schemas.order_schema import check_order_schema
from assessments.schemas.policy import check
from assessments.schemas.registry import engine_for
from assessments.schemas.validation import validate
from tests.assessments.schemas.samples import with_property, with_root

# Not a measurement: each takes seconds at most, and unbounded it would take minutes, or all of the memory.
HANGS = 60.0


@pytest.fixture(autouse=True)
def hangs() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < HANGS


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sockets that were opened in Python, and a failure for each; the engine's own are met by a listener."""
    opened: list[str] = []

    def refuse(*args: Any, **_: Any) -> Any:
        opened.append(repr(args))
        raise OSError("no network here")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return opened


def codes(schema: Any) -> set[str]:
    return {problem.code for problem in check(schema)}


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef", "$recursiveRef", "$schema", "$id", "$anchor"])
def test_no_socket_is_opened_for_any_reference(keyword: str, no_network: list[str]) -> None:
    for address in (
        "https://attacker.example/s.json",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "ftp://x",
    ):
        for schema in (with_root(**{keyword: address}), with_property({keyword: address})):
            check(schema)
            check_order_schema(schema)
            validate(json.dumps(schema), {"value": 1})
    assert no_network == []


def test_a_listener_hears_nothing_even_when_the_engine_is_given_the_reference() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
        with pytest.raises(ValueError, match="not present in a registry"):
            engine_for(with_property({"$ref": address}))
        engine_for({"$schema": address, "type": "object"})
        assert validate(json.dumps(with_property({"$ref": address})), {"value": 1})[0].code == "unverifiable"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_an_id_of_a_meta_schema_does_not_turn_references_away() -> None:
    schema = with_property(
        {"$ref": "#/$defs/x"},
        **{"$id": "https://json-schema.org/draft/2020-12/schema", "$defs": {"x": {"type": "string"}}},
    )
    assert check(schema) == []
    assert validate(json.dumps(schema), {"value": "a"}) == []
    assert [problem.code for problem in validate(json.dumps(schema), {"value": 1})] == ["wrong_type"]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|a)*$", "^(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_hangs_others_is_read_in_linear_time(pattern: str) -> None:
    schema = with_property({"type": "string", "pattern": pattern})
    assert check(schema) == []
    validate(json.dumps(schema), {"value": "a" * 50_000 + "!"})


@pytest.mark.parametrize(
    ("pattern", "construct"),
    [
        ("(?=a)", "look-ahead"),
        ("(?!a)b", "negative look-ahead"),
        ("(?<=a)b", "look-behind"),
        ("(?<!a)b", "negative look-behind"),
        (r"(a)\1", "back-reference"),
        (r"(?<x>a)\k<x>", "named group"),
        (r"\k<x>", "named back-reference"),
        ("(?>a)", "atomic group"),
        ("(?i)a", "flags"),
        (r"\p{L}", "Unicode class"),
        (r"\bword", "word boundary"),
        ("a++", "nothing that + could repeat"),
        ("(((a{100}){100}){100}){100}", "repeats too much"),
        ("a{99999999999}", "repeats too much"),
        ("((a*)*)*" * 100, "repeats too much"),
        ("a" * 1_001, "longer than 1000"),
        ("(" * 900, "not closed"),
        ("[" * 900, "inside a class"),
        (")", "not opened"),
        ("[z-a]", "not a range"),
        ("[a&&b]", "&& inside a class"),
    ],
)
def test_a_refused_pattern_names_its_construct(pattern: str, construct: str) -> None:
    [problem] = check(with_property({"pattern": pattern}))
    assert (problem.pointer, problem.code) == ("/properties/value/pattern", "refused_pattern")
    assert construct in problem.message


def test_a_pattern_and_a_text_that_together_take_long_are_refused() -> None:
    schema = json.dumps(with_property({"pattern": "(a|b)*a(a|b){200}c$"}))
    assert check(schema) == []
    document = {"value": "ab" * 300_000}
    assert [problem.code for problem in validate(schema, document)] == ["too_complex"]


def laughs(levels: int, width: int) -> dict[str, Any]:
    links = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * width} for n in range(levels)}
    return with_property({"$ref": "#/$defs/d0"}, **{"$defs": {**links, f"d{levels}": {"type": "string"}}})


@pytest.mark.parametrize(("levels", "width"), [(10, 2), (15, 10), (30, 2), (600, 2)])
def test_references_that_multiply_are_counted_without_being_written_out(levels: int, width: int) -> None:
    assert codes(laughs(levels, width)) & {"too_many_nodes", "too_deep", "too_heavy"}
    reversed_definitions = laughs(levels, width)
    reversed_definitions["$defs"] = dict(reversed(reversed_definitions["$defs"].items()))
    assert codes(reversed_definitions) & {"too_many_nodes", "too_deep", "too_heavy"}


def test_many_circles_are_reported_soon() -> None:
    definitions = {f"d{n}": {"$ref": f"#/$defs/d{n}"} for n in range(3_000)}
    assert codes(with_root(**{"$defs": definitions})) == {"recursive_reference"}
    ring = {f"d{n}": {"items": {"$ref": f"#/$defs/d{(n + 1) % 2_000}"}} for n in range(2_000)}
    assert "recursive_reference" in codes(with_root(**{"$defs": ring}))


def test_schemas_nested_beyond_any_recursion_limit_are_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5_000):
        schema = {"items": schema}
    assert codes(with_root(items=schema)) == {"too_deep"}
    text = '{"type":"object","items":' * 10_000 + "{}" + "}" * 10_000
    assert codes(text) <= {"not_json", "too_deep", "too_many_bytes"}
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    assert codes(with_root(const=deep)) == {"too_deep"}


def test_documents_nested_beyond_any_recursion_limit_are_refused() -> None:
    document: Any = 1
    for _ in range(3_000):
        document = {"a": [document]}
    assert [problem.code for problem in validate('{"type": "object"}', document)] == ["too_deep"]


def test_a_huge_enumeration_is_refused() -> None:
    assert codes(with_property({"enum": list(range(20_000))})) == {"too_many_nodes"}
    assert codes(with_property({"enum": list(range(9_000))})) == {"too_heavy"}


def test_a_wrong_item_in_every_place_is_explained_soon() -> None:
    schema = with_property({"items": {"enum": [f"v{n}" for n in range(950)]}})
    assert check(schema) == []
    found = validate(json.dumps(schema), {"value": ["x"] * 19_000})
    assert len(found) == 101
    alternatives = with_property({"items": {"anyOf": [{"const": f"v{n}"} for n in range(300)]}})
    assert check(alternatives) == []
    assert len(validate(json.dumps(alternatives), {"value": ["x"] * 19_000})) == 101


@pytest.mark.parametrize("keyword", ["items", "additionalProperties"])
def test_one_wrong_member_at_the_end_of_many_is_found_soon(keyword: str) -> None:
    schema = with_property({"allOf": [{keyword: {"maximum": limit}} for limit in range(1, 101)]})
    assert check(schema) == []
    members = [0] * 6_000 + [1_000]
    value: Any = members if keyword == "items" else {str(place): number for place, number in enumerate(members)}
    found = validate(json.dumps(schema), {"value": value})
    assert [(problem.pointer, problem.code) for problem in found] == [("/value/6000", "too_large")] * 100


def test_many_members_that_no_branch_declares_are_told_soon() -> None:
    branches = [{"properties": {f"p{n}": {"type": "integer"}}} for n in range(200)]
    schema = with_property({"unevaluatedProperties": False, "allOf": branches})
    assert check(schema) == []
    found = validate(json.dumps(schema), {"value": {f"q{n}": 1 for n in range(19_000)}})
    assert {problem.code for problem in found} == {"undeclared_property", "too_many_problems"}


@pytest.mark.parametrize(
    ("subschema", "value"),
    [
        ({"items": {"enum": [[n] for n in range(480)]}}, [[479]] * 4_000),
        ({"allOf": [{"contains": {"const": n}} for n in range(240)]}, [-1] * 6_000),
        ({"unevaluatedItems": False, "allOf": [{"contains": {"const": n}} for n in range(200)]}, list(range(5_000))),
        ({"items": {"oneOf": [{"type": "string", "minLength": n} for n in range(240)]}}, ["x"] * 19_000),
        ({"uniqueItems": True, "items": {"type": "string"}}, [f"s{n}" for n in range(19_000)]),
        ({"uniqueItems": True, "items": {"type": "object"}, "maxItems": 200}, [{"a": n} for n in range(19_000 // 2)]),
        ({"items": {"anyOf": [{"anyOf": [{"properties": {"a": True}}], "unevaluatedProperties": False}],
                    "unevaluatedProperties": False}}, [{"a": 1}] * 9_000),
    ],
)  # fmt: skip
def test_heavy_work_that_policy_allows_is_checked_soon(subschema: dict[str, Any], value: Any) -> None:
    schema = with_property(subschema)
    assert check(schema) == []
    assert "unverifiable" not in {problem.code for problem in validate(json.dumps(schema), {"value": value})}


def test_the_largest_malformed_schema_is_explained_soon() -> None:
    assert len(check(with_root(properties={f"p{n}": {"type": "nonsense"} for n in range(3_200)}))) == 101
    good = {f"p{n}": {"title": "fine"} for n in range(3_200)}
    assert codes(with_root(properties={**good, "last": {"type": "nonsense"}})) == {"malformed_keyword"}


@pytest.mark.parametrize(
    "name", ["__proto__", "constructor", "a/b", "m~n", "~1", "", " ", "é", "\u202e", "$ref", "0", "-"]
)
def test_odd_names_are_names_like_any_other(name: str) -> None:
    schema = with_root(properties={name: {"type": "integer"}}, additionalProperties=False, required=[name])
    assert check(schema) == []
    text = json.dumps(schema)
    assert validate(text, {name: 1}) == []
    escaped = "/" + name.replace("~", "~0").replace("/", "~1")
    assert [(problem.pointer, problem.code) for problem in validate(text, {name: "x"})] == [(escaped, "wrong_type")]
    assert [(problem.pointer, problem.code) for problem in validate(text, {})] == [(escaped, "required")]


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "\udfff x"])
def test_nul_and_half_characters_are_refused_anywhere_in_a_schema(text: str) -> None:
    for schema in (with_root(title=text), with_property({"enum": [text]}), with_root(properties={text: {}})):
        assert codes(schema) == {"unusable_text"}
        assert all("\x00" not in problem.pointer for problem in check(schema))
        json.dumps([problem.as_json() for problem in check(schema)], ensure_ascii=False).encode()


@pytest.mark.parametrize("schema", [
    with_root(properties=3), with_root(properties={"a": None}), with_root(items=[]), with_root(allOf={}),
    with_root(allOf=[[]]), with_root(**{"$defs": []}), with_root(**{"$ref": {}}), with_root(**{"$ref": ["a"]}),
    with_root(format={}), with_root(pattern=[]), with_root(multipleOf=[]), with_root(uniqueItems="yes"),
    with_root(enum=3), with_root(required={}), with_root(dependentSchemas=[1]), with_root(prefixItems={"a": 1}),
    with_root(type={}), with_root(type=[[]]), {"type": 3, "x-summary": {"score": "/0/1"}},
    with_root(const=float("inf")), with_root(**{"$schema": []}),
    with_root(**{"x-display": []}), with_root(**{"x-display": {"bands": {}}}),
    with_root(**{"x-display": {"bands": [[]]}}), with_root(**{"x-display": {"scale": []}}),
    with_root(**{"x-display": {"widget": []}}), with_root(**{"x-outcome": []}),
    with_root(**{"x-audience": {}}), with_root(**{"x-audience": [[]]}), with_root(**{"x-summary": []}),
    with_root(**{"x-summary": {"score": {}}}), with_root(**{"x-summary": {"maximum": []}}),
    with_root(**{"x-retention": {}}), with_root(maximum="3"), with_root(**{"$id": 3}), with_root(**{"$id": "http://["}),
])  # fmt: skip
def test_nonsense_in_any_keyword_is_a_problem_and_no_crash(schema: Any) -> None:
    assert check(schema) != []
    check_order_schema(schema)
    assert isinstance(validate(json.dumps(schema), {"a": 1}), list)


def test_two_large_schemas_are_compared_soon() -> None:
    old = with_root(properties={f"p{n}": {"type": "string", "maxLength": n} for n in range(2_000)})
    new = with_root(properties={f"p{n}": {"type": "string", "maxLength": n + 1} for n in range(2_000)})
    assert check(old) == check(new) == []
    assert len(compare(old, new)) == 2_000
