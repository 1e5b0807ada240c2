"""The moments that a feed may begin at: every text is read or refused, none is an error of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.feeds import EARLIEST, moment_of

ZONES = st.builds(timezone, st.integers(-23 * 60, 23 * 60).map(lambda minutes: timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23T09:00:00.123456+01:00", datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)),
        # A "+" that nobody encoded.
        ("2026-11-23T09:00:00 01:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", EARLIEST),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("2026-11-23T09:00:00", None),
        ("2026-11-23", None),
        ("2026-13-41T99:00:00Z", None),
        ("", None),
    ],
)
def test_a_moment_names_its_zone(text: str, moment: datetime | None) -> None:
    assert moment_of(text) == moment


@given(st.text(max_size=60))
@hypothesis.settings(max_examples=100)
def test_whatever_text_arrives_it_is_a_moment_or_none(text: str) -> None:
    moment = moment_of(text)
    assert moment is None or moment >= EARLIEST


@given(st.timedeltas(timedelta(0), timedelta(days=365 * 7_900)), ZONES)
@hypothesis.settings(max_examples=100)
def test_every_moment_of_ours_is_read_as_it_was_written(since: timedelta, zone: timezone) -> None:
    moment = EARLIEST + since
    assert moment_of(moment.astimezone(zone).isoformat()) == moment
