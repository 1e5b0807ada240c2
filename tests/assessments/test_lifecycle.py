"""The table of an Order's life, cell by cell, against the one that people agreed on."""

from __future__ import annotations

import pytest

from assessments.lifecycle import ENDED, OPEN, TABLE, UNANSWERED, Status, Transition, Trigger, Verdict, advance, may

AGREED = """
from       accepted declined started  completed amended   cancelled expired gave_up resent
requested  sent     declined started  completed -         cancelled expired failed  requested
sent       stale    declined started  completed -         cancelled expired stale   requested
started    stale    declined stale    completed -         cancelled expired stale   -
completed  stale    -        stale    stale     completed kept      stale   stale   -
cancelled  stale    stale    stale    kept      kept      stale     stale   stale   -
expired    stale    stale    stale    kept      kept      stale     stale   stale   -
declined   stale    stale    stale    kept      kept      stale     stale   stale   -
failed     sent     declined started  completed -         cancelled stale   stale   requested
"""

HEAD, *ROWS = [line.split() for line in AGREED.strip().splitlines()]
CELLS = [(row[0], trigger, cell) for row in ROWS for trigger, cell in zip(HEAD[1:], row[1:], strict=True)]


def expected(status: str, word: str) -> Transition:
    if word == "-":
        return Transition(verdict=Verdict.ILLEGAL, status=Status(status))
    if word in {"stale", "kept"}:
        return Transition(verdict=Verdict(word), status=Status(status))
    return Transition(verdict=Verdict.MOVED, status=Status(word))


@pytest.mark.parametrize(("status", "trigger", "cell"), CELLS)
def test_each_cell_is_the_one_agreed_on(status: str, trigger: str, cell: str) -> None:
    assert advance(Status(status), Trigger(trigger)) == expected(status, cell)


def test_the_table_has_a_cell_for_every_status_and_trigger() -> None:
    assert set(TABLE) == {(status, trigger) for status in Status for trigger in Trigger}
    assert len(CELLS) == len(TABLE)


def test_every_status_is_either_open_or_ended() -> None:
    assert set(Status) == OPEN | ENDED
    assert not OPEN & ENDED


def test_a_person_is_offered_only_what_moves_the_order() -> None:
    assert may(Status.REQUESTED, Trigger.CANCELLED)
    assert not may(Status.COMPLETED, Trigger.CANCELLED)
    assert not may(Status.STARTED, Trigger.RESENT)


def test_no_result_has_come_for_what_is_unanswered() -> None:
    """Nothing leads back to there, and every result leads away."""
    assert {before for (before, _), after in TABLE.items() if after in UNANSWERED} <= UNANSWERED
    for trigger in (Trigger.STARTED, Trigger.COMPLETED):
        assert {TABLE[before, trigger] for before in UNANSWERED} <= set(Status) - UNANSWERED
