"""The headline values of one document."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.schemas.summary import Headline, Headlines
from tests.assessments.schemas.samples import CODING, CODING_DOCUMENT, coding_document, with_property, with_root


def test_a_headline_is_read_where_the_summary_points() -> None:
    assert Headlines(CODING).of(CODING_DOCUMENT) == Headline(
        score=81.5, maximum=100, outcome="passed", report_url="https://codeforge.example/reports/1"
    )


def test_what_is_not_in_the_document_is_absent() -> None:
    assert Headlines(CODING).of({}) == Headline(maximum=100)
    assert Headlines(with_root()).of(CODING_DOCUMENT) == Headline()


def test_the_audience_of_a_headline_value_is_that_of_its_place() -> None:
    schema = with_root(
        properties={
            "score": {"type": "number", "x-audience": ["admin"]},
            "verdict": {"type": "string", "x-audience": ["admin", "recruiter"]},
            "report": {"type": "string"},
        },
        **{"x-summary": {"score": "/score", "outcome": "/verdict", "report_url": "/report"}},
    )
    headline = Headlines(schema).of({"score": 1, "verdict": "passed", "report": "https://a.example/"})
    assert headline == Headline(
        score=1,
        outcome="passed",
        report_url="https://a.example/",
        score_audience=frozenset({"admin"}),
        outcome_audience=frozenset({"admin", "recruiter"}),
    )


@pytest.mark.parametrize(
    ("own", "root", "value", "outcome"),
    [
        ({"clear": "passed"}, None, "clear", "passed"),
        ({"clear": "passed"}, None, "consider", "none"),
        ({"clear": "passed"}, {"clear": "failed"}, "clear", "passed"),
        (None, {"consider": "review"}, "consider", "review"),
        (None, None, "failed", "failed"),
        (None, None, "clear", "none"),
        ({"true": "passed", "false": "failed"}, None, False, "failed"),
        ({"3": "review"}, None, 3, "review"),
        (None, None, None, "none"),
        (None, None, ["passed"], "none"),
    ],
)
def test_an_outcome_is_read_by_its_own_words_then_by_the_roots(own: Any, root: Any, value: Any, outcome: str) -> None:
    subschema = {} if own is None else {"x-outcome": own}
    keywords: dict[str, Any] = {"x-summary": {"outcome": "/value"}} | ({} if root is None else {"x-outcome": root})
    assert Headlines(with_property(subschema, **keywords)).of({"value": value}).outcome == outcome


def test_the_words_of_a_definition_count() -> None:
    schema = with_property(
        {"$ref": "#/$defs/verdict"},
        **{"$defs": {"verdict": {"x-outcome": {"ok": "passed"}}}, "x-summary": {"outcome": "/value"}},
    )
    assert Headlines(schema).of({"value": "ok"}).outcome == "passed"


@pytest.mark.parametrize(
    "url",
    [
        "http://codeforge.example/",
        "javascript:alert(1)",
        "//codeforge.example/",
        "https://",
        "https:///x",
        "https://[",
        "https://a.example/\n",
        "https://a.example/" + "x" * 1_000,
        3,
        None,
    ],
)
def test_a_report_is_an_https_address_or_nothing(url: Any) -> None:
    assert Headlines(CODING).of(coding_document(report=url)).report_url == ""


@pytest.mark.parametrize("score", [True, "81", None, float("nan"), float("inf"), 10**400, [1]])
def test_a_score_is_a_number_or_nothing(score: Any) -> None:
    assert Headlines(CODING).of(coding_document(score=score)).score is None


def test_a_maximum_may_be_in_the_document() -> None:
    schema = with_root(properties={"max": {"type": "number"}}, **{"x-summary": {"maximum": "/max"}})
    assert Headlines(schema).of({"max": 160}) == Headline(maximum=160)


@pytest.mark.parametrize("schema", [None, True, [], {"x-summary": 3}, {"x-summary": {"score": "no pointer"}}])
def test_nonsense_has_no_headline(schema: Any) -> None:
    assert Headlines(schema).of({"a": 1}) == Headline()
