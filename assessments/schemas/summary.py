"""The headline values of one document, as the ``x-summary`` of its schema points at them. Stores nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from assessments.schemas.audience import Audience, Audiences
from assessments.schemas.display import OUTCOMES, hints_of, outcome_key, summary_of
from assessments.schemas.pointers import MISSING, is_pointer, resolve, tokens
from assessments.schemas.problems import is_out_of_range
from assessments.schemas.subschemas import applied, below

_LONGEST_URL = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """What lists and profiles show of a result before it is opened; audiences of ``None`` mean everybody."""

    score: float | None = None
    maximum: float | None = None
    #: passed, failed, review or none.
    outcome: str = "none"
    #: An https address, or empty.
    report_url: str = ""
    score_audience: Audience = None
    outcome_audience: Audience = None
    report_audience: Audience = None


def headline_of(schema: Any, document: Any) -> Headline:
    """The headline values of a document that its schema accepts. Never raises: what is not there is absent.

    An outcome is the value at ``x-summary.outcome``, read by the ``x-outcome`` of its own subschema, else by that of
    the outermost schema; without either, a value that is itself passed, failed, review or none stands.
    """
    summary, audiences = summary_of(schema), Audiences(schema)
    return Headline(
        score=_number(summary.score, document),
        maximum=_number(summary.maximum, document),
        outcome=_outcome(schema, summary.outcome, document),
        report_url=_url(summary.report_url, document),
        score_audience=_audience(audiences, summary.score),
        outcome_audience=_audience(audiences, summary.outcome),
        report_audience=_audience(audiences, summary.report_url),
    )


def _audience(audiences: Audiences, pointer: str | None) -> Audience:
    return None if pointer is None else audiences.of(pointer)


def _value(pointer: str | None, document: Any) -> Any:
    return MISSING if pointer is None or not is_pointer(pointer) else resolve(pointer, document)


def _number(pointer: str | float | None, document: Any) -> float | None:
    value = _value(pointer, document) if isinstance(pointer, str) else pointer
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and not is_out_of_range(value) else None


def _outcome(schema: Any, pointer: str | None, document: Any) -> str:
    key = outcome_key(_value(pointer, document))
    if pointer is None or key is None:
        return "none"
    readings = [*(hints_of(node).outcome for node in _at(schema, pointer)), hints_of(schema).outcome]
    reading = next((found for found in readings if found is not None), dict(zip(OUTCOMES, OUTCOMES, strict=True)))
    return reading.get(key, "none")


def _at(schema: Any, pointer: str) -> list[dict[str, Any]]:
    nodes = applied(schema, schema)
    for token in tokens(pointer):
        nodes = below(schema, nodes, token)
    return nodes


def _url(pointer: str | None, document: Any) -> str:
    value = _value(pointer, document)
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.isprintable():
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme == "https" and parts.hostname else ""
