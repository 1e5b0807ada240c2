"""Moments by people's own clocks: the end of a day, quiet hours, summer time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assessments.zones import end_of_day, out_of_quiet, reads, zone_of


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "\0", "x" * 200])
def test_a_zone_that_nobody_knows_is_utc(name: str) -> None:
    assert zone_of(name).key == "UTC"


@pytest.mark.parametrize(
    ("zone", "now", "days", "end"),
    [
        ("UTC", "2026-11-24T10:00", 0, "2026-11-24T23:59"),
        ("UTC", "2026-11-24T10:00", 7, "2026-12-01T23:59"),
        # Tomorrow already, there.
        ("Pacific/Auckland", "2026-11-24T12:00", 0, "2026-11-25T10:59"),
        ("America/Los_Angeles", "2026-11-24T05:00", 1, "2026-11-25T07:59"),
        # Summer time ends between.
        ("Europe/Lisbon", "2026-10-24T10:00", 1, "2026-10-25T23:59"),
        ("Europe/Lisbon", "2026-10-24T10:00", 0, "2026-10-24T22:59"),
    ],
)
def test_a_day_ends_by_the_clock_of_its_zone(zone: str, now: str, days: int, end: str) -> None:
    assert end_of_day(at(now), zone_of(zone), days=days) == at(end)


@pytest.mark.parametrize(
    ("zone", "moment", "heard"),
    [
        # A Tuesday.
        ("UTC", "2026-11-24T08:00", "2026-11-24T08:00"),
        ("UTC", "2026-11-24T19:59", "2026-11-24T19:59"),
        ("UTC", "2026-11-24T20:00", "2026-11-25T08:00"),
        ("UTC", "2026-11-24T23:59", "2026-11-25T08:00"),
        ("UTC", "2026-11-24T00:00", "2026-11-24T08:00"),
        ("UTC", "2026-11-24T07:59", "2026-11-24T08:00"),
        ("Asia/Kolkata", "2026-11-24T10:00", "2026-11-24T10:00"),
        ("Asia/Kolkata", "2026-11-24T15:00", "2026-11-25T02:30"),
        ("America/Los_Angeles", "2026-11-24T12:00", "2026-11-24T16:00"),
        # From Friday night to Monday morning; there, not in UTC.
        ("UTC", "2026-11-27T19:59", "2026-11-27T19:59"),
        ("UTC", "2026-11-27T20:00", "2026-11-30T08:00"),
        ("UTC", "2026-11-28T12:00", "2026-11-30T08:00"),
        ("UTC", "2026-11-29T23:00", "2026-11-30T08:00"),
        ("UTC", "2026-11-30T03:00", "2026-11-30T08:00"),
        ("Pacific/Auckland", "2026-11-27T12:00", "2026-11-29T19:00"),
        ("America/Los_Angeles", "2026-11-28T01:00", "2026-11-28T01:00"),
        # The weekend in which summer time ends.
        ("Europe/Lisbon", "2026-10-23T22:00", "2026-10-26T08:00"),
    ],
)
def test_nobody_is_bothered_at_night_or_at_the_weekend(zone: str, moment: str, heard: str) -> None:
    assert out_of_quiet(at(moment), zone_of(zone)) == at(heard)


def test_a_moment_reads_as_a_clock_there_shows_it() -> None:
    assert reads(at("2026-12-01T23:30"), zone_of("Africa/Lagos")) == "2 Dec 2026, 00:30"
