"""The guilty places of a refusal, each with a code out of a closed table: what is wrong there, and what to do.

Each floor declares its own; the page of error codes is made from them. The codes of errors are known too: a place may
say what refused it. Nothing here knows HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import structlog

log = structlog.get_logger(__name__)

INVALID = "invalid"


class Code(NamedTuple):
    """One code as the documentation shows it."""

    code: str
    cause: str
    cure: str


_declared: dict[str, Code] = {}
_of_errors: set[str] = set()


def declare(table: Mapping[str, tuple[str, str]]) -> None:
    """Code → cause and cure. Called where a floor's errors are; the same code twice is a mistake."""
    if twice := _declared.keys() & table.keys():
        raise ValueError(f"declared already: {sorted(twice)}")
    _declared.update({code: Code(code, *told) for code, told in table.items()})


def name_error(code: str) -> None:
    """An error of this code may stand at a place too."""
    _of_errors.add(code)


def declared() -> list[Code]:
    """Every code that a place can have, but for those of errors, by code."""
    return sorted(_declared.values())


def is_known(code: str) -> bool:
    return code in _declared or code in _of_errors


def place(pointer: str, code: str, message: str, *, schema_pointer: str = "", **more: str) -> dict[str, str]:
    """One guilty place. An undeclared code is a mistake of ours, and raises ValueError."""
    if not is_known(code):
        raise ValueError(f"the code {code!r} is declared nowhere")
    return {"pointer": pointer, **more, "code": code, "message": message, "schema_pointer": schema_pointer}


def closed(problem: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with a code that is known: one that is not (of a library, of a row from before) is no promise."""
    code = problem.get("code", INVALID)
    if is_known(code):
        return dict(problem)
    log.warning("problem.unknown_code", code=code)
    return {**problem, "code": INVALID}


declare(
    {
        "required": ("It is missing, and is needed.", "Send it."),
        "null": ("It is null, which is no value here.", "Send a value, or leave it out where it is optional."),
        "blank": ("It is an empty text.", "Send a text, or leave it out where it is optional."),
        INVALID: ("It is not what is expected there.", "The sentence says what is."),
        "invalid_choice": ("It is not one of the values that there are.", "The reference lists them."),
        "max_length": ("It is longer than is taken: a text or a list.", "The sentence says how long it may be."),
        "min_length": ("It is shorter than is needed: a text or a list.", "The sentence says how long it has to be."),
        "max_value": ("The number is too large.", "The sentence says how large it may be."),
        "min_value": ("The number is too small.", "The sentence says how large it has to be."),
        "empty": ("The list is empty.", "Send at least one."),
        "not_a_list": ("A list is expected.", "Send a JSON array."),
        "not_a_dict": ("An object is expected.", "Send a JSON object."),
        "not_finite": ("NaN, an infinity, or a number beyond a double.", "Send a finite number, or null."),
        "too_many_digits": ("The number has more than 300 digits.", "Send it shorter, or as a text."),
        "duplicate_key": ("The same key stands twice.", "Send each key once."),
        "nul_character": ("The text holds a NUL character.", "Leave it out: it cannot be stored."),
        "lone_surrogate": ("The text holds half of a surrogate pair.", "Send whole characters."),
        "refused_address": ("The URL leads to an address that is not public.", "Name a public host."),
        "unknown_parameter": (
            "The call has no such query parameter.",
            "`parameter` names it, and the sentence those that there are.",
        ),
    }
)
