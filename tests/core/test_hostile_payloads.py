"""Bodies that no program should send: each gets a clear error, quickly, and nothing of it reaches a view."""

from __future__ import annotations

import json
import time
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.api import parsing
from core.api.parsing import (
    DEEPEST,
    JSON_LIMIT,
    LARGE_LIMIT,
    MOST_PROBLEMS,
    item_texts,
    member_text,
    parse_json,
    parse_parts,
)
from core.errors import MalformedJson, PayloadTooLarge

pytestmark = [pytest.mark.urls("tests.core.api.site"), pytest.mark.django_db]


def refused(raw: bytes) -> MalformedJson:
    with pytest.raises(MalformedJson) as error:
        parse_json(raw)
    return error.value


def places(raw: bytes) -> list[tuple[str, str]]:
    return [(problem["pointer"], problem["code"]) for problem in refused(raw).problems]


# --- What is no JSON ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"", "The body is empty; a JSON value is expected."),
        (b" \n\t", "The body is empty; a JSON value is expected."),
        (b"{", "The body is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)."),
        (b'{"a": 1,}', "The body is not JSON: "),
        (b"{'a': 1}", "The body is not JSON: "),
        (b'{"a": 1} {"a": 2}', "The body is not JSON: Extra data (line 1, column 10)."),
        (b'"a\x00b"', "The body is not JSON: Invalid control character"),
        (b'"a\nb"', "The body is not JSON: Invalid control character"),
        (b'"\\x41"', "The body is not JSON: Invalid \\escape"),
        (b"01", "The body is not JSON: Extra data"),
        (b"+1", "The body is not JSON: "),
        (b"nan", "The body is not JSON: "),
        (b"<a/>", "The body is not JSON: "),
        (b"a=1&b=2", "The body is not JSON: "),
        (b'"\xff"', "The body is not UTF-8: byte 1 cannot be read."),
        (b'"\xed\xa0\x80"', "The body is not UTF-8: byte 1 cannot be read."),
        ('{"a": "é"}'.encode("utf-16"), "The body is not UTF-8: byte 0 cannot be read."),
        ("\ufeff{}".encode(), "The body is not JSON: it begins with a byte order mark"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(raw: bytes, detail: str) -> None:
    error = refused(raw)
    assert error.detail.startswith(detail)
    assert error.problems == []


# --- What can be read in more than one way ----------------------------------------------------------------------


def test_numbers_that_are_none_are_named_by_pointer() -> None:
    assert places(b'{"a": NaN, "b": [1, Infinity, -Infinity], "c/d~": 1e400, "e": -1e999}') == [
        ("/a", "not_finite"),
        ("/b/1", "not_finite"),
        ("/b/2", "not_finite"),
        ("/c~1d~0", "not_finite"),
        ("/e", "not_finite"),
    ]
    assert places(b"NaN") == [("", "not_finite")]


def test_keys_that_stand_twice_are_named_by_pointer() -> None:
    assert places(b'{"a": 1, "a": 2, "b": {"c": [{"d": 1, "\\u0064": 1}]}, "": 1, "": 1}') == [
        ("/a", "duplicate_key"),
        ("/b/c/0/d", "duplicate_key"),
        ("/", "duplicate_key"),
    ]


def test_nul_and_half_characters_are_named_by_pointer_in_keys_too() -> None:
    raw = rb'{"a": "\u0000", "b": ["\ud800", "x\udc00y", "\ude00\ud83d"], "\u0000k": 1, "\udfff": 2}'
    assert places(raw) == [
        ("/a", "nul_character"),
        ("/b/0", "lone_surrogate"),
        ("/b/1", "lone_surrogate"),
        ("/b/2", "lone_surrogate"),
        ("/\ufffdk", "nul_character"),
        ("/\ufffd", "lone_surrogate"),
    ]


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse_json(rb'["\ud83d\ude00", "\\u0000", "\\ud800"]') == ["😀", "\\u0000", "\\ud800"]


def test_numbers_of_absurd_length_are_named_by_pointer() -> None:
    digits = b"9" * 301
    assert places(b"[1, " + digits + b", -" + digits + b", 0." + digits + b"]") == [
        ("/1", "too_many_digits"),
        ("/2", "too_many_digits"),
        ("/3", "too_many_digits"),
    ]
    assert parse_json(b"9" * 300) == int("9" * 300)


def test_problems_are_capped() -> None:
    assert len(places(b"[" + b"NaN," * 5000 + b"NaN]")) == MOST_PROBLEMS


def test_integers_stay_integers_and_others_are_doubles() -> None:
    value = parse_json(b'{"i": 9007199254740993, "z": -0, "f": 1.0, "e": 1e2, "t": true, "n": null}')
    assert value == {"i": 9007199254740993, "z": 0, "f": 1.0, "e": 100.0, "t": True, "n": None}
    assert [type(item) for item in value.values()] == [int, int, float, float, bool, type(None)]


# --- What is too much -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b'[{"a":' * 40 + b"1" + b"}]" * 40,
        b"[" * 1_000_000,
    ],
)
def test_deep_nesting_is_refused_and_crashes_nothing(raw: bytes) -> None:
    assert refused(raw).detail == "The JSON is nested more than 64 deep."


