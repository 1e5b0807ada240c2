"""One digest for one JSON value, however it was written: RFC 8785. Nothing here knows what the value means."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import chain
from typing import Any

import rfc8785
from msgspec.json import Encoder

from core.levels import Levels, levels

# What both writers write alike: whole numbers that a double holds, and others that need neither an exponent nor zeros
# after the point.
_LARGEST_WHOLE = 2**53 - 1
_SMALLEST, _LARGEST = 1e-4, 1e15
# Names are sorted by their UTF-16 there, by code points here: the same in the Basic Multilingual Plane.
_BEYOND_PLANE = "\U00010000"

_write = Encoder(order="deterministic").encode


def digest(value: Any, walked: Levels | None = None) -> str:
    """SHA-256 (64 hexadecimal digits) over the RFC 8785 form of a JSON value.

    The order of keys, white space and the spelling of numbers do not count. Raises ValueError for what has no such
    form: an integer beyond ±(2^53 − 1), an infinity, a lone surrogate, what is not JSON. ``walked``: its levels, where
    somebody has them.
    """
    return hashlib.sha256(canonical(value, walked)).hexdigest()


def canonical(value: Any, walked: Levels | None = None) -> bytes:
    """The RFC 8785 form; by a writer in C where that writes the same."""
    return _write(value) if _is_plain(walked or levels(value)) else rfc8785.dumps(value)


def _is_plain(walked: Levels) -> bool:
    return all(_PLAIN.get(kind, _never)(values) for level in walked for kind, values in level.items())


def _have_plain_names(objects: list[dict[Any, Any]]) -> bool:
    try:
        names = "".join(chain.from_iterable(objects))
    except TypeError:
        return False
    return names.isascii() or max(names) < _BEYOND_PLANE


def _are_plain_fractions(numbers: list[float]) -> bool:
    return all(_SMALLEST <= abs(number) < _LARGEST and not number.is_integer() for number in numbers)


def _always(_: list[Any]) -> bool:
    return True


def _never(_: list[Any]) -> bool:
    return False


_PLAIN: dict[type, Callable[[list[Any]], bool]] = {
    dict: _have_plain_names,
    float: _are_plain_fractions,
    int: lambda numbers: min(numbers) >= -_LARGEST_WHOLE and max(numbers) <= _LARGEST_WHOLE,
    list: _always,
    str: _always,
    bool: _always,
    type(None): _always,
}
