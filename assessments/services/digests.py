"""One digest for what a partner sent, even where RFC 8785 has no form for it. Reads and writes no row."""

from __future__ import annotations

import hashlib
from typing import Any

from assessments.schemas.canonical import digest
from core.levels import Levels


def digest_of(value: Any, *, text: str, walked: Levels | None = None) -> str:
    """SHA-256 (hex) of the value's RFC 8785 form; of the text it was read from, where there is no such form.

    A number that no double holds has none. It will be refused, but what is refused is kept, once.
    """
    try:
        return digest(value, walked)
    except ValueError:
        return hashlib.sha256(f"not canonical\n{text}".encode()).hexdigest()