def test_the_deepest_that_is_taken_is_sixty_four() -> None:
    for raw in (b"[" * DEEPEST + b"]" * DEEPEST, b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST):
        assert parse_json(raw) == json.loads(raw)


def test_brackets_in_strings_do_not_count() -> None:
    assert parse_json(b'"' + b"[{" * 10_000 + b'"') == "[{" * 10_000


def test_a_body_over_the_limit_is_too_large_and_one_at_the_limit_is_not() -> None:
    raw = b'"' + b"a" * (JSON_LIMIT - 2) + b'"'
    assert len(parse_json(raw)) == JSON_LIMIT - 2
    with pytest.raises(PayloadTooLarge) as error:
        parse_json(raw + b" ")
    assert error.value.facts == {"limit": JSON_LIMIT}


@pytest.mark.parametrize(
    "raw",
    [
        b'"' + b'\\"' * 500_000,
        b'"' * 1_000_000,
        b'"\\' * 500_000,
        b"9" * 1_000_000,
        b"[" + b"9" * 1_000_000 + b"]",
        b"1e" + b"9" * 1_000_000,
        b"[" + b"NaN," * 250_000 + b"1]",
        b"{" + b'"a":1,' * 150_000 + b'"a":1}',
        b"[" + b'"\\u0000",' * 100_000 + b"1]",
        b"[" * 64 + b"[]," * 300_000 + b"[]" + b"]" * 64,
    ],
)
def test_nothing_of_a_mebibyte_hangs(raw: bytes) -> None:
    began = time.process_time()
    refused(raw)
    assert time.process_time() - began < 30  # anything quadratic takes many minutes


# --- The exact text -------------------------------------------------------------------------------------------


def test_a_member_is_kept_as_it_was_written() -> None:
    document = '{ "b" : 1.10,\n\t"a": [1e2, "\\u00e9", {"document": 7}] }'
    raw = f' {{"kind": "fi\\"nal" , "document" :  {document} ,"z":0}} '.encode()
    parse_json(raw)
    assert member_text(raw, "document") == document
    assert member_text(raw, "kind") == '"fi\\"nal"'
    assert member_text(raw, "z") == "0"
    assert member_text(raw, "missing") is None


def test_the_items_of_a_list_are_kept_as_they_were_written() -> None:
    items = ['{ "b" : "],[" ,"a":1.0}', "[1 , [2]]", '"\\u00e9"', "1e2", "null"]
    raw = f' {{"other":[0], "results" :[ {items[0]},{items[1]}\n, {items[2]} ,{items[3]},\t{items[4]} ]}} '.encode()
    parse_json(raw)
    assert item_texts(raw, "results") == items
    assert item_texts(raw, "other") == ["0"]
    assert item_texts(b'{"results": [ ] }', "results") == []


# --- Parts ----------------------------------------------------------------------------------------------------------

ODD = [
    (r'{"a": "x\u0000y"}', ("/a", "nul_character")),
    ('{"a": [NaN]}', ("/a/0", "not_finite")),
    ('{"a": -1e400}', ("/a", "not_finite")),
    ('{"a": 1, "b": "]}", "a": 2}', ("/a", "duplicate_key")),
    (r'{"a": "\ud800"}', ("/a", "lone_surrogate")),
    (f'{{"a": {"9" * 301}}}', ("/a", "too_many_digits")),
    ("NaN", ("", "not_finite")),
]


@pytest.mark.parametrize(("odd", "place"), ODD)
def test_a_part_that_is_odd_is_refused_by_itself(odd: str, place: tuple[str, str]) -> None:
    good = ['{ "b" : "],[" ,"a":1.0}', r'"\ud83d\ude00"', "[[1e2] , {}]"]
    parts = f'"re\\u0073ults" :[ {good[0]},{odd}\n, {good[1]} ,{good[2]} ]'
    raw = f' {{"other":[0], {parts} , "z" : {{"results":[]}} }} '.encode()
    value = parse_parts(raw, "results", most=4)
    refusal = value["results"].pop(1)
    assert value == {"other": [0], "results": [json.loads(text) for text in good], "z": {"results": []}}
    assert isinstance(refusal, MalformedJson)
    assert [(problem["pointer"], problem["code"]) for problem in refusal.problems] == [place]
    assert item_texts(raw, "results") == [good[0], odd, *good[1:]]


