"""What is kept of what was sent: readable, and without a secret, in whatever way it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api import redaction
from core.api.redaction import is_secret_name, is_secret_of_oauth

SECRET = "S3CR3TxVALUE"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def kept(raw: bytes | str, declared: str = JSON, limit: int = 16_384) -> str:
    sent = raw.encode() if isinstance(raw, str) else raw
    return redaction.body(sent, declared, limit=limit, is_secret=is_secret_name)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('{"client_secret": "s", "a": 1}', '{"client_secret": "[hidden]", "a": 1}'),
        ('{"password":"s\\"x", "b":1.50}', '{"password": "[hidden]", "b": 1.50}'),
        ('{"a": {"Authorization": "Bearer s"}}', '{"a": {"Authorization": "[hidden]"}}'),
        ('{"apikey": null, "tokens": ["s"], "private_key": {"d": 1}}',
         '{"apikey": "[hidden]", "tokens": "[hidden]", "private_key": "[hidden]"}'),
        ('{"clientSecret": 1, "accessToken": 2, "signingSecret": 3, "webhook-secret": 4, "X-API-Key": 5}',
         '{"clientSecret": "[hidden]", "accessToken": "[hidden]", "signingSecret": "[hidden]",'
         ' "webhook-secret": "[hidden]", "X-API-Key": "[hidden]"}'),
        ('{"client_s\\u0065cret": "s"}', '{"client_secret": "[hidden]"}'),
        ('{"client_secret": "s"}'.encode("utf-16"), '{"client_secret": "[hidden]"}'),
        ('{"a": "{\\"token\\": \\"s\\"}"}', '{"a": "{\\"token\\": \\"[hidden]\\"}"}'),
        ('{"url": "https://user:s@example.com/h?api_key=s&x"}',
         '{"url": "https://[hidden]@example.com/h?api_key=[hidden]"}'),
        ('{"url": "https://example.com/h?sig=s&x=s"}', '{"url": "https://example.com/h?sig=[hidden]&x=[hidden]"}'),
        ('{"url": "https:\\/\\/user:s@example.com"}', '{"url": "https://[hidden]@example.com"}'),
        ('{"token_count": 5, "secretary": "Kim", "n": []}', '{"token_count": 5, "secretary": "Kim", "n": []}'),
        ('{"note": "my password", "mail": "a@b.example", "at": "09:30"}',
         '{"note": "my password", "mail": "a@b.example", "at": "09:30"}'),
        ('{"note": "password: s and more"}', '{"note": "password:[hidden]"}'),
        ("client_secret=s&x=1+2", "client_secret=[hidden]&x=1 2"),
    ],
)  # fmt: skip
def test_what_is_secret_is_hidden_and_the_rest_can_be_read(raw: str | bytes, text: str) -> None:
    assert kept(raw) == text


def test_what_holds_nothing_secret_stays_as_it_was_written() -> None:
    assert (
        kept('{ "kind":"final" , "n": 1.50e2, "who":"Møller" }') == '{ "kind":"final" , "n": 1.50e2, "who":"Møller" }'
    )


@pytest.mark.parametrize(
    "raw", ["{'client_secret': 's'}", '{"secret": "s', "s", "c2VjcmV0==", "<secret>s</secret>", "a=1\nb=2", "\x00\x01"]
)
def test_what_cannot_be_read_is_named_by_its_length(raw: str) -> None:
    assert kept(raw) == f"[not readable: {len(raw)} bytes, {JSON}]"
    assert kept(raw, "Bearer s3cr3t") == f"[not readable: {len(raw)} bytes]"


def test_a_code_is_a_secret_where_tokens_are_given_for_it() -> None:
    raw = b'{"code": "s", "grant_type": "authorization_code"}'
    oauth = redaction.body(raw, JSON, limit=100, is_secret=is_secret_of_oauth)
    assert oauth == '{"code": "[hidden]", "grant_type": "authorization_code"}'
    assert kept(raw) == raw.decode()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("status=nope&limit=5", "status=nope&limit=5"),
        ("email=ada%40mail.example&q=a%26b", "email=ada@mail.example&q=a%26b"),
        ("access_token=s&apiKey=s&flag", "access_token=[hidden]&apiKey=[hidden]&flag"),
        ("%7B%22secret%22:%22s%22%7D", "[hidden]"),
        ("since=%7B%22secret%22:%22s%22%7D", 'since={"secret": "[hidden]"}'),
        ("a" * 43, "[hidden]"),
        ("", ""),
    ],
)
def test_a_query_is_kept_like_a_form(query: str, text: str) -> None:
    assert redaction.query(query, is_secret=is_secret_name) == text


# --- For any nesting ------------------------------------------------------------------------------------------

WORDS = (
    "secret", "password", "passwd", "token", "authorization", "credential", "api key", "private key", "code verifier",
    "assertion", "client secret", "access token", "signing secret", "refresh token", "webhook secret",
)  # fmt: skip


def cased(words: list[str], how: str) -> str:
    match how:
        case "camel":
            return words[0] + "".join(word.title() for word in words[1:])
        case "Pascal":
            return "".join(word.title() for word in words)
        case "CONSTANT":
            return "_".join(words).upper()
        case _:
            return how.join(words)


names = st.builds(
    lambda word, how, many: cased(word.split(), how) + many,
    st.sampled_from(WORDS),
    st.sampled_from(["_", "-", " ", ".", "", "camel", "Pascal", "CONSTANT"]),
    st.sampled_from(["", "s", "1"]),
)
plain_values: st.SearchStrategy[Any] = st.none() | st.integers() | st.text(max_size=8)
addresses = st.sampled_from(
    [
        f"https://user:{SECRET}@example.com/h",
        f"https://{SECRET}@example.com",
        f"see http://a.example?x=1 and (https://u:a{SECRET}@b.example)",
        f"https://example.com/h?x={SECRET}&y",
        f"https://example.com/h?{SECRET}#access_token={SECRET}",
        f"user:{SECRET}@example.com/h",
        f"api_key={SECRET}&x=1",
        f"Authorization: Basic {SECRET}",
        f"{{'client_secret': '{SECRET}'}}",
    ]
)
secret_members = st.builds(
    lambda name, value: {name: value},
    names,
    st.sampled_from([SECRET, [SECRET], {"a": [SECRET]}, [{"b": SECRET}]]),
)


def nested(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    beside = st.dictionaries(st.text(max_size=5), plain_values, max_size=2)
    return (
        st.builds(lambda one, others: [*others, one], below, st.lists(plain_values, max_size=2))
        | st.builds(lambda one, others: {**others, "in": one}, below, beside)
        | st.builds(json.dumps, below)
        | st.builds(lambda one: quote(json.dumps(one)), below)
    )


holding = st.recursive(addresses | secret_members, nested, max_leaves=4)


def escaped(value: Any) -> bytes:
    """Each letter that may be, as an escape."""
    return "".join(
        f"\\u{ord(c):04x}" if c.isalpha() and quoted else c for c, quoted in _quoted(json.dumps(value))
    ).encode()


def _quoted(text: str) -> list[tuple[str, bool]]:
    found, is_in, is_escape = [], False, 0
    for c in text:
        if is_escape:
            is_escape -= 1
            is_escape = 4 if c == "u" and not is_escape else is_escape
            found.append((c, False))
            continue
        if c == "\\":
            is_escape = 1
        elif c == '"':
            is_in = not is_in
        found.append((c, is_in))
    return found


WRITTEN: dict[str, Callable[[Any], bytes]] = {
    "json": lambda value: json.dumps(value).encode(),
    "indented": lambda value: json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "replace"),
    "utf-16": lambda value: json.dumps(value).encode("utf-16"),
    "utf-32": lambda value: json.dumps(value).encode("utf-32-le"),
    "escaped": escaped,
    "php": lambda value: json.dumps(value).replace("/", "\\/").encode(),
    "repr": lambda value: repr(value).encode("utf-8", "replace"),
    "cut": lambda value: json.dumps(value).encode()[:-1],
    "form": lambda value: urlencode({"a": "1", "in": json.dumps(value)}).encode(),
    "json in a form": lambda value: quote_plus(json.dumps(value)).encode(),
}


@given(holding, st.sampled_from(sorted(WRITTEN)), st.sampled_from([JSON, FORM, "text/plain", ""]), st.integers(1, 400))
def test_a_secret_is_never_kept_however_it_was_written(value: Any, written: str, declared: str, limit: int) -> None:
    raw = WRITTEN[written](value)
    for most in (limit, 16_384):
        text = kept(raw, declared, most)
        assert SECRET[:6] not in text
        assert len(text) <= max(most, 80)


@given(names, st.sampled_from([JSON, FORM, "text/plain"]))
def test_a_form_keeps_no_secret_of_such_a_name(name: str, declared: str) -> None:
    assert SECRET not in kept(urlencode({"x": "1", name: SECRET}), declared)
    assert SECRET not in redaction.query(urlencode({"x": "1", name: SECRET}), is_secret=is_secret_name)


@given(st.binary(max_size=200), st.sampled_from([JSON, FORM, "text/plain"]))
def test_whatever_was_sent_something_is_kept(raw: bytes, declared: str) -> None:
    assert bool(kept(raw, declared)) == bool(raw) or set(raw.decode("utf-8", "replace")) <= {"&"}


@given(st.recursive(plain_values, lambda below: st.lists(below) | st.dictionaries(st.text(max_size=4), below)))
def test_what_is_kept_of_a_value_is_that_value(value: Any) -> None:
    text = kept(json.dumps(value, ensure_ascii=True), limit=10**6)
    assert "[hidden]" in text or json.loads(text) == json.loads(json.dumps(value)) or '"{' in text or '"[' in text
