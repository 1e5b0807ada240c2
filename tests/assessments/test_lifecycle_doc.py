"""The page on the life of an order says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from assessments.lifecycle import ILLEGAL, TABLE, Status, Trigger, Verdict
from assessments.models import Order

PAGE = (Path(settings.BASE_DIR) / "docs" / "lifecycle.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading, its head first."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\|\n(?:\|.*\n)+", PAGE, re.MULTILINE)
    assert table
    head, _line, *body = table[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *body)]


def word(cell: Status | Verdict) -> str:
    return "–" if cell is ILLEGAL else cell.value


def test_the_page_has_the_table_of_the_code() -> None:
    head, *body = rows("from")
    assert head == ["from", *(trigger.value for trigger in Trigger)]
    assert {row[0]: row[1:] for row in body} == {
        status.value: [word(TABLE[status, trigger]) for trigger in Trigger] for status in Status
    }


def test_the_page_explains_every_state_of_a_cancellation() -> None:
    explained = {row[0].strip("*") for row in rows("the order's page says")[1:]}
    assert explained == {state.label for state in Order.Cancellation} - {Order.Cancellation.NONE.label}
