"""What may be kept of what somebody sent: it is read as what it is, and what is secret in it is hidden. Pure.

Only what could be read is kept: JSON, whatever type it was declared as, or a plain form. A look for words in a text
that was not read would miss every way of writing them that it does not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any
from urllib.parse import unquote_plus

from msgspec.json import Decoder

HIDDEN = "[hidden]"

# Names of secrets; words of one may be separated.
_NAMES_OF_SECRETS = (
    r"(?:secret|passw(?:or)?d|passphrase|passcode|token|authorization|credential|(?:api|private|signing|access){gap}key"
    r"|code{gap}verifier|assertion|cookie|jwt)(?:{gap}(?:key|value))?s?\d*"
)
# Of a name in small letters, without what separates its words.
_SECRET_NAME = re.compile(_NAMES_OF_SECRETS.replace("{gap}", "") + "$")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
# One of these is in every such name, and in every text in which something is hidden that is no address.
_TELLTALES = tuple(
    b"secret passw passphrase passcode token authorization credential apikey privatekey signingkey accesskey"
    b" codeverifier assertion cookie jwt bearer whsec".split()
)
_PUNCTUATION = bytes(code for code in range(128) if not chr(code).isalnum())
_GAP = r"[\W_]?"
# Such a name in a text, with what stands behind it: to the end, for nobody knows where it ends.
_NAMED = re.compile(rf"({_NAMES_OF_SECRETS.replace('{gap}', _GAP)}[\\'\"]*\s*[:=]).+", re.I | re.S)
_SHOWN = re.compile(r"(\bbearer\s+|whsec_|-----BEGIN )\S.*", re.I | re.S)
_IN_TEXTS = (
    "secret",
    "pass",
    "token",
    "auth",
    "cred",
    "key",
    "verifier",
    "assert",
    "cookie",
    "jwt",
    "bearer",
    "whsec",
    "-----",
)
_WORDS = re.compile(r"\S+")
_FORM_NAME = re.compile(r"[A-Za-z_][\w.\-\[\]]{0,59}")
# With percent signs.
_LONGEST_NAME = 200
_BARE = 30
_OPENING = ("{", "[", '"')
_ENCODED = re.compile("%[0-9a-fA-F]{2}")
_LONGEST_ENCODED = 64 * 1024
# Texts within texts, of JSON or percent signs; what is packed deeper is not looked at.
_DEEPEST = 6


def body(raw: bytes, declared: str, *, limit: int, is_secret: Callable[[str], bool]) -> str:
    """A body as a text of at most ``limit`` characters, without its secrets; what cannot be read by its length."""
    if not raw:
        return ""
    try:
        kept = _json(raw, limit, is_secret)
        if kept is None:
            kept = _form(raw, declared == "application/x-www-form-urlencoded", limit, is_secret)
    except RecursionError:
        kept = None
    if kept is None:
        kind = f", {declared}" if re.fullmatch(r"[\w.+-]{1,40}/[\w.+-]{1,60}", declared) else ""
        return f"[not readable: {len(raw)} bytes{kind}]"
    return kept[:limit]


def query(text: str, *, is_secret: Callable[[str], bool]) -> str:
    """A query string, in words that can be read."""
    return "&".join(_parameter(part, is_secret) for part in text.split("&") if part)


def sentence(text: str, *, limit: int) -> str:
    """What was said to a caller, without what it quotes of what was sent."""
    return _QUOTED.sub(lambda found: f"{found[0][0]}…{found[0][0]}", _plain(text, limit, is_secret_name, 0))[:limit]


_QUOTED = re.compile(r"""(?<!\w)(?:"[^"]*"|'[^']*')(?!\w)""")


def is_secret_name(name: str) -> bool:
    """In whatever case it is written, however its words are separated, one or many."""
    return _is_secret_name(name[-100:])


def is_secret_of_oauth(name: str) -> bool:
    """A code is a secret where tokens are given for it."""
    return name == "code" or _is_secret_name(name[-100:])


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    return _SECRET_NAME.search(_SEPARATORS.sub("", name.lower())) is not None


# --- JSON -----------------------------------------------------------------------------------------------------


class _Number(str):
    """As it was written."""


class _Members(list[tuple[str, Any]]):
    """Of an object, all of them: a name may stand twice."""


# What is no JSON by the letter (NaN, a line break in a text) is read all the same: it is written anew.
_read = json.JSONDecoder(
    object_pairs_hook=_Members, parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False
).decode
_is_json = Decoder().decode


def _json(raw: bytes, limit: int, is_secret: Callable[[str], bool]) -> str | None:
    """None for what is no JSON. Nearly every body is one in which nothing can be secret, and stays as it came."""
    if is_secret is is_secret_name and _is_clean(raw):
        try:
            _is_json(raw)
            return raw[: 4 * limit].decode("utf-8", "replace")
        except ValueError:
            pass
    try:
        value = _read(raw.decode(json.detect_encoding(raw), "replace"))
    except ValueError:
        return None
    return _written(value, limit, is_secret, 0)


def _is_clean(raw: bytes) -> bool:
    """At a glance, by the bytes: no telltale, no address, and no letter or slash written in another way."""
    if b"\\u" in raw or b"\\/" in raw or b"://" in raw or b"%" in raw or b"BEGIN " in raw:
        return False
    letters = raw.translate(None, _PUNCTUATION).lower()
    return not any(word in letters for word in _TELLTALES) and (b"@" not in raw or not _USER.search(raw))


