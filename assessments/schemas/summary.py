"""The headline values of one document, as the ``x-summary`` of its schema points at them. Stores nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from assessments.schemas.audience import Audience, Audiences
from assessments.schemas.display import OUTCOMES, hints_of, outcome_key, summary_of
from assessments.schemas.problems import is_out_of_range
from assessments.schemas.subschemas import applied, below
from core.pointers import MISSING, is_pointer, resolve, tokens

_LONGEST_URL = 1_000


class Headline(Struct, frozen=True, kw_only=True):
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


class Headlines:
    """What the ``x-summary`` of one schema makes of documents; what does not depend on them is found out once."""

    def __init__(self, schema: Any) -> None:
        self.summary = summary_of(schema)
        self._readings = _readings(schema, self.summary.outcome)
        audiences = Audiences(schema)
        pointers = (self.summary.score, self.summary.outcome, self.summary.report_url)
        self._audiences = [None if pointer is None else audiences.of(pointer) for pointer in pointers]

    def of(self, document: Any) -> Headline:
        """The headline values of a document that the schema accepts. Never raises: what is not there is absent."""
        score_audience, outcome_audience, report_audience = self._audiences
        return Headline(
            score=_number(self.summary.score, document),
            maximum=_number(self.summary.maximum, document),
            outcome=self._outcome(document),
            report_url=_url(self.summary.report_url, document),
            score_audience=score_audience,
            outcome_audience=outcome_audience,
            report_audience=report_audience,
        )

    def _outcome(self, document: Any) -> str:
        key = outcome_key(_value(self.summary.outcome, document))
        return "none" if key is None else self._readings.get(key, "none")


@lru_cache(maxsize=256)
def headlines_of(schema_text: str) -> Headlines:
    """Those of a schema that policy has accepted, kept by its text."""
    return Headlines(json.loads(schema_text))


def _readings(schema: Any, pointer: str | None) -> Mapping[str, str]:
    """Which value means which outcome: the ``x-outcome`` of the outcome's own subschema, else that of the outermost
    schema; without either, a value that is itself passed, failed, review or none stands.
    """
    if pointer is None:
        return {}
    readings = [*(hints_of(node).outcome for node in _at(schema, pointer)), hints_of(schema).outcome]
    return next((found for found in readings if found is not None), dict(zip(OUTCOMES, OUTCOMES, strict=True)))


def _value(pointer: str | None, document: Any) -> Any:
    return MISSING if pointer is None or not is_pointer(pointer) else resolve(pointer, document)


def _number(pointer: str | float | None, document: Any) -> float | None:
    value = _value(pointer, document) if isinstance(pointer, str) else pointer
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and not is_out_of_range(value) else None


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
