"""What a ``pattern`` may be written with: the part of ECMA-262 that every engine reads alike, in bounded size.

Refusals name the construct. Whether a text matches is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_LENGTH = 1_000
#: Characters and classes with all repetitions written out. The engine's time is at most this times the text.
MAX_ATOMS = 500


class RefusedPattern(ValueError):
    """A pattern that is not accepted; the message says which construct and why, for the person who wrote it."""


# (?…  by what follows the question mark; the longest first.
_GROUPS = (
    ("(?=", "a look-ahead, (?=…), cannot be checked in linear time"),
    ("(?!", "a negative look-ahead, (?!…), cannot be checked in linear time"),
    ("(?<=", "a look-behind, (?<=…), cannot be checked in linear time"),
    ("(?<!", "a negative look-behind, (?<!…), cannot be checked in linear time"),
    ("(?>", "an atomic group, (?>…), is not part of ECMA-262"),
    ("(?#", "a comment, (?#…), is not part of ECMA-262"),
    ("(?P", "a named group, (?P<…>…), is not part of ECMA-262: use (…) or (?:…)"),
    ("(?<", "a named group, (?<…>…), is not read alike by all validators: use (…) or (?:…)"),
    ("(?(", "a conditional, (?(…)…), is not part of ECMA-262"),
    ("(?", "flags inside a pattern, such as (?i), are not read alike by all validators"),
)
_ESCAPES = (
    (re.compile(r"\\[1-9]"), "a back-reference, such as \\1, cannot be checked in linear time"),
    (re.compile(r"\\k"), "a named back-reference, \\k<…>, cannot be checked in linear time"),
    (re.compile(r"\\[pP]"), "a Unicode class, such as \\p{L}, is not read alike by all validators"),
    (re.compile(r"\\[bB]"), "a word boundary, \\b or \\B, is not read alike by all validators"),
    (re.compile(r"\\u\{"), "\\u{…} is not read alike by all validators: write the character itself"),
    (re.compile(r"\\[AZz]"), "an anchor such as \\A or \\Z is not part of ECMA-262: use ^ and $"),
)
_ESCAPE = re.compile(
    r"\\(?:[dDwWsStnrfv]|x[0-9A-Fa-f]{2}|u(?![dD][89A-Fa-f])[0-9A-Fa-f]{4}|[\\^$.*+?()\[\]{}|/\-!\"#%&',:;=@_~` ])"
)
_QUANTIFIER = re.compile(r"[*+?]|\{([0-9]+)(?:(,)([0-9]+)?)?\}")
# What some engines read as the union, difference or intersection of classes.
_ARITHMETIC = re.compile(r"\[|&&|--|~~|\|\|")
_WIDE = re.compile(r"\\[dDwWsS]")


@dataclass(slots=True)
class _Group:
    """An open parenthesis: the atoms of what it holds so far, and of its last piece, which a quantifier repeats."""

    atoms: int = 0
    last: int | None = None

    def add(self, atoms: int | None) -> None:
        """A further piece; ``None`` is one that cannot be repeated."""
        self.atoms += atoms or 0
        self.last = atoms


@dataclass(slots=True)
class _Scanner:
    """Reads a pattern from the left, counts its atoms, and stops at the first construct that is refused."""

    text: str
    at: int = 0
    open: list[_Group] = field(default_factory=lambda: [_Group()])

    def scan(self) -> int:
        while self.at < len(self.text):
            self._piece(self.text[self.at])
        if len(self.open) > 1:
            raise RefusedPattern("a parenthesis is not closed")
        return self.open[0].atoms

    def _piece(self, char: str) -> None:
        step = _STEPS.get(char)
        if step is None:
            self.at += 1
            self.open[-1].add(1)
        else:
            step(self)
        if max(group.atoms for group in self.open) > MAX_ATOMS:
            raise RefusedPattern(f"it repeats too much: at most {MAX_ATOMS} characters; bound a length by maxLength")

    def _anchor(self) -> None:
        self.at += 1
        self.open[-1].add(None)

    def _open(self) -> None:
        if self.text.startswith("(?:", self.at):
            self.at += 3
        else:
            _refuse_any(reason for start, reason in _GROUPS if self.text.startswith(start, self.at))
            self.at += 1
        self.open.append(_Group())

    def _close(self) -> None:
        if len(self.open) == 1:
            raise RefusedPattern("a parenthesis is closed that was not opened")
        self.at += 1
        # An empty group counts too: repeating it costs the engine as much.
        inner = max(self.open.pop().atoms, 1)
        self.open[-1].add(inner)

    def _quantify(self) -> None:
        found = _QUANTIFIER.match(self.text, self.at)
        group = self.open[-1]
        if found is None:
            raise RefusedPattern("a brace that is no repetition: write \\{ for the character")
        if group.last is None:
            raise RefusedPattern(f"there is nothing that {found[0]} could repeat")
        group.atoms += group.last * (_times(found) - 1)
        group.last = None
        self.at = found.end() + self.text.startswith("?", found.end())

    def _escape(self) -> None:
        self.at = _escaped(self.text, self.at).end()
        self.open[-1].add(1)

    def _class(self) -> None:
        self.at = _class_end(self.text, self.at)
        self.open[-1].add(1)


_STEPS = {
    "^": _Scanner._anchor,
    "$": _Scanner._anchor,
    "|": _Scanner._anchor,
    "(": _Scanner._open,
    ")": _Scanner._close,
    "*": _Scanner._quantify,
    "+": _Scanner._quantify,
    "?": _Scanner._quantify,
    "{": _Scanner._quantify,
    "\\": _Scanner._escape,
    "[": _Scanner._class,
}


def atoms(pattern: str) -> int:
    """The size of a pattern, repetitions written out. Raises :class:`RefusedPattern`."""
    if len(pattern) > MAX_LENGTH:
        raise RefusedPattern(f"it is longer than {MAX_LENGTH} characters")
    return _Scanner(pattern).scan()


def _times(quantifier: re.Match[str]) -> int:
    low, comma, high = quantifier.groups()
    if low is None:
        return 2 if quantifier[0] != "?" else 1
    if high is not None and int(high) < int(low):
        raise RefusedPattern(f"{quantifier[0]} ends before it begins")
    return max(1, int(high) if high is not None else int(low) + (comma is not None))


def _escaped(text: str, at: int) -> re.Match[str]:
    found = _ESCAPE.match(text, at)
    if found is None:
        _refuse_any(reason for form, reason in _ESCAPES if form.match(text, at))
        raise RefusedPattern(f"{text[at : at + 2]} is not an escape that all validators read alike")
    return found


def _class_end(text: str, at: int) -> int:
    """The end of a class such as ``[^a-z\\d_]``; refuses what engines read as set arithmetic or not at all."""
    at += 2 if text.startswith("[^", at) else 1
    first = at
    while not text.startswith("]", at):
        at = _class_item(text, at)
    if at == first:
        raise RefusedPattern("an empty class, [] or [^], is not read alike by all validators")
    return at + 1


def _class_item(text: str, at: int) -> int:
    """One character, escape or range of a class; answers where the next begins."""
    low, end = _class_atom(text, at)
    if not text.startswith("-", end) or text.startswith("-]", end):
        return end
    high, last = _class_atom(text, end + 1)
    if _WIDE.fullmatch(low) or _WIDE.fullmatch(high) or _code(low) > _code(high):
        raise RefusedPattern(f"{low}-{high} is not a range; write \\- for the character")
    return last


def _class_atom(text: str, at: int) -> tuple[str, int]:
    if at >= len(text):
        raise RefusedPattern("a bracket is not closed")
    if text[at] == "\\":
        end = _escaped(text, at).end()
    elif odd := _ARITHMETIC.match(text, at):
        raise RefusedPattern(f"{odd[0]} inside a class is not read alike by all validators: write \\{odd[0][0]}")
    else:
        end = at + 1
    return text[at:end], end


_NAMED = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\f": "\f", "\\v": "\v"}


def _code(atom: str) -> int:
    """The code point of one written character of a class."""
    if re.match(r"\\[xu]", atom):
        return int(atom[2:], 16)
    return ord(_NAMED.get(atom, atom[-1]))


def _refuse_any(reasons: Iterator[str]) -> None:
    for reason in reasons:
        raise RefusedPattern(reason)
