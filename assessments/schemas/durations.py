"""How long something may be kept: ISO 8601 durations of years, months and days, or of weeks (``x-retention``). Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assessments.schemas.subschemas import walk

# As the meta-schema of the vocabulary has it.
PATTERN = r"P([0-9]{1,4}W|([0-9]{1,4}Y)?([0-9]{1,4}M)?([0-9]{1,5}D)?)"
KEYWORD = "x-retention"

_PARTS = re.compile(r"([0-9]+)([YMWD])")
_WORDS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_MONTHS = {"Y": 12, "M": 1}
_DAYS = {"W": 7, "D": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """So many months and days."""

    months: int = 0
    days: int = 0


def span_of(text: str) -> Span | None:
    """None for what is no duration. One of nothing is a day: what arrives shall be seen once."""
    if len(text) < 3 or not re.fullmatch(PATTERN, text, re.ASCII):
        return None
    parts = [(int(number), unit) for number, unit in _PARTS.findall(text)]
    months = sum(number * _MONTHS.get(unit, 0) for number, unit in parts)
    days = sum(number * _DAYS.get(unit, 0) for number, unit in parts)
    return Span(months=months, days=days) if months or days else Span(days=1)


def before(moment: datetime, span: Span) -> datetime | None:
    """The moment so long ago, on the last day of a month that has no such day; None before the calendar begins."""
    years, month = divmod(moment.year * 12 + moment.month - 1 - span.months, 12)
    if years < 1:
        return None
    day = min(moment.day, calendar.monthrange(years, month + 1)[1])
    try:
        return moment.replace(year=years, month=month + 1, day=day) - timedelta(days=span.days)
    except OverflowError:
        return None


def shortest(texts: Iterable[str], now: datetime) -> str:
    """Of several durations the one that ends first, as it is written; empty where there is none."""
    spans = ((text, span) for text in texts if (span := span_of(text)))
    ends = [(end, text) for text, span in spans if (end := before(now, span))]
    return max(ends)[1] if ends else ""


def retentions_in(schema: Any) -> list[str]:
    """What a result schema says of how long a result may be kept: every ``x-retention``, wherever it stands, once.

    A document is kept as one text, so that it goes as one: with the value that may be kept least.
    """
    nodes = (node for _path, node in walk(schema))
    return list(dict.fromkeys(str(node[KEYWORD]) for node in nodes if isinstance(node, dict) and KEYWORD in node))


def words(text: str) -> str:
    """In words for a person: "1 year 6 months"."""
    parts = [(int(number), _WORDS[unit]) for number, unit in _PARTS.findall(text)]
    return " ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in parts if number) or "1 day"
