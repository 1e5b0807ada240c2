"""What of a result's headline stands in columns of its own, for lists and filters. Reads and writes no row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from assessments.schemas.audience import Audience
from assessments.schemas.summary import Headline

# An audience without anybody in it; empty text means everybody.
NOBODY = "nobody"
_LARGEST_SCORE = 10**12


def columns(headline: Headline) -> dict[str, Any]:
    """By name, as a Result has them."""
    return {
        "outcome": headline.outcome,
        "score": _decimal(headline.score),
        "score_maximum": _decimal(headline.maximum),
        "score_audience": _roles(headline.score_audience),
        "outcome_audience": _roles(headline.outcome_audience),
        # Lists show it to whoever sees the row.
        "report_url": headline.report_url if headline.report_audience is None else "",
    }


def _decimal(number: float | None) -> Decimal | None:
    """Six decimals, and nothing where it would not fit."""
    if number is None or abs(number) >= _LARGEST_SCORE:
        return None
    return Decimal(repr(number)).quantize(Decimal("0.000001"))


def _roles(audience: Audience) -> str:
    """Space separated; empty: everybody."""
    if audience is None:
        return ""
    return " ".join(sorted(audience)) or NOBODY
