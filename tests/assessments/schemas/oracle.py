"""The verdict of the jsonschema library, to hold ours against: formats checked, nothing fetched.

One thing is aligned. JSON Schema asks for patterns as ECMA-262 reads them, and Python's ``re`` reads some otherwise:
``$`` also before a last line break, and ``\\d``, ``\\w`` and ``\\s`` with other alphabets' digits, letters and spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

_SPACES = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_PIECE = re.compile(r"\\.|\[|\]|\$", re.DOTALL)


def ecma(pattern: str) -> re.Pattern[str]:
    """A pattern that policy accepts, compiled to mean in Python what it means in ECMA-262."""
    in_class = False

    def piece(found: re.Match[str]) -> str:
        nonlocal in_class
        text = found[0]
        in_class = {"[": True, "]": False}.get(text, in_class)
        if text == "$" and not in_class:
            return r"\Z"
        if text == r"\s":
            return _SPACES if in_class else f"[{_SPACES}]"
        return f"[^{_SPACES}]" if text == r"\S" and not in_class else text

    return re.compile(_PIECE.sub(piece, pattern), re.ASCII)


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not ecma(pattern).search(instance):
        yield ValidationError("does not match")


# The stubs leave `extend` without types.
_Oracle: type[Draft202012Validator] = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def oracle(schema: Any) -> Draft202012Validator:
    return _Oracle(schema, format_checker=Draft202012Validator.FORMAT_CHECKER, registry=Registry())
