"""The terms of an assessment type by API: deadline, retakes, validity, reminders."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.models import AssessmentType
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db

TERMS = {
    "deadline_days": 7,
    "retake": {"cool_down_days": 30, "counts": "best"},
    "valid_months": 12,
    "retention": "P18M",
    "remind_after_days": 0,
}
USUAL = {
    "deadline_days": None,
    "retake": {"cool_down_days": 0, "counts": "latest"},
    "valid_months": None,
    "retention": None,
    "remind_after_days": 3,
}


def shown(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.content
    return {name: answer.json()[name] for name in TERMS}


def test_terms_are_put_kept_and_set_back(shop: Shop) -> None:
    api = shop.api()
    assert shown(api.put("assessment-types/english", {"name": "English", **TERMS})) == TERMS
    row = AssessmentType.objects.get(key="english")
    assert (row.deadline_days, row.cool_down_days, row.counts, row.valid_months, row.remind_after_days) == (
        7,
        30,
        "best",
        12,
        0,
    )
    assert shown(api.put("assessment-types/english", {"name": "English", "retake": {"cool_down_days": 5}})) == {
        **USUAL,
        "retake": {"cool_down_days": 5, "counts": "latest"},
    }
    nothing = dict.fromkeys(TERMS)
    assert shown(api.put("assessment-types/english", {"name": "English", **nothing})) == USUAL


def test_a_whole_catalogue_brings_terms_as_well(shop: Shop) -> None:
    api = shop.api()
    api.put("assessment-types", {"data": [{"key": "coding", "name": "Coding", **TERMS}]})
    assert shown(api.get("assessment-types/coding")) == TERMS


WRONG: tuple[tuple[dict[str, Any], tuple[str, str]], ...] = (
    ({"deadline_days": 0}, ("/deadline_days", "min_value")),
    ({"deadline_days": "7"}, ("/deadline_days", "not_an_integer")),
    ({"deadline_days": 4000}, ("/deadline_days", "max_value")),
    ({"valid_months": 0}, ("/valid_months", "min_value")),
    ({"valid_months": 121}, ("/valid_months", "max_value")),
    ({"retention": "18 months"}, ("/retention", "not_a_duration")),
    ({"retention": "P"}, ("/retention", "not_a_duration")),
    ({"retention": 18}, ("/retention", "not_a_string")),
    ({"remind_after_days": -1}, ("/remind_after_days", "min_value")),
    ({"retake": 30}, ("/retake", "invalid")),
    ({"retake": {"cool_down_days": -1}}, ("/retake/cool_down_days", "min_value")),
    ({"retake": {"counts": "worst"}}, ("/retake/counts", "invalid_choice")),
)


def test_terms_of_the_wrong_shape_are_refused_by_pointer(shop: Shop, subtests: pytest.Subtests) -> None:
    api = shop.api()
    for terms, expected in WRONG:
        with subtests.test(repr(terms)):
            answer = api.put("assessment-types/english", {"name": "English", **terms})
            assert answer.status_code == 422
            assert [(each["pointer"], each["code"]) for each in answer.json()["problems"]] == [expected]
    assert not AssessmentType.objects.filter(key="english").exists()
