"""How long something may be kept: durations as the vocabulary has them, and what they mean of a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assessments.schemas.durations import Span, before, retentions_in, shortest, span_of, words

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("P2Y", Span(months=24)),
        ("P18M", Span(months=18)),
        ("P2Y6M", Span(months=30)),
        ("P90D", Span(days=90)),
        ("P4W", Span(days=28)),
        ("P1Y2M3D", Span(months=14, days=3)),
        ("P0D", Span(days=1)),
    ],
)
def test_a_duration_is_so_many_months_and_days(text: str, span: Span) -> None:
    assert span_of(text) == span


@pytest.mark.parametrize("text", ["", "P", "2 years", "P2Y4W", "PT5H", "P-1Y", "P1Y\n", "P١Y"])
def test_nothing_else_is_one(text: str) -> None:
    assert span_of(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("P1M", datetime(2026, 2, 28, 12, 0, tzinfo=UTC)),
        ("P25M", datetime(2024, 2, 29, 12, 0, tzinfo=UTC)),
        ("P1M1D", datetime(2026, 2, 27, 12, 0, tzinfo=UTC)),
        ("P3M", datetime(2025, 12, 31, 12, 0, tzinfo=UTC)),
        ("P9999Y", None),
        ("P99999D", datetime(1752, 6, 16, 12, 0, tzinfo=UTC)),
        ("P2025Y99999D", None),
    ],
)
def test_so_long_ago_is_a_day_of_the_calendar_or_before_it_began(text: str, moment: datetime | None) -> None:
    span = span_of(text)
    assert span is not None
    assert before(NOW, span) == moment


def test_the_shortest_of_several_counts() -> None:
    assert shortest(["P1Y", "P11M", "P360D", "nothing", "P9999Y"], NOW) == "P11M"
    assert shortest(["", "P9999Y"], NOW) == ""


def test_a_schema_says_the_shortest_wherever_it_stands_and_never_what_is_only_an_example() -> None:
    schema = {
        "x-retention": "P2Y",
        "properties": {"voice": {"type": "string", "x-retention": "P90D"}, "x-retention": {"type": "string"}},
        "examples": [{"x-retention": "P1D"}],
        "items": True,
    }
    assert retentions_in(schema) == ["P2Y", "P90D"]
    assert retentions_in(True) == []


@pytest.mark.parametrize(
    ("text", "said"), [("P1Y6M", "1 year 6 months"), ("P4W", "4 weeks"), ("P1D", "1 day"), ("P0D", "1 day")]
)
def test_it_reads_as_a_person_says_it(text: str, said: str) -> None:
    assert words(text) == said