def test_a_part_that_is_too_deep_is_refused_by_itself() -> None:
    deep = "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)
    value = parse_parts(f'{{"results": [1, {deep}]}}'.encode(), "results", most=2)
    assert value["results"][0] == 1
    assert value["results"][1].detail == "The JSON is nested more than 64 deep."


@pytest.mark.parametrize(
    "raw",
    [
        b'{"results": [1, NaN], "results": [2]}',
        b'{"results": [1], "a": NaN}',
        b'{"results": [1], "results": {"a": NaN}}',
        b'{"results": {"a": NaN}}',
        b'[{"results": [NaN]}]',
        b'{"results": [1, {a: 2}]}',
        b'{"results": [1, {"a": 2}',
        b'{"results": ["\xff", 1]}',
        b'{"results": [1, 2, NaN, 3]}',
        b'{"results": [1, ' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b"",
    ],
)
def test_what_is_odd_around_the_parts_or_cannot_be_split_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_parts(raw, "results", most=3)


@given(st.text(alphabet='{}[]",:\\u0ra1dDeE.+- tsN', max_size=60))
def test_parts_are_refused_exactly_where_they_are_odd(inside: str) -> None:
    raw = f'{{"r": [{inside}]}}'.encode()
    try:
        value = parse_parts(raw, "r", most=99)
    except MalformedJson:
        refused(raw)
        return
    texts = item_texts(raw, "r")
    assert len(texts) == len(value["r"])
    for part, text in zip(value["r"], texts, strict=True):
        if isinstance(part, MalformedJson):
            assert refused(text.encode()).problems == part.problems
        else:
            assert parse_json(text.encode()) == part


@pytest.mark.parametrize("raw", [b"{}", b"[1]", b'{"results": {"results": [1]}}', b'{"results": "[1]"}'])
def test_what_is_no_list_has_no_items(raw: bytes) -> None:
    assert item_texts(raw, "results") == []


def test_a_member_whose_name_is_written_with_escapes_is_found() -> None:
    assert member_text(rb'{"docu\u006dent": [1]}', "document") == "[1]"


@pytest.mark.parametrize("raw", [b"", b" ", b"{}", b" { } ", b"[]", b'"document"', b"1", b"null", b'["document", 1]'])
def test_a_body_without_the_member_has_no_text_of_it(raw: bytes) -> None:
    assert member_text(raw, "document") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.booleans())
def test_what_is_proper_is_read_as_it_was_meant_and_every_member_found(value: dict[str, Any], ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=1).encode("utf-8", "surrogatepass")
    text = raw.decode("utf-8", "replace")
    if "\\u0000" in text:
        assert {code for _, code in places(raw)} == {"nul_character"}
        return
    assert parse_json(raw) == value
    for name, member in value.items():
        found = member_text(raw, name)
        assert found is not None
        assert json.loads(found) == member


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0123456789dDeE.+-aN tru', max_size=60).map(str.encode))
def test_whatever_arrives_is_read_or_refused_in_one_way(raw: bytes) -> None:
    try:
        value = parse_json(raw)
    except MalformedJson:
        return
    assert value == json.loads(raw)


# Texts of JSON, and of what is nearly so: objects with a key twice, blanks anywhere, numbers of every form.
BLANK = st.sampled_from(["", "", " ", "\t", "\n ", "\r"])
WORD = st.sampled_from(
    ['""', '"a"', '"b"', r'"\":"', r'"a\": "', r'"\\"', '": "', '"\ufeff"', r'"\u0061"', r'"\ud800"', '":']
)
NUMBER = st.sampled_from(["0", "-0", "1.0", "1e5", "-0.0", "1e400", "NaN", "01", "9" * 25, "9" * 301, "0." + "3" * 310])
TEXT = st.recursive(
    WORD | NUMBER | st.sampled_from(["true", "null"]),
    lambda inner: (
        st.builds(lambda items, blank: "[" + f"{blank},".join(items) + "]", st.lists(inner, max_size=3), BLANK)
        | st.builds(
            lambda pairs: "{" + ",".join(f"{a}{key}{b}:{c}{value}{a}" for a, b, c, key, value in pairs) + "}",
            st.lists(st.tuples(BLANK, BLANK, BLANK, WORD, inner), max_size=4),
        )
    ),
    max_leaves=12,
)


@given(TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60))
def test_what_is_read_quickly_is_read_as_carefully(raw: bytes) -> None:
    if (quickly := parsing._read_quickly(raw)) is not None:
        assert repr(quickly[0]) == repr(parsing._read_carefully(raw))


