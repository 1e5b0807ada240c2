"""The display vocabulary: its words, its meta-schema, and reading its hints. How a widget looks is not known here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from core.pointers import MISSING as MISSING
from core.pointers import resolve as resolve

ROLES = ("admin", "recruiter", "interviewer")
OUTCOMES = ("passed", "failed", "review", "none")
TONES = ("good", "fair", "poor", "neutral")
WIDGET_NAMES = (
    "text",
    "long_text",
    "number",
    "score",
    "percentile",
    "badge",
    "outcome",
    "boolean",
    "date",
    "datetime",
    "duration",
    "money",
    "link",
    "email",
    "list",
    "table",
    "bars",
    "timeline",
    "section",
    "value",
)

#: The keywords of the vocabulary.
KEYWORDS = frozenset({"x-display", "x-outcome", "x-audience", "x-retention", "x-summary"})

_FILE = Path(__file__).with_name("display.schema.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """A named range of a number, both ends included (see :func:`band_of`); ``None`` where it is open."""

    min: float | None
    max: float | None
    label: str
    tone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hints:
    """What a subschema says of showing its value; every part may be absent."""

    widget: str | None = None
    primary: bool = False
    order: int | None = None
    group: str | None = None
    unit: str | None = None
    bands: tuple[Band, ...] = ()
    scale: tuple[float, float] | None = None
    norm_group: str | None = None
    #: The value as a string (``true``, ``3``, ``clear``) → passed, failed, review or none.
    outcome: Mapping[str, str] | None = None
    #: The only roles that may read the value and all below it; ``None``: everybody.
    audience: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Where a document holds its headline values: JSON pointers. ``maximum`` may be the number itself."""

    score: str | None = None
    maximum: str | float | None = None
    outcome: str | None = None
    report_url: str | None = None


def meta_schema(public_url: str) -> dict[str, Any]:
    """The meta-schema of the vocabulary as it is served at ``public_url``: any JSON Schema tool can check by it."""
    schema: dict[str, Any] = json.loads(_text())
    placeholder = schema["$id"]
    vocabulary = {uri.replace(placeholder, public_url): required for uri, required in schema["$vocabulary"].items()}
    return schema | {"$id": public_url, "$vocabulary": vocabulary}


def hints_of(subschema: Any) -> Hints:
    """The hints of one subschema. Never raises: what is malformed counts as absent (the policy refused it before)."""
    if not isinstance(subschema, Mapping):
        return Hints()
    display = _mapping(subschema.get("x-display"))
    return Hints(
        widget=_one_of(display.get("widget"), WIDGET_NAMES),
        primary=display.get("primary") is True,
        order=_whole(display.get("order")),
        group=_words(display.get("group")),
        unit=_words(display.get("unit")),
        bands=_bands(display.get("bands")),
        scale=_scale(display.get("scale")),
        norm_group=_words(display.get("norm_group")),
        outcome=_outcomes(subschema.get("x-outcome")),
        audience=_audience(subschema.get("x-audience")),
    )


def summary_of(schema: Any) -> Summary:
    """The ``x-summary`` of a result schema's root. Never raises: what is malformed counts as absent."""
    summary = _mapping(_mapping(schema).get("x-summary"))
    return Summary(
        score=_words(summary.get("score")),
        maximum=_words(summary.get("maximum")) or _number(summary.get("maximum")),
        outcome=_words(summary.get("outcome")),
        report_url=_words(summary.get("report_url")),
    )


def lowest(band: Band) -> float:
    return -inf if band.min is None else band.min


def highest(band: Band) -> float:
    return inf if band.max is None else band.max


def band_of(bands: tuple[Band, ...], value: float) -> Band | None:
    """The band a number falls in, both ends included; where two meet, the higher one."""
    return next((band for band in reversed(bands) if lowest(band) <= value <= highest(band)), None) if bands else None


def outcome_key(value: Any) -> str | None:
    """A scalar as ``x-outcome`` writes it: ``True`` → ``true``, ``3`` → ``3``; ``None`` for what has no such form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int) else None


@cache
def _text() -> str:
    return _FILE.read_text(encoding="utf-8")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _one_of(value: Any, allowed: tuple[str, ...]) -> str | None:
    return value if isinstance(value, str) and value in allowed else None


def _words(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _bands(value: Any) -> tuple[Band, ...]:
    bands = [_band(item) for item in value] if isinstance(value, list) else []
    return tuple(band for band in bands if band is not None)


def _band(value: Any) -> Band | None:
    band = _mapping(value)
    label, tone = _words(band.get("label")), _one_of(band.get("tone"), TONES)
    if label is None or tone is None:
        return None
    return Band(min=_number(band.get("min")), max=_number(band.get("max")), label=label, tone=tone)


def _scale(value: Any) -> tuple[float, float] | None:
    low, high = _number(_mapping(value).get("min")), _number(_mapping(value).get("max"))
    return None if low is None or high is None or low >= high else (low, high)


def _outcomes(value: Any) -> Mapping[str, str] | None:
    outcomes = {key: outcome for key, outcome in _mapping(value).items() if _one_of(outcome, OUTCOMES)}
    return outcomes or None


def _audience(value: Any) -> frozenset[str] | None:
    if not isinstance(value, list):
        return None
    return frozenset(role for role in value if _one_of(role, ROLES))
