"""The one parser of inbound JSON: strict, bounded; and the exact source text of a member. Knows no domain.

Nearly every body is read by msgspec, and a few counts over its bytes show that nothing in it is odd. Any other goes
through the standard library's decoder, with hooks that put a mark in place of what is odd; only a body with a mark is
walked again for the pointers. Nothing here looks for structure with regular expressions: on an unclosed string they
take quadratic time. Exact texts are found by msgspec, which reads none of what it skips.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import IO, Any

from django.http import HttpRequest, UnreadablePostError
from msgspec import DecodeError, Raw
from msgspec.json import Decoder
from rest_framework.parsers import BaseParser

from core.errors import BadRequest, LengthRequired, MalformedJson, PayloadTooLarge
from core.levels import levels
from core.places import place
from core.pointers import join

JSON_LIMIT = 1024 * 1024
# Batches and attachments.
LARGE_LIMIT = 10 * 1024 * 1024
DEEPEST = 64
# Whatever has no more digits than this fits a double, so that no later comparison can overflow.
LONGEST_NUMBER = 300
MOST_PROBLEMS = 100

_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(raw: bytes, *, limit: int = JSON_LIMIT) -> Any:
    """The value of a JSON text: integers stay integers, other numbers are finite doubles.

    Raises PayloadTooLarge above ``limit`` bytes; MalformedJson for what is no JSON, and, with a problem for each
    guilty place (JSON pointer), for what cannot be read, stored or signed in only one way.
    """
    if len(raw) > limit:
        raise too_large(limit)
    quickly = _read_quickly(raw)
    return _read_carefully(raw) if quickly is None else quickly[0]


def parse_parts(raw: bytes, name: str, *, most: int, limit: int = JSON_LIMIT) -> Any:
    """:func:`parse_json` of a body whose top-level list ``name`` holds parts that stand or fall by themselves.

    In the place of a part that is refused stands its MalformedJson, with pointers into the part. Raises for what is odd
    around the parts, for what is no JSON, and with one part too many, as :func:`parse_json` does.
    """
    try:
        return parse_json(raw, limit=limit)
    except MalformedJson:
        text = _text(raw)
        whole = _decoded(text)
        parts = whole.get(name) if isinstance(whole, dict) else None
        if not isinstance(parts, list) or len(parts) > most:
            raise
        around, texts = _taken_apart(text, name)
    return {**parse_json(around.encode(), limit=limit), name: [_part(each.encode(), limit) for each in texts]}


def _part(raw: bytes, limit: int) -> Any:
    try:
        return parse_json(raw, limit=limit)
    except MalformedJson as error:
        return error


def _read_carefully(raw: bytes) -> Any:
    text = _text(raw)
    value = _decoded(text)
    is_odd = _ODD_ESCAPE.search(text) is not None
    # Without recursion: every body passes here.
    for depth, found in enumerate(levels(value)):
        if depth >= DEEPEST and not _CONTAINERS.isdisjoint(found):
            raise MalformedJson(f"The JSON is nested more than {DEEPEST} deep.")
        is_odd = is_odd or not _ODD.isdisjoint(found)
    if is_odd:
        _refuse_odd(value)
    return value


_ANY = Decoder()
_BLANKS = b" \t\n\r"
# Every character of a number as a digit, everything else as a blank.
_DIGITS = bytes(ord("0") if chr(code) in "0123456789+-.eE" else ord(" ") for code in range(256))
_TOO_LONG = b"0" * (LONGEST_NUMBER + 1)


def _read_quickly(raw: bytes) -> tuple[Any] | None:
    """The value of a body in which nothing is odd, in a tuple; None where that does not show at a glance.

    A key ends in a quotation mark before a colon, so there are at least as many of those (strings may hold some too) as
    keys. If the objects together have just as many members, no key was there twice.
    """
    if b"\\" in raw and b"\\u" in raw:
        return None
    if _TOO_LONG in raw.translate(_DIGITS):
        return None
    try:
        value = _ANY.decode(raw)
    except (ValueError, RecursionError):
        return None
    members = 0
    for depth, found in enumerate(levels(value)):
        if depth >= DEEPEST and not _CONTAINERS.isdisjoint(found):
            return None
        members += sum(map(len, found.get(dict, ())))
    return (value,) if members == raw.translate(None, _BLANKS).count(b'":') else None


def too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body has more than the {limit} bytes that are taken here.", limit=limit)


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    if text.startswith("\ufeff"):
        raise MalformedJson("The body is not JSON: it begins with a byte order mark (line 1, column 1).")
    if not text.strip(" \t\n\r"):
        raise MalformedJson("The body is empty; a JSON value is expected.")
    return text


class _Odd:
    """In place of a number: what it is not."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message


