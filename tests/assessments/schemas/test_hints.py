"""Whether display hints make sense where they stand."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from referencing import Registry

from assessments.schemas import display
from assessments.schemas.display import WIDGET_NAMES, Band, band_of
from assessments.schemas.hints import WIDGET_TYPES
from assessments.schemas.policy import check
from tests.assessments.schemas.samples import CODING, with_property, with_root


def codes(schema: Any) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in check(schema)]


def shown(subschema: dict[str, Any], **hints: Any) -> dict[str, Any]:
    return with_property({**subschema, "x-display": hints})


def test_every_widget_says_which_types_it_shows() -> None:
    assert set(WIDGET_TYPES) == set(WIDGET_NAMES)


@pytest.mark.parametrize("widget", WIDGET_NAMES)
def test_a_widget_on_its_own_type_is_accepted_and_on_any_other_refused(widget: str) -> None:
    for kind in ("string", "number", "integer", "boolean", "array", "object"):
        fits = kind in WIDGET_TYPES[widget]
        found = [] if fits else [("/properties/value/x-display/widget", "wrong_widget")]
        assert codes(shown({"type": kind}, widget=widget)) == found
        assert codes(shown({"type": [kind, "null"]}, widget=widget)) == found


def test_an_unknown_widget_is_answered_by_the_list_of_widgets() -> None:
    [problem] = check(shown({}, widget="sparkle"))
    assert problem.pointer == "/properties/value/x-display/widget"
    assert problem.message == f"must be one of: {', '.join(WIDGET_NAMES)}"


def test_a_wrong_widget_is_answered_by_what_it_shows() -> None:
    [problem] = check(shown({"type": "string"}, widget="table"))
    assert problem.message == "table shows lists only"


@pytest.mark.parametrize(
    "subschema",
    [
        {"enum": ["a", "b"]},
        {"const": "a"},
        {"$ref": "#/$defs/text"},
        {"allOf": [{"$ref": "#/$defs/text"}]},
        {"oneOf": [{"const": "a"}, {"type": "string"}]},
    ],
)
def test_the_type_of_a_value_is_read_from_what_describes_it(subschema: dict[str, Any]) -> None:
    schema = shown(subschema, widget="table") | {"$defs": {"text": {"type": "string"}}}
    assert codes(schema) == [("/properties/value/x-display/widget", "wrong_widget")]


def test_a_widget_on_what_says_no_type_is_accepted() -> None:
    assert check(shown({}, widget="table")) == []
    assert check(shown({"anyOf": [{}, {"type": "string"}]}, widget="table")) == []


@pytest.mark.parametrize(
    ("hints", "found"),
    [
        ({"widgit": "text"}, ("", "malformed_hint")),
        ({"primary": "yes"}, ("/primary", "malformed_hint")),
        ({"order": 1.5}, ("/order", "malformed_hint")),
        ({"unit": ""}, ("/unit", "malformed_hint")),
        ({"group": "g" * 121}, ("/group", "malformed_hint")),
        ({"bands": []}, ("/bands", "malformed_hint")),
        ({"bands": [{"label": "a"}]}, ("/bands/0", "malformed_hint")),
        ({"bands": [{"label": "a", "tone": "bright"}]}, ("/bands/0/tone", "malformed_hint")),
        ({"scale": {"min": 0}}, ("/scale", "malformed_hint")),
        ({"scale": {"min": 5, "max": 5}}, ("/scale", "empty_scale")),
        ({"bands": [{"min": 2, "max": 1, "label": "a", "tone": "good"}]}, ("/bands/0", "empty_band")),
    ],
)
def test_a_malformed_hint_is_named(hints: dict[str, Any], found: tuple[str, str]) -> None:
    pointer, code = found
    assert codes(shown({"type": "number"}, **hints)) == [(f"/properties/value/x-display{pointer}", code)]


def test_an_unknown_hint_is_answered_by_the_list_of_hints() -> None:
    [problem] = check(shown({}, widgit="text"))
    assert problem.message == (
        "must not have widgit; it may have widget, primary, order, group, unit, bands, scale or norm_group"
    )


def bands(*ends: tuple[float | None, float | None]) -> list[dict[str, Any]]:
    limits = [{"min": low, "max": high, "label": "a", "tone": "good"} for low, high in ends]
    return [{name: value for name, value in band.items() if value is not None} for band in limits]


@pytest.mark.parametrize(
    ("ends", "guilty"),
    [
        ([(None, None)], None),
        ([(None, 50), (50, None)], None),
        ([(0, 49), (50, 100)], None),
        ([(0, 50), (49, 100)], 1),
        ([(50, 100), (0, 50)], 1),
        ([(0, None), (50, None)], 1),
        ([(0, 50), (None, 100)], 1),
    ],
)
def test_bands_go_from_the_lowest_to_the_highest_without_overlap(
    ends: list[tuple[float | None, float | None]], guilty: int | None
) -> None:
    found = [] if guilty is None else [(f"/properties/value/x-display/bands/{guilty}", "overlapping_bands")]
    assert codes(shown({"type": "number"}, bands=bands(*ends))) == found


def test_a_number_on_the_border_of_two_bands_is_in_the_higher_one() -> None:
    low = Band(min=None, max=50, label="low", tone="poor")
    high = Band(min=50, max=100, label="high", tone="good")
    found = [band_of((low, high), value) for value in (-1, 49.9, 50, 100, 100.1)]
    assert found == [low, low, high, high, None]


@pytest.mark.parametrize("hint", [{"bands": bands((0, 1))}, {"scale": {"min": 0, "max": 1}}])
def test_bands_and_scales_belong_to_numbers(hint: dict[str, Any]) -> None:
    [name] = hint
    found = [(f"/properties/value/x-display/{name}", "hint_needs_number")]
    assert codes(shown({"type": "string"}, **hint)) == found
    assert codes(shown({"type": ["integer", "null"]}, **hint)) == []


def test_a_badge_with_a_scale_is_a_step_of_a_ladder() -> None:
    levels = {"enum": ["A1", "A2", "B1"]}
    assert codes(shown(levels, widget="badge", scale={"min": 1, "max": 3})) == []
    assert codes(shown(levels, widget="badge", bands=bands((0, 1)))) == [
        ("/properties/value/x-display/bands", "hint_needs_number")
    ]


@pytest.mark.parametrize(
    ("subschema", "pointer", "code"),
    [
        ({"enum": ["a", "b"], "x-outcome": {"a": "passed"}}, None, None),
        ({"type": "boolean", "x-outcome": {"true": "passed", "false": "failed"}}, None, None),
        ({"enum": [1, 2], "x-outcome": {"1": "passed"}}, None, None),
        ({"type": "string", "x-outcome": {"anything": "review"}}, None, None),
        ({"enum": ["a"], "x-outcome": {"c": "passed"}}, "/c", "unknown_outcome_value"),
        ({"type": "boolean", "x-outcome": {"yes": "passed"}}, "/yes", "unknown_outcome_value"),
        ({"type": "object", "x-outcome": {"a": "passed"}}, "", "outcome_of_no_scalar"),
        ({"type": "number", "x-outcome": {"1": "passed"}}, "", "outcome_of_no_scalar"),
        ({"x-outcome": {"a": "won"}}, "/a", "malformed_hint"),
        ({"x-outcome": {}}, "", "malformed_hint"),
    ],
)
def test_outcomes_belong_to_scalars_and_to_values_that_may_come(
    subschema: dict[str, Any], pointer: str | None, code: str | None
) -> None:
    found = [] if code is None else [(f"/properties/value/x-outcome{pointer}", code)]
    assert codes(with_property(subschema)) == found


def test_an_outcome_at_the_root_reads_the_value_of_the_summary() -> None:
    outcomes = {"x-outcome": {"a": "passed"}}
    assert codes(with_property({"type": "string"}, **outcomes)) == [("/x-outcome", "outcome_of_no_scalar")]
    assert codes(with_property({"type": "string"}, **outcomes, **{"x-summary": {"outcome": "/value"}})) == []


@pytest.mark.parametrize("roles", [[], ["owner"], ["admin", "admin"], "admin"])
def test_an_audience_is_a_list_of_roles(roles: Any) -> None:
    [(pointer, code)] = codes(with_property({"x-audience": roles}))
    assert pointer.startswith("/properties/value/x-audience")
    assert code == "malformed_hint"


@pytest.mark.parametrize("text", ["P2Y", "P18M", "P2Y6M", "P90D", "P4W", "P1Y2M3D"])
def test_a_retention_is_a_duration(text: str) -> None:
    assert check(with_root(**{"x-retention": text})) == []


@pytest.mark.parametrize("text", ["", "P", "2 years", "P2Y4W", "PT5H", "P-1Y", 30])
def test_any_other_retention_is_refused(text: Any) -> None:
    assert codes(with_root(**{"x-retention": text})) == [("/x-retention", "malformed_hint")]


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ({"score": "/score", "maximum": "/score", "outcome": "/verdict", "report_url": "/report"}, []),
        ({"maximum": 100}, []),
        ({"score": "/tasks/0/points"}, []),
        ({"score": "/skills/anything"}, []),
        ({}, [("", "malformed_hint")]),
        ({"score": "score"}, [("/score", "malformed_hint")]),
        ({"score": "/overall"}, [("/score", "summary_leads_nowhere")]),
        ({"score": "/score/value"}, [("/score", "summary_leads_nowhere")]),
        ({"score": "/verdict"}, [("/score", "summary_of_wrong_type")]),
        ({"outcome": "/score"}, [("/outcome", "summary_of_wrong_type")]),
        ({"outcome": "/tasks"}, [("/outcome", "summary_of_wrong_type")]),
        ({"report_url": "/score"}, [("/report_url", "summary_of_wrong_type")]),
        ({"grade": "/score"}, [("", "malformed_hint")]),
    ],
)
def test_a_summary_leads_to_values_of_the_right_type(summary: Any, found: list[tuple[str, str]]) -> None:
    schema = {**CODING, "x-summary": summary}
    assert codes(schema) == [(f"/x-summary{pointer}", code) for pointer, code in found]


def test_a_summary_stands_only_on_the_outermost_schema() -> None:
    schema = with_property({"type": "object", "x-summary": {"maximum": 3}})
    assert codes(schema) == [("/properties/value/x-summary", "summary_not_at_root")]


def test_what_the_meta_schema_refuses_policy_refuses_and_names_at_the_same_place() -> None:
    validator = jsonschema.Draft202012Validator(
        display.meta_schema("https://assay.example/schemas/display/v1"), registry=Registry()
    )
    schema = {
        "type": "object",
        "x-audience": [],
        "x-retention": "soon",
        "properties": {
            "a": {"x-display": {"widget": "sparkle", "order": "first"}},
            "b": {"items": {"x-outcome": {"a": "won"}}},
            "c": {"type": "nonsense"},
        },
    }
    expected = {"/" + "/".join(map(str, error.absolute_path)) for error in validator.iter_errors(schema)}
    assert {problem.pointer for problem in check(schema)} == expected
