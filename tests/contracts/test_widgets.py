"""What every widget keeps, whatever value it is asked to show: a new one is tested before its author writes a line."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from assessments.rendering.builder import build
from assessments.rendering.nodes import BY_FORM
from assessments.rendering.viewmodel import Field, leaves
from assessments.rendering.widgets import WIDGETS
from assessments.schemas.display import WIDGET_NAMES

SCRIPT = "<script>alert('x')</script>"
VALUES: tuple[Any, ...] = (
    None, True, 0, -3, 7.25, 1e300, 2**53, "", "plain", SCRIPT, "javascript:alert(1)",
    "https://partner.example/a?b=<c>", "http://partner.example", "2026-11-14", "2026-11-14T09:30:00+01:00", "P1Y2M",
    "PT90M", "soon", "dev@partner.example", "x" * 5_000, "line\nline", "\u202egnp", [], {}, [1, 2], [SCRIPT],
    [[1], [2]], [{"a": 1}, {"b": [SCRIPT]}], {"amount": 120, "currency": "EUR"}, {"amount": "many", "currency": SCRIPT},
    {"a": {"b": {"c": SCRIPT}}},
    [{"at": "2026-11-14T09:30:00Z", "what": SCRIPT}], {SCRIPT: SCRIPT},
)  # fmt: skip


def shown(widget: str, value: Any) -> tuple[list[Field], str]:
    """The leaves and the markup of a document whose one member asks for this widget."""
    hints = {"widget": widget, "scale": [0, 100], "unit": SCRIPT, "bands": [{"min": 0, "label": SCRIPT}]}
    schema = {"properties": {"it": {"title": "It", "x-display": hints}}}
    view = build(schema, {"it": value}, "recruiter")
    return list(leaves(view)), render_to_string("assessments/result/_result.html", {"view": view})


def pointers(value: Any, at: str) -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    escaped = ((str(name).replace("~", "~0").replace("/", "~1"), part) for name, part in members)
    return [pointer for name, part in escaped for pointer in pointers(part, f"{at}/{name}")] or [at]


@pytest.mark.parametrize("widget", [*WIDGETS, BY_FORM])
def test_a_widget_shows_any_value_once_or_gives_way_to_one_that_does(widget: str) -> None:
    for value in VALUES:
        found, _ = shown(widget, value)
        for leaf in pointers(value, "/it"):
            # Money is one Field for both of its members.
            assert len([field for field in found if f"{leaf}/".startswith(f"{field.pointer}/")]) == 1, leaf
        assert {field.widget for field in found} <= set(WIDGETS)


@pytest.mark.parametrize("widget", [*WIDGETS, BY_FORM])
def test_nothing_a_partner_says_becomes_markup(widget: str) -> None:
    for value in VALUES:
        _, page = shown(widget, value)
        assert "<script" not in page
        assert not re.search(r'(?:href|src)="(?!https://|mailto:|/|#)', page)
        assert not re.search(r"\s(?:on\w+|style)=", page)


@pytest.mark.parametrize("widget", WIDGETS)
def test_an_external_link_says_where_it_leads_and_tells_nothing(widget: str) -> None:
    _, page = shown(widget, "https://partner.example/a?b=<c>")
    for link in re.findall(r"<a [^>]*https://[^>]*>", page):
        assert 'rel="noopener noreferrer"' in link
        assert "partner.example" in re.sub(r"<[^>]+>", " ", page)


@pytest.mark.parametrize(
    ("value", "widget", "text"),
    [
        (0, "number", "0"),
        (-3.5, "number", "-3.5"),
        (True, "boolean", "Yes"),
        ("https://partner.example/a", "link", "partner.example"),
        ("http://partner.example/a", "text", "http://partner.example/a"),
        ("2026-11-14", "date", "14 Nov 2026"),
        ("20261114", "text", "20261114"),
        ("2026-11-14T09:30", "datetime", "14 Nov 2026, 09:30"),
        ("2026-11-14T09:30:00+01:00", "datetime", "14 Nov 2026, 09:30 UTC+01:00"),
        ("2026-99-14", "text", "2026-99-14"),
        ("PT41M17S", "duration", "41 min 17 s"),
        ("PASSED", "text", "PASSED"),
        ("", "text", "–"),
    ],
)
def test_a_value_without_a_type_is_shown_by_its_form(value: Any, widget: str, text: str) -> None:
    schema = {"additionalProperties": {"x-display": {"widget": "value"}, "minimum": 0, "maximum": 100}}
    [field] = leaves(build(schema, {"it": value}, "recruiter"))
    assert (field.widget, field.value.text) == (widget, text)


@pytest.mark.parametrize(
    ("document", "note"),
    [({"score": 82}, "scale not stated"), ({"score": 82, "maximum": 120}, ""), ({"score": -4.5}, "scale not stated")],
)
def test_a_score_without_a_scale_is_a_number_that_says_so(document: dict[str, Any], note: str) -> None:
    schema = {
        "properties": {"score": {"type": "number"}, "maximum": {"type": "number"}},
        "x-summary": {"score": "/score", "maximum": "/maximum"},
    }
    view = build(schema, document, "recruiter")
    assert (view.headlines[0].widget, view.headlines[0].value.note) == ("number", note)


def test_the_vocabulary_the_table_and_the_guide_name_the_same_widgets() -> None:
    # These two are ours: what no widget can show, and an object that asked for none. The hint leads to another widget.
    assert set(WIDGETS) - {"unknown", "section"} == set(WIDGET_NAMES) - {"section", BY_FORM}
    guide = (settings.BASE_DIR / "docs" / "schemas.md").read_text()
    table = guide[guide.index("| widget | shows |") :].split("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE)) == set(WIDGET_NAMES)
