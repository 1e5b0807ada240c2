"""RFC 6901 JSON pointers: taken apart, put together, followed. Nothing here knows what a schema is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Any, Final

_FORM = re.compile(r"(?:/(?:[^/~]|~[01])*)*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


class Missing(Enum):
    """The type of :data:`MISSING`, which is neither ``None`` nor any other JSON value."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


def is_pointer(text: str) -> bool:
    """Whether the text is written as RFC 6901 asks; says nothing of what it leads to."""
    return _FORM.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def tokens(pointer: str) -> tuple[str, ...]:
    """``/a~1b/0`` → ``("a/b", "0")``. Raises ValueError for what is not a pointer."""
    if not is_pointer(pointer):
        raise ValueError(f"not a JSON pointer: {pointer[:80]!r}")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def join(parts: Iterable[str | int]) -> str:
    """``("a/b", 0)`` → ``/a~1b/0``; no parts → ``""``, the whole document."""
    return "".join(map(_written, parts))


@lru_cache(maxsize=4096)
def _written(part: str | int) -> str:
    return "/" + str(part).replace("~", "~0").replace("/", "~1")


def resolve(pointer: str, document: Any) -> Any:
    """The value a pointer leads to, or :data:`MISSING` where it leads nowhere. Raises ValueError for no pointer."""
    value = document
    for token in tokens(pointer):
        value = _step(value, token)
        if value is MISSING:
            return MISSING
    return value


def _step(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        return value.get(token, MISSING)
    if isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
        return value[int(token)]
    return MISSING
