"""The page for partners says what the code does: its tables are ours."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from partners.delivery import retry
from partners.models import Delivery, Purpose

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "delivery.md").read_text()


def table_after(heading: str) -> list[list[str]]:
    """The rows of the first table below the heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_schedule_is_the_one_that_is_kept() -> None:
    units = {"seconds": timedelta(seconds=1), "minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}

    def wait(words: str) -> timedelta:
        number, _, unit = words.partition(" ")
        return timedelta(0) if words == "at once" else int(number) * units[unit]

    assert tuple(wait(words) for _, words in table_after("The schedule")) == retry.SCHEDULE


def test_every_state_is_explained() -> None:
    assert {row[0].strip("`") for row in table_after("How a delivery ends")} == set(Delivery.State.values)


def test_every_purpose_is_named() -> None:
    section = PAGE.split("\n## Endpoints\n", 1)[1].split("\n## ", 1)[0]
    assert all(f"`{purpose}`" in section for purpose in Purpose.values)
