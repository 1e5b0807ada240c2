"""What the terms of a type say of moments and of several attempts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assessments.terms import Attempt, cool_down_until, the_one_that_counts, valid_until


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("done", "months", "until"),
    [
        ("2026-11-24T10:00", 1, "2026-12-24T10:00"),
        ("2026-11-24T10:00", 2, "2027-01-24T10:00"),
        ("2026-12-31T10:00", 12, "2027-12-31T10:00"),
        ("2026-12-31T10:00", 2, "2027-02-28T10:00"),
        ("2027-12-31T10:00", 2, "2028-02-29T10:00"),
        ("2028-02-29T10:00", 120, "2038-02-28T10:00"),
    ],
)
def test_a_result_is_valid_to_the_same_day_some_months_later(done: str, months: int, until: str) -> None:
    assert valid_until(at(done), months) == at(until)


def test_without_a_number_of_months_it_is_valid_for_good() -> None:
    assert valid_until(at("2026-11-24T10:00"), None) is None


def test_a_cool_down_lasts_so_many_days_and_none_is_none() -> None:
    assert cool_down_until(at("2026-11-24T10:00"), 30) == at("2026-12-24T10:00")
    assert cool_down_until(at("2026-11-24T10:00"), 0) is None


def attempt(order: int, day: int, share: str | None = None, *, is_hidden: bool = False) -> Attempt:
    score = None if share is None else Decimal(share)
    return Attempt(order=order, completed_at=at(f"2026-11-{day:02}T10:00"), share=score, is_hidden=is_hidden)


@pytest.mark.parametrize(
    ("rule", "attempts", "counts"),
    [
        ("latest", [attempt(1, 2, "0.9"), attempt(2, 5, "0.1")], 2),
        ("latest", [attempt(2, 2), attempt(1, 5)], 1),
        ("first", [attempt(1, 2), attempt(2, 5)], 1),
        ("best", [attempt(1, 2, "0.9"), attempt(2, 5, "0.1")], 1),
        ("best", [attempt(1, 2, "0.5"), attempt(2, 5, "0.5"), attempt(3, 4, "0.2")], 2),
        ("best", [attempt(1, 2, "-3"), attempt(2, 5)], 1),
        ("best", [attempt(1, 2), attempt(2, 5)], 2),
        ("latest", [attempt(1, 2), attempt(2, 5, is_hidden=True)], 2),
    ],
)
def test_one_attempt_counts_by_the_rule(rule: str, attempts: list[Attempt], counts: int) -> None:
    best = the_one_that_counts(attempts, rule)
    assert best is not None
    assert best.order == counts


def test_which_was_best_is_not_told_to_somebody_who_may_not_see_a_score() -> None:
    assert the_one_that_counts([attempt(1, 2, "0.9"), attempt(2, 5, "0.1", is_hidden=True)], "best") is None