class _Doubled(dict[str, Any]):
    """An object in which a key stood twice."""

    repeated: set[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _doubled(pairs)


def _doubled(pairs: list[tuple[str, Any]]) -> _Doubled:
    members = _Doubled(pairs)
    members.repeated = {key for key, count in Counter(key for key, _ in pairs).items() if count > 1}
    return members


def _not_finite(text: str) -> _Odd:
    return _Odd("not_finite", f"{text[:20]} is not a number that JSON or a double can hold.")


def _float(text: str) -> float | _Odd:
    number = float(text)
    if not math.isfinite(number):
        return _not_finite(text)
    return number if len(text) <= LONGEST_NUMBER else _too_long()


def _int(text: str) -> int | _Odd:
    return int(text) if len(text) <= LONGEST_NUMBER else _too_long()


def _too_long() -> _Odd:
    return _Odd("too_many_digits", f"The number has more than {LONGEST_NUMBER} digits.")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_not_finite, parse_float=_float, parse_int=_int)
_CONTAINERS = frozenset({dict, list, _Doubled})
_ODD = frozenset({_Odd, _Doubled})


def _decoded(text: str) -> Any:
    """With an _Odd or a _Doubled where something is odd."""
    try:
        return _decoder.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedJson(f"The body is not JSON: {error.msg} ({place}).") from None
    except RecursionError:
        raise MalformedJson(f"The JSON is nested more than {DEEPEST} deep.") from None


# --- What is odd, and where -----------------------------------------------------------------------------------


def _refuse_odd(value: Any) -> None:
    """Raises MalformedJson unless the alarm was false (a proper surrogate pair)."""
    problems = list(islice(_problems(value, ""), MOST_PROBLEMS))
    if problems:
        raise MalformedJson("The JSON cannot be read in only one way.", problems=problems)


def _problems(value: Any, pointer: str) -> Iterator[dict[str, str]]:
    """In document order. Recursion is bounded: depth was checked."""
    if isinstance(value, _Odd):
        yield _problem(pointer, value.code, value.message)
    elif isinstance(value, str):
        yield from _string_problems(value, pointer)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        yield from _object_problems(value, pointer)


def _object_problems(members: Mapping[str, Any], pointer: str) -> Iterator[dict[str, str]]:
    for key, value in members.items():
        below = pointer + join([key])
        if isinstance(members, _Doubled) and key in members.repeated:
            yield _problem(below, "duplicate_key", "The object has this key more than once.")
        yield from _string_problems(key, below)
        yield from _problems(value, below)


def _string_problems(text: str, pointer: str) -> Iterator[dict[str, str]]:
    if "\x00" in text:
        yield _problem(pointer, "nul_character", "The string holds a NUL character, which cannot be stored.")
    if _SURROGATE.search(text):
        yield _problem(pointer, "lone_surrogate", "The string holds half of a surrogate pair, which is no character.")


def _problem(pointer: str, code: str, message: str) -> dict[str, str]:
    readable = _SURROGATE.sub("\ufffd", pointer).replace("\x00", "\ufffd")
    return place(readable, code, message)


# --- The exact text -------------------------------------------------------------------------------------------

# They find where each value begins and ends, and read none.
_MEMBERS = Decoder(dict[str, Raw])
_ITEMS = Decoder(list[Raw])


def member_text(raw: bytes, name: str) -> str | None:
    """The exact source text of a top-level member's value, of a body that :func:`parse_json` has accepted.

    Schemas and documents are stored as they were written: parsing and writing again would change key order, the form
    of numbers and thereby what is shown and signed. None if the body is empty, no object or has no such member.
    """
    found = _members(raw).get(name)
    return None if found is None else bytes(found).decode()


def item_texts(raw: bytes, name: str) -> list[str]:
    """The exact source texts of the items of a top-level member that is a list, of a body as for :func:`member_text` or
    :func:`parse_parts`.

    Empty if there is no such list.
    """
    try:
        found = _members(raw).get(name)
        if found is None or not bytes(found).startswith(b"["):
            return []
        return [bytes(item).decode() for item in _ITEMS.decode(found)]
    except (DecodeError, RecursionError):
        return _taken_apart(_text(raw), name)[1]


