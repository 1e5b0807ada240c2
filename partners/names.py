"""What a company may call itself: the one rule, for the page and for the API."""

from __future__ import annotations

import re

# Control characters, and letters that change the direction of what follows: they make one name look like another.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def problem_of(name: str) -> str:
    """Why this cannot be a name, in a sentence; "" where it can."""
    return "A name holds printable characters only." if _UNPRINTABLE.search(name) else ""
