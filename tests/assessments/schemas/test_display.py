"""The words of the display vocabulary, read from a subschema and checked by its meta-schema."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from referencing import Registry

from assessments.schemas import display
from assessments.schemas.display import MISSING, Band, Hints, Summary, hints_of, outcome_key, resolve, summary_of

META = display.meta_schema("https://assay.example/schemas/display/v1")


def test_every_hint_of_a_subschema_is_read() -> None:
    subschema = {
        "type": "number",
        "x-display": {
            "widget": "score",
            "primary": True,
            "order": 2,
            "group": "Overall",
            "unit": "points",
            "bands": [
                {"max": 50, "label": "Weak", "tone": "poor"},
                {"min": 50, "max": 100, "label": "Strong", "tone": "good"},
            ],
            "scale": {"min": 0, "max": 100},
            "norm_group": "Graduates 2025",
        },
        "x-outcome": {"1": "passed"},
        "x-audience": ["admin", "recruiter"],
    }
    assert hints_of(subschema) == Hints(
        widget="score",
        primary=True,
        order=2,
        group="Overall",
        unit="points",
        bands=(
            Band(min=None, max=50, label="Weak", tone="poor"),
            Band(min=50, max=100, label="Strong", tone="good"),
        ),
        scale=(0, 100),
        norm_group="Graduates 2025",
        outcome={"1": "passed"},
        audience=frozenset({"admin", "recruiter"}),
    )


@pytest.mark.parametrize(
    "subschema",
    [
        {},
        True,
        None,
        {"x-display": 3, "x-outcome": [], "x-audience": "admin"},
        {"x-display": {"widget": ["text"], "primary": "yes", "order": "first", "group": 1, "unit": ""}},
        {"x-display": {"bands": [1, {"label": "no tone"}], "scale": {"min": 3, "max": 3}, "order": 1.5}},
        {"x-outcome": {"a": "won"}},
    ],
)
def test_malformed_hints_count_as_absent(subschema: Any) -> None:
    assert hints_of(subschema) == Hints()


def test_an_audience_of_nobody_known_stays_an_audience_of_nobody() -> None:
    assert hints_of({"x-audience": ["owner", 3]}).audience == frozenset()


def test_the_summary_names_the_headline_values() -> None:
    schema = {"x-summary": {"score": "/a", "maximum": 160, "outcome": "/b", "report_url": "/c"}}
    assert summary_of(schema) == Summary(score="/a", maximum=160, outcome="/b", report_url="/c")
    assert summary_of({"x-summary": {"maximum": "/max"}}) == Summary(maximum="/max")
    assert summary_of({"x-summary": []}) == summary_of(True) == Summary()


@pytest.mark.parametrize(
    ("value", "key"),
    [(True, "true"), (False, "false"), (3, "3"), (3.0, "3"), (-0.0, "0"), ("clear", "clear")],
)
def test_a_scalar_is_written_as_the_key_of_an_outcome(value: Any, key: str) -> None:
    assert outcome_key(value) == key


def test_null_fractions_lists_and_objects_have_no_outcome() -> None:
    unfit: list[Any] = [None, 2.5, [], {}]
    assert [outcome_key(value) for value in unfit] == [None] * 4


def test_pointers_lead_into_a_document() -> None:
    document = {"a/b": {"m~n": [10, {"": "empty"}]}, "none": None}
    assert resolve("/a~1b/m~0n/0", document) == 10
    assert resolve("/a~1b/m~0n/1/", document) == "empty"
    assert resolve("/none", document) is None
    assert resolve("", document) is document
    for absent in ("/a", "/a~1b/m~0n/2", "/a~1b/m~0n/-", "/a~1b/m~0n/00", "/none/x"):
        assert resolve(absent, document) is MISSING


@pytest.mark.parametrize("text", ["a", "/~", "/~2", "#/a"])
def test_what_is_not_a_pointer_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a JSON pointer"):
        resolve(text, {})


def test_the_meta_schema_is_a_schema_and_bears_the_address_it_is_served_at() -> None:
    jsonschema.Draft202012Validator.check_schema(META)
    elsewhere = display.meta_schema("https://eu.assay.example/schemas/display/v1")
    assert elsewhere["$id"] == "https://eu.assay.example/schemas/display/v1"
    assert "https://eu.assay.example/schemas/display/v1/vocabulary" in elsewhere["$vocabulary"]


def test_the_meta_schema_and_the_constants_say_the_same_words() -> None:
    definitions = META["$defs"]
    assert tuple(definitions["display"]["properties"]["widget"]["enum"]) == display.WIDGET_NAMES
    assert tuple(definitions["band"]["properties"]["tone"]["enum"]) == display.TONES
    assert tuple(definitions["outcomes"]["additionalProperties"]["enum"]) == display.OUTCOMES
    assert tuple(definitions["audience"]["items"]["enum"]) == display.ROLES


def test_any_json_schema_tool_finds_wrong_hints_at_any_depth() -> None:
    validator = jsonschema.Draft202012Validator(META, registry=Registry())
    schema = {
        "type": "object",
        "properties": {
            "deep": {"items": {"x-display": {"widget": "sparkle"}}},
            "x": {"x-audience": []},
            "y": {"x-outcome": {"a": "won"}},
            "z": {"type": "nonsense"},
        },
        "x-summary": {"score": "score"},
        "x-retention": "P",
    }
    assert sorted(error.json_path for error in validator.iter_errors(schema)) == [
        "$.properties.deep.items['x-display'].widget",
        "$.properties.x['x-audience']",
        "$.properties.y['x-outcome'].a",
        "$.properties.z.type",
        "$['x-retention']",
        "$['x-summary'].score",
    ]
