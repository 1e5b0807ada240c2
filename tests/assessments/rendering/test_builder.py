"""A result is built from its schema alone: every leaf once, labelled, in order; restricted parts for their roles."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rendering.builder import build, build_top
from assessments.rendering.viewmodel import Field, Meter, Table, Words, leaves
from assessments.rendering.visibility import count, visible_document
from core.pointers import join

ANY: dict[str, Any] = {"type": "object"}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "overall": {
            "type": "number",
            "title": "Overall score",
            "minimum": 0,
            "maximum": 100,
            "x-display": {
                "primary": True,
                "bands": [
                    {"max": 50, "label": "Below the bar", "tone": "poor"},
                    {"min": 50, "label": "Above the bar", "tone": "good"},
                ],
            },
        },
        "rank": {"type": "integer", "x-display": {"widget": "percentile", "norm_group": "12,480 engineers"}},
        "verdict": {"enum": ["clear", "consider"], "x-outcome": {"clear": "passed", "consider": "review"}},
        "taken": {"type": "string", "format": "duration"},
        "at": {"type": "string", "format": "date-time"},
        "replay": {"type": "string", "format": "uri"},
        "skills": {
            "type": "object",
            "x-display": {"widget": "bars"},
            "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 10},
        },
        "tasks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "points": {"type": "integer"}, "tags": {"type": "array"}},
            },
        },
        "session": {
            "type": "array",
            "x-display": {"widget": "timeline"},
            "items": {"properties": {"at": {"format": "date-time"}, "what": {"type": "string"}}},
        },
    },
    "x-summary": {"score": "/overall", "maximum": 100, "outcome": "/verdict"},
}
DOCUMENT: dict[str, Any] = {
    "overall": 82.5,
    "rank": 91,
    "verdict": "clear",
    "taken": "PT1H14M",
    "at": "2026-11-14T09:30:00Z",
    "replay": "https://replay.codeforge.example/1",
    "skills": {"sql": 7, "testing": 9},
    "tasks": [{"name": "Rate limiter", "points": 9, "tags": ["api", "time"]}, {"name": "Tuning", "points": 6}],
    "session": [{"at": "2026-11-14T09:30:00Z", "what": "Opened", "by": "candidate"}],
    "beyond": {"the_schema": None, "empty": []},
}


def pointers(value: Any, path: tuple[str, ...] = ()) -> list[str]:
    """Every leaf of a document."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [pointer for name, part in members for pointer in pointers(part, (*path, str(name)))]
    return found or [join(path)]


def shown(schema: Any, document: Any, role: str = "admin") -> dict[str, Field]:
    return {field.pointer: field for field in leaves(build(schema, document, role))}


@pytest.mark.parametrize("schema", [ANY, SCHEMA, {"type": "object", "additionalProperties": {"type": "string"}}])
def test_every_leaf_is_shown_exactly_once(schema: dict[str, Any]) -> None:
    found = [field.pointer for field in leaves(build(schema, DOCUMENT, "recruiter"))]
    assert sorted(found) == sorted(pointers(DOCUMENT))


SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, width=32) | st.text()
DOCUMENTS = st.dictionaries(
    st.text(max_size=12),
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_whatever_the_document_each_leaf_is_shown_once_with_a_label(document: dict[str, Any]) -> None:
    found = list(leaves(build(ANY, document, "recruiter")))
    assert sorted(field.pointer for field in found) == sorted(pointers(document))
    assert all(field.label for field in found)


@settings(max_examples=15, deadline=None)
@given(DOCUMENTS)
def test_whatever_the_document_its_page_can_be_drawn(document: dict[str, Any]) -> None:
    page = render_to_string("assessments/result/_result.html", {"view": build(ANY, document, "recruiter")})
    assert page.count("<dt") + page.count("<h5") + page.count("<h4") >= 1


def test_the_name_of_a_value_shown_by_its_form_is_a_label_as_it_is() -> None:
    by_form = {"additionalProperties": {"x-display": {"widget": "value"}}}
    document = {"Node.js": 7, "time-to-hire": 3, "JavaScript": True}
    assert [field.label for field in shown(by_form, document).values()] == ["Node.js", "time-to-hire", "JavaScript"]
    assert [field.label for field in shown(ANY, document).values()] == ["Node js", "Time to hire", "Java Script"]


def test_the_score_is_a_headline_with_its_scale_and_band() -> None:
    (headline,) = build(SCHEMA, DOCUMENT, "recruiter").headlines
    assert (headline.label, headline.widget) == ("Overall score", "score")
    assert headline.value == Meter(
        text="82.5",
        unit="",
        minimum="0",
        maximum="100",
        share=82.5,
        band="Above the bar",
        tone="good",
        ticks=(50.0,),
    )


DEEP = {
    "properties": {
        "sum": {"properties": {"a/b": {"type": "integer", "x-display": {"primary": True}}, "c": {"type": "integer"}}},
        "skills": {
            "x-display": {"widget": "bars"},
            "properties": {"sql": {"type": "integer", "minimum": 0, "maximum": 9, "x-display": {"primary": True}}},
        },
        "secret": {"type": "integer", "x-audience": ["admin"], "x-display": {"primary": True, "order": 1}},
    },
}


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        (SCHEMA, DOCUMENT),
        (ANY, DOCUMENT),
        (DEEP, {"sum": {"a/b": 1, "c": 2}, "skills": {"sql": 3}, "secret": 4, "beyond": 5}),
        (DEEP, {}),
        (True, [1, 2]),
    ],
)
@pytest.mark.parametrize("role", ["admin", "recruiter", "interviewer"])
def test_the_top_alone_is_the_top_of_the_whole(schema: Any, document: Any, role: str) -> None:
    whole, top = build(schema, document, role), build_top(schema, document, role)
    assert (top.headlines, top.outcome, top.hidden) == (whole.headlines, whole.outcome, whole.hidden)


