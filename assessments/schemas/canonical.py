"""One digest for one JSON value, however it was written: RFC 8785. Nothing here knows what the value means."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785
from msgspec.json import Encoder

# What both writers write alike: whole numbers that a double holds, and others that need neither an exponent nor zeros
# after the point.
_LARGEST_WHOLE = 2**53 - 1
_SMALLEST, _LARGEST = 1e-4, 1e15
# Names are sorted by their UTF-16 there, by code points here: the same in the Basic Multilingual Plane.
_BEYOND_PLANE = "\U00010000"

_write = Encoder(order="deterministic").encode


def digest(value: Any) -> str:
    """SHA-256 (64 hexadecimal digits) over the RFC 8785 form of a JSON value.

    The order of keys, white space and the spelling of numbers do not count. Raises ValueError for what has no such
    form: an integer beyond ±(2^53 − 1), an infinity, a lone surrogate, what is not JSON.
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: Any) -> bytes:
    """The RFC 8785 form; by a writer in C where that writes the same."""
    return _write(value) if _is_plain(value) else rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    """Level by level, without recursion. Looks at exact types: every document passes here, and isinstance is slow."""
    level = [value]
    while level:
        inner: list[Any] = []
        for node in level:
            kind = type(node)
            if kind is dict:
                if not _are_plain(node):
                    return False
                inner.extend(node.values())
            elif kind is list:
                inner.extend(node)
            elif kind is float:
                if not _SMALLEST <= abs(node) < _LARGEST or node.is_integer():
                    return False
            elif kind is int:
                if not -_LARGEST_WHOLE <= node <= _LARGEST_WHOLE:
                    return False
            elif kind is not str and kind is not bool and node is not None:
                return False
        level = inner
    return True


def _are_plain(names: dict[Any, Any]) -> bool:
    try:
        together = "".join(names)
    except TypeError:
        return False
    return together.isascii() or max(together) < _BEYOND_PLANE
