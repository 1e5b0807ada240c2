"""One digest for one JSON value, however it was written: RFC 8785. Nothing here knows what the value means."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def digest(value: Any) -> str:
    """SHA-256 (64 hexadecimal digits) over the RFC 8785 form of a JSON value.

    The order of keys, white space and the spelling of numbers do not count. Raises ValueError for what has no such
    form: an integer beyond ±(2^53 − 1), an infinity, a lone surrogate, what is not JSON.
    """
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