def test_each_value_gets_the_widget_that_its_schema_suggests() -> None:
    widgets = {pointer: field.widget for pointer, field in shown(SCHEMA, DOCUMENT).items()}
    assert widgets["/rank"] == "percentile"
    assert widgets["/verdict"] == "badge"
    assert (widgets["/taken"], widgets["/at"], widgets["/replay"]) == ("duration", "datetime", "link")
    view = build(SCHEMA, DOCUMENT, "recruiter")
    whole = {field.label: field.widget for section in view.sections for field in section.fields if not field.is_leaf}
    assert (whole["Skills"], whole["Tasks"], whole["Session"]) == ("bars", "table", "timeline")
    assert view.outcome == "passed"


def test_a_table_keeps_what_only_some_rows_have() -> None:
    view = build(SCHEMA, DOCUMENT, "recruiter")
    table = next(f.value for s in view.sections for f in s.fields if f.label == "Tasks")
    assert isinstance(table, Table)
    assert [column.label for column in table.columns] == ["Name", "Points", "Tags"]
    assert table.rows[1][2] is None


def test_the_head_of_a_column_stands_where_its_cells_do() -> None:
    tasks = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "points": {"type": "number", "x-display": {"widget": "score", "scale": {"min": 0, "max": 10}}},
                "attempts": {"type": "integer"},
                "name": {"type": "string"},
            },
        },
    }
    rows = [{"points": 9, "attempts": 1, "name": "a"}, {"attempts": 2, "name": "b"}]
    view = build({"type": "object", "properties": {"tasks": tasks}}, {"tasks": rows}, "recruiter")
    table = view.sections[0].fields[0].value
    assert isinstance(table, Table)
    assert [(column.label, column.is_number) for column in table.columns] == [
        ("Points", False),
        ("Attempts", True),
        ("Name", False),
    ]


def test_what_is_restricted_is_seen_by_its_roles_alone() -> None:
    schema = {
        "type": "object",
        "properties": {
            "status": {"type": "string"},
            "identity": {"x-audience": ["admin"], "properties": {"trace": {"x-audience": ["admin", "recruiter"]}}},
        },
    }
    document = {"status": "clear", "identity": {"trace": "x", "more": 1}, "undeclared": "secret"}
    assert visible_document(schema, document, "recruiter") == ({"status": "clear"}, 3)
    assert visible_document(schema, document, "admin") == (document, 0)
    assert build(schema, document, "recruiter").hidden == 3
    assert count(document) == 4


def test_what_one_document_showed_of_a_schema_does_not_change_the_next() -> None:
    schema = {
        "type": "object",
        "properties": {
            "steps": {"prefixItems": [{"title": "First", "x-audience": ["admin"]}, {"type": "string"}], "items": {}},
            "more": {"type": "object", "additionalProperties": {"x-display": {"primary": True}}},
            "last": {"x-display": {"order": 1}},
        },
    }
    documents = [
        {"steps": ["a", "b", "c", "d"], "more": {"x": 1}, "last": 1, "undeclared": 2},
        {"steps": ["a"], "more": {"y": 1, "x": 2}, "other": {"z": 1}},
        {"0": 1, "more": {}, "last": 3},
    ]
    for document in documents:
        for role in ("recruiter", "admin", "interviewer"):
            assert build(schema, document, role) == build(copy.deepcopy(schema), document, role)
            top, whole = build_top(schema, document, role), build(schema, document, role)
            assert (top.headlines, top.outcome, top.hidden) == (whole.headlines, whole.outcome, whole.hidden)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "http://a.example/",
        "https://user@a.example/",
        "https://",
        "data:text/html,x",
        "https://a b/",
    ],
)
def test_an_address_that_is_not_plain_https_is_text(address: str) -> None:
    schema = {"type": "object", "properties": {"link": {"type": "string", "x-display": {"widget": "link"}}}}
    (field,) = shown(schema, {"link": address}).values()
    assert (field.widget, field.value) == ("text", Words(text=address))


def test_nothing_a_partner_writes_becomes_markup() -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))![](https://a.example/x.png)"
    schema = {
        "type": "object",
        "properties": {
            "note": {"type": "string", "contentMediaType": "text/markdown", "title": attack, "description": attack}
        },
    }
    document = {"note": attack, attack: attack, "rows": [{attack: attack}]}
    page = render_to_string("assessments/result/_result.html", {"view": build(schema, document, "admin")})
    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r"<a[^>]+javascript", page)


def test_a_widget_that_does_not_fit_gives_way_to_one_that_does() -> None:
    schema = {
        "type": "object",
        "properties": {"when": {"x-display": {"widget": "date"}}, "n": {"x-display": {"widget": "table"}}},
    }
    found = shown(schema, {"when": "soon", "n": {"a": 1}})
    assert found["/when"].widget == "text"
    assert found["/n/a"].value == Words(text="1")


def test_a_document_of_twenty_thousand_values_is_built() -> None:
    document = {"rows": [{"a": index, "b": "x"} for index in range(9_990)]}
    assert sum(1 for _ in leaves(build(ANY, document, "recruiter"))) == 19_980