def _members(raw: bytes) -> dict[str, Raw]:
    return _MEMBERS.decode(raw) if raw.lstrip().startswith(b"{") else {}


def _taken_apart(text: str, name: str) -> tuple[str, list[str]]:
    """Of an object that the decoder of what is odd has read: the text without the items of its lists of this name, and
    the texts of these items.
    """
    around, found, done, at = "", [], 0, _past_mark(text, 0)
    while text[at] != "}":
        key, at = _decoder.raw_decode(text, at)
        begin = _past_mark(text, at)
        if key == name and text[begin] == "[":
            items, end = _items(text, begin)
            around, done, at = f"{around}{text[done:begin]}[", end, end + 1
            found += items
        else:
            _, at = _decoder.raw_decode(text, begin)
        at = _past_mark(text, at)
    return around + text[done:], found


def _items(text: str, begin: int) -> tuple[list[str], int]:
    """The texts of a list's items, and where its end stands."""
    found, at = [], _past_mark(text, begin)
    while text[at] != "]":
        _, end = _decoder.raw_decode(text, at)
        found.append(text[at:end])
        at = _past_mark(text, end)
    return found, at


# Of a text that was read before: one mark at most.
_MARK = re.compile(r"[ \t\n\r]*[{\[:,]?[ \t\n\r]*")


def _past_mark(text: str, at: int) -> int:
    found = _MARK.match(text, at)
    assert found is not None  # it matches nothing, too
    return found.end()


# --- Requests -------------------------------------------------------------------------------------------------


class StrictJSONParser(BaseParser):
    """:func:`parse_json` for views. Afterwards ``request.body`` still is the exact bytes (for :func:`member_text`).

    A view with an attribute ``body_limit`` takes so many bytes; others take JSON_LIMIT. One that is ``upgraded`` gets
    the value in its own form, whatever version the call speaks; one with ``parts``, a name and how many at most, gets
    what :func:`parse_parts` makes of them.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = parser_context or {}
        view, request = context.get("view"), context["request"]
        limit = getattr(view, "body_limit", JSON_LIMIT)
        raw, parts = take_body(request._request, limit=limit), getattr(view, "parts", None)
        value = parse_parts(raw, parts[0], most=parts[1], limit=limit) if parts else parse_json(raw, limit=limit)
        upgraded = getattr(view, "upgraded", None)
        return upgraded(request, value) if upgraded else value


def take_body(request: HttpRequest, *, limit: int = JSON_LIMIT) -> bytes:
    """Reads the body once, at most ``limit`` bytes of it; it is ``request.body`` from then on.

    Raises PayloadTooLarge (before reading, where the length is announced), LengthRequired, BadRequest.
    """
    check_length(request, limit=limit)
    if not hasattr(request, "_body") and _is_chunked(request):
        _take_chunked(request, limit)
    try:
        body = request.body
    except UnreadablePostError:
        raise BadRequest(_CUT_SHORT) from None
    if len(body) < int(request.META.get("CONTENT_LENGTH") or 0):
        raise BadRequest(_CUT_SHORT)
    return body


_CUT_SHORT = "The connection ended before the body did."


def check_length(request: HttpRequest, *, limit: int) -> None:
    """Refuses by the announced length alone: nothing is read."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not (announced.isascii() and announced.isdigit()) or int(announced) > limit:
        raise too_large(limit)


def _is_chunked(request: HttpRequest) -> bool:
    return not request.META.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" in request.META


def _take_chunked(request: HttpRequest, limit: int) -> None:
    """Django takes a body without a length for an empty one, and would so lose it in silence.

    ``wsgi.input_terminated`` is the server's word that its input ends where the body does.
    """
    if not request.META.get("wsgi.input_terminated"):
        raise LengthRequired
    try:
        raw: bytes = request.META["wsgi.input"].read(limit + 1)
    except Exception:  # each server has errors of its own for a chunk that is none, or that never comes
        raise BadRequest("The chunks of the body cannot be read, or do not end.") from None
    if len(raw) > limit:
        raise too_large(limit)
    request._body = raw  # where Django's own ``body`` keeps it
    # So that DRF's other parsers (of files) read these bytes, and not a stream that Django believes to be empty.
    request._read_started = True  # type: ignore[attr-defined]  # Django's own, of each kind of request
    request.META["CONTENT_LENGTH"] = str(len(raw))