def test_what_most_bodies_hold_is_read_quickly() -> None:
    body = {"kind": "final", "document": {"a b": [1, -2.5e-7, 'x: "é\\ :', None, True, {"": {}}], "n": 10**30}}
    for raw in (json.dumps(body, ensure_ascii=False).encode(), json.dumps(body, ensure_ascii=False, indent=2).encode()):
        assert parsing._read_quickly(raw) == (body,)


# --- Through a view -------------------------------------------------------------------------------------------


def post(client: Client, raw: bytes, *, path: str = "/api/t/echo", **extra: Any) -> Any:
    return client.generic("POST", path, raw, content_type=extra.pop("content_type", "application/json"), **extra)


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [(b"{", []), (b'{"a": NaN}', ["/a"]), (b'{"a": "\\ud800"}', ["/a"]), (b"[" * 10_000, []), (b"\xff", [])],
)
def test_a_view_answers_a_malformed_body_with_a_problem(client: Client, raw: bytes, pointers: list[str]) -> None:
    answer = post(client, raw)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "malformed_json"
    assert [problem["pointer"] for problem in answer.json()["problems"]] == pointers


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
    ],
)
def test_another_content_type_is_unsupported(client: Client, content_type: str) -> None:
    answer = post(client, b'{"a": 1}', content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_content_type_may_name_its_charset(client: Client) -> None:
    answer = post(client, b'{"a": 1}', content_type="application/json; charset=utf-8")
    assert answer.json()["got"] == {"a": 1}


def test_a_view_gets_the_value_and_the_exact_text(client: Client) -> None:
    answer = post(client, b'{"document":  {"x": 1.50} }')
    assert answer.json() == {"got": {"document": {"x": 1.5}}, "text": '{"x": 1.50}'}


def test_a_body_over_the_limit_is_refused_by_its_length_alone(client: Client) -> None:
    for path, limit in (("/api/t/echo", JSON_LIMIT), ("/api/t/batch", LARGE_LIMIT)):
        answer = post(client, b"{}", path=path, CONTENT_LENGTH=str(limit + 1))
        assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "payload_too_large", limit)


def test_a_view_for_batches_takes_more(client: Client) -> None:
    raw = b'{"document": "' + b"a" * (2 * JSON_LIMIT) + b'"}'
    assert post(client, raw, path="/api/t/batch").status_code == 200
    assert post(client, raw).status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "９"])
def test_a_length_that_is_none_is_refused(client: Client, length: str) -> None:
    assert post(client, b"{}", CONTENT_LENGTH=length).status_code == 413


def chunked(client: Client, raw: bytes, **extra: Any) -> tuple[Any, BytesIO]:
    """The answer, and the input as a server gives it for a chunked body: without a length."""
    body = BytesIO(raw)
    environ = {
        "wsgi.input": body,
        "CONTENT_LENGTH": "",
        "CONTENT_TYPE": "application/json",
        "HTTP_TRANSFER_ENCODING": "chunked",
        **extra,
    }
    return post(client, b"", **environ), body


def test_a_chunked_body_is_read_like_any_other(client: Client) -> None:
    answer, _ = chunked(client, b'{"document": 1.0}', **{"wsgi.input_terminated": True})
    assert answer.json() == {"got": {"document": 1.0}, "text": "1.0"}


def test_a_chunked_body_is_not_read_past_the_limit(client: Client) -> None:
    answer, body = chunked(client, b"[" + b"1," * JSON_LIMIT + b"1]", **{"wsgi.input_terminated": True})
    assert (answer.status_code, body.tell()) == (413, JSON_LIMIT + 1)


def test_a_body_whose_end_nobody_knows_is_refused_rather_than_lost(client: Client) -> None:
    answer, body = chunked(client, b'{"document": 1}')
    assert (answer.status_code, answer.json()["code"], body.tell()) == (411, "length_required", 0)


def test_a_chunked_body_that_breaks_off_is_a_bad_request(client: Client) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("no terminator")

    environ: dict[str, Any] = {
        "wsgi.input": Broken(),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    answer = post(client, b"{}", CONTENT_LENGTH="", **environ)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_body_shorter_than_it_said_is_refused_though_what_came_is_json(client: Client) -> None:
    environ: dict[str, Any] = {"wsgi.input": BytesIO(b'{"a": 1}'), "CONTENT_LENGTH": "50"}
    answer = post(client, b"{}", **environ)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["detail"] == "The connection ended before the body did."


def test_a_nul_in_the_path_or_the_query_is_a_bad_request(client: Client) -> None:
    assert client.get("/api/t/echo?status=a%00b").json()["code"] == "bad_request"
    assert client.get("/api/t/echo?status=a%2500b").status_code == 200