# A colon before an @ within a word, as in user:password@host.
_USER = re.compile(rb':[^\s"@]+@')


class _Paper:
    """Parts of a text, until there is no more room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._parts: list[str] = []

    def put(self, part: str) -> None:
        self.room -= len(part)
        self._parts.append(part)

    def text(self) -> str:
        return "".join(self._parts)


def _written(value: Any, limit: int, is_secret: Callable[[str], bool], depth: int) -> str:
    paper = _Paper(limit)
    _write(value, paper, is_secret, depth)
    return paper.text()


def _write(value: Any, paper: _Paper, is_secret: Callable[[str], bool], depth: int) -> None:
    if isinstance(value, _Members):
        _write_object(value, paper, is_secret, depth)
    elif isinstance(value, list):
        mark = "["
        for item in value:
            if paper.room <= 0:
                return
            paper.put(mark)
            _write(item, paper, is_secret, depth)
            mark = ", "
        paper.put("]" if value else "[]")
    elif isinstance(value, _Number):
        paper.put(value)
    elif isinstance(value, str):
        paper.put(encode_basestring(_plain(value, paper.room, is_secret, depth)))
    else:
        paper.put(_NAMES[value])


_NAMES = {None: "null", True: "true", False: "false"}


def _write_object(members: _Members, paper: _Paper, is_secret: Callable[[str], bool], depth: int) -> None:
    mark = "{"
    for name, value in members:
        if paper.room <= 0:
            return
        paper.put(f"{mark}{encode_basestring(_plain(name, paper.room, is_secret, depth))}: ")
        _write(HIDDEN if is_secret(name) else value, paper, is_secret, depth)
        mark = ", "
    paper.put("}" if members else "{}")


# --- Forms ----------------------------------------------------------------------------------------------------


def _form(raw: bytes, is_declared: bool, limit: int, is_secret: Callable[[str], bool]) -> str | None:
    """None for what is no plain form: pairs of a name and a value, each name a word."""
    if b"=" not in raw[:_LONGEST_NAME]:
        return None
    try:
        text = raw.decode().strip()
    except UnicodeDecodeError:
        return None
    if not text.isprintable() or (not is_declared and " " in text):
        return None
    paper, mark = _Paper(limit), ""
    for part in text.split("&"):
        name, sign, value = part.partition("=")
        # What is padded by signs is in base64.
        if not sign or not _FORM_NAME.fullmatch(unquote_plus(name)) or (value == "=" * len(value) and not is_declared):
            return None
        paper.put(mark + _pair(name, value, limit, is_secret))
        if paper.room <= 0:
            break
        mark = "&"
    return paper.text()


def _parameter(part: str, is_secret: Callable[[str], bool]) -> str:
    name, sign, value = part.partition("=")
    if not _FORM_NAME.fullmatch(unquote_plus(name)) or (not sign and len(name) > _BARE):
        return HIDDEN
    return _pair(name, value, len(value), is_secret) if sign else name


def _pair(name: str, value: str, room: int, is_secret: Callable[[str], bool]) -> str:
    name = unquote_plus(name)
    value = HIDDEN if is_secret(name) else _plain(unquote_plus(value), room, is_secret, 0)
    return f"{name}={value.replace('%', '%25').replace('&', '%26')}"


# --- Texts ----------------------------------------------------------------------------------------------------


def _plain(text: str, room: int, is_secret: Callable[[str], bool], depth: int) -> str:
    """The beginning of a text. One that is JSON itself, or written with percent signs, is looked through like what it
    stands in."""
    if depth > _DEEPEST:
        return HIDDEN
    if text.lstrip("\ufeff \t\r\n")[:1] in _OPENING:
        try:
            value = _read(text.lstrip("\ufeff"))
        except ValueError:
            pass
        else:
            return _written(value, room, is_secret, depth + 1)
    if "%" in text and _ENCODED.search(text):
        if len(text) > _LONGEST_ENCODED:
            return HIDDEN
        decoded = unquote_plus(text)
        inner = _plain(decoded, room, is_secret, depth + 1)
        if inner != decoded[:room]:
            return inner
    return _without_named(_without_credentials(text)[: max(room, 0)])


def _without_named(text: str) -> str:
    folded = text.lower()
    if not any(word in folded for word in _IN_TEXTS):
        return text
    return _SHOWN.sub(rf"\1{HIDDEN}", _NAMED.sub(rf"\1{HIDDEN}", text))


def _without_credentials(text: str) -> str:
    """Addresses without who calls there, and without the values of their queries."""
    if "://" not in text and "@" not in text:
        return text
    if "://" in text[:30]:
        return _address(text)
    return _WORDS.sub(lambda found: _address(found[0]), text)


def _address(text: str) -> str:
    scheme, mark, rest = text.partition("://")
    if not mark:
        scheme, rest = "", text
    place, sign, asked = re.fullmatch(r"([^?#]*)([?#]?)(.*)", rest, re.S).groups()  # type: ignore[union-attr]  # always
    user, at, host = place.rpartition("@")
    if not mark and not (at and ":" in user):
        return text
    shown = f"{HIDDEN}@{host}" if at else place
    return f"{scheme}{mark}{shown}{sign}{_PARAMETER.sub(_hidden, asked)}"


_PARAMETER = re.compile(r"([^&#=]*)(=?)[^&#]*")


def _hidden(found: re.Match[str]) -> str:
    name, sign = found.groups()
    return f"{name}={HIDDEN}" if sign else HIDDEN if name else ""
