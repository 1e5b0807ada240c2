"""What is said of every way in which a first question can go wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from assessments import diagnosis
from assessments.dialects.values import OfferedType
from core.guard import Kind
from core.http import Failure, Reply

OFFERED = (OfferedType(key="a", name="Alpha"), OfferedType(key="b", name="Beta"))


def reply(status: int = 200, body: bytes = b"[]", *, ms: int = 20, truncated: bool = False, **headers: str) -> Reply:
    return Reply(status=status, headers=headers, body=body, truncated=truncated, elapsed_ms=ms)


def codes(*findings: diagnosis.Finding) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_of_failure_has_words_and_a_cure(kind: Kind) -> None:
    [found] = diagnosis.of_failure(Failure(kind))
    assert found.code == kind
    assert found.tone == "poor"
    assert found.says.endswith(".")
    assert found.cure.endswith(".")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "unauthorized"), (403, "forbidden"), (404, "not_found"), (405, "wrong_method"), (410, "gone"),
        (429, "too_many"), (301, "redirect"), (307, "redirect"), (400, "odd_status"), (500, "broken"), (503, "broken"),
    ],
)  # fmt: skip
def test_every_status_has_its_meaning(status: int, code: str) -> None:
    assert codes(*diagnosis.of_answer(reply(status), None)) == [code]


def test_a_redirect_says_where_it_leads() -> None:
    [found] = diagnosis.of_answer(reply(308, location="https://new.example/list"), None)
    assert "It leads to https://new.example/list." in found.says


def test_a_web_page_is_told_from_data_by_what_it_says_or_calls_itself() -> None:
    assert codes(*diagnosis.of_answer(reply(body=b"<p>Log in"), None, "It is no JSON.")) == ["html"]
    typed = replace(reply(body=b"Log in."), headers={"content-type": "text/html; charset=utf-8"})
    assert codes(*diagnosis.of_answer(typed, None, "It is no JSON.")) == ["html"]


def test_a_success_with_an_error_inside_is_quoted() -> None:
    [found] = diagnosis.of_answer(reply(body=b'{"error":"no plan"}'), None, "It says: no plan.")
    assert found.code == "not_the_protocol"
    assert "It says: no plan." in found.says


def test_a_catalogue_is_counted() -> None:
    [found] = diagnosis.of_answer(reply(), OFFERED)
    assert (found.code, found.tone, found.says) == ("well", "good", "It works: 2 assessments came back.")


def test_names_that_are_missing_are_counted() -> None:
    offered = (*OFFERED, OfferedType(key="7", name="7"))
    assert codes(*diagnosis.of_answer(reply(), offered)) == ["well", "nameless"]


def test_a_slow_answer_is_named_whatever_else_it_is() -> None:
    assert codes(*diagnosis.of_answer(reply(ms=4_001), OFFERED)) == ["well", "slow"]
    assert codes(*diagnosis.of_answer(reply(404, ms=9_000), None)) == ["not_found", "slow"]
    assert codes(*diagnosis.of_answer(reply(ms=4_000), OFFERED)) == ["well"]


def test_an_empty_catalogue_and_one_too_long_are_named() -> None:
    assert codes(*diagnosis.of_answer(reply(), ())) == ["empty"]
    assert codes(*diagnosis.of_answer(reply(truncated=True), None)) == ["too_long"]
