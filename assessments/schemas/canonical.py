"""One digest for one JSON value, however it was written: RFC 8785. Nothing here knows what the value means."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import rfc8785

# Where the standard library's writing may not be RFC 8785's: numbers with an exponent, with nothing but zeros after the
# point or with sixteen digits and more, and the order of names beyond the Basic Multilingual Plane. A number stands
# after a bracket, a colon or a comma; in a text such a thing means nothing, and costs only the slower way.
_ODD = re.compile(r"(?:^|[\[:,])-?(?:\d*\.?\d{16}|\d+\.0|\d[\d.]*[eE])|[\U00010000-\U0010ffff]")


def digest(value: Any) -> str:
    """SHA-256 (64 hexadecimal digits) over the RFC 8785 form of a JSON value.

    The order of keys, white space and the spelling of numbers do not count. Raises ValueError for what has no such
    form: an integer beyond ±(2^53 − 1), an infinity, a lone surrogate, what is not JSON.
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: Any) -> bytes:
    """The RFC 8785 form; by the fast writer where both would write the same."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    except (TypeError, ValueError):
        return rfc8785.dumps(value)
    return rfc8785.dumps(value) if _ODD.search(text) else text.encode()
