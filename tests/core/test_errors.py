"""Errors as values: what they say by themselves, and that each can be explained."""

from __future__ import annotations

from inspect import cleandoc

from core.errors import KINDS, DomainError, NotFound, RateLimited, ValidationFailed, all_codes


def test_an_error_says_its_cause_unless_told_more() -> None:
    assert NotFound().detail == str(NotFound()) == "There is nothing here that you can see."
    assert NotFound("No such order.").detail == "No such order."


def test_problems_and_facts_are_kept_apart() -> None:
    problem = {"pointer": "/a", "code": "wrong_type", "message": "Not a number.", "schema_pointer": ""}
    error = ValidationFailed("No.", problems=(problem,), limit=3)
    assert (error.problems, error.facts) == ([problem], {"limit": 3})
    assert RateLimited(retry_after=7).facts == {"retry_after": 7}


def test_every_error_has_one_kind() -> None:
    for error in all_codes():
        assert len([kind for kind in KINDS if issubclass(error, kind)]) == 1
        assert issubclass(error, DomainError)


def test_every_error_says_its_cause_in_a_sentence() -> None:
    for error in all_codes():
        first = cleandoc(error.__doc__ or "").splitlines()[0]
        assert first.endswith((".", ":")), error
