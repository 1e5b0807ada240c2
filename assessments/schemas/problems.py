"""What is wrong with a schema or a document, as data: where, a stable code, a sentence. No HTTP here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessments.schemas import codes  # noqa: F401  # declares them
from core.places import place

#: No answer lists more than this; one more problem says that there are others.
MAX_PROBLEMS = 100
#: Whole numbers that a double holds exactly. A larger double is a whole number too, so this bounds all numbers.
LARGEST_NUMBER = 2**53 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One problem: ``pointer`` into what was sent, ``schema_pointer`` to the rule it breaks (empty: a rule of ours)."""

    pointer: str
    code: str
    message: str
    schema_pointer: str = ""

    def as_json(self) -> dict[str, str]:
        return place(self.pointer, self.code, self.message, schema_pointer=self.schema_pointer)


def out_of_range(pointer: str) -> Problem:
    """A number that not every program can read exactly: beyond ±(2^53 − 1), infinite, or none."""
    message = f"must be a number from −{LARGEST_NUMBER} to {LARGEST_NUMBER}, which every program can read exactly"
    return Problem(pointer=pointer, code="number_out_of_range", message=message)


def is_out_of_range(value: Any) -> bool:
    return isinstance(value, int | float) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER


def too_many_problems() -> Problem:
    return Problem(
        pointer="",
        code="too_many_problems",
        message=f"There are more problems: only the first {MAX_PROBLEMS} are listed. Correct these and try again.",
    )


def capped(problems: list[Problem]) -> list[Problem]:
    """At most :data:`MAX_PROBLEMS`, then a last one that says there are more."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    return [*problems[:MAX_PROBLEMS], too_many_problems()]
