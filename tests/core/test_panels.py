"""The door for panels and filters."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from core import panels


@pytest.fixture(autouse=True)
def _empty_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_panels", {})
    monkeypatch.setattr(panels, "_filters", {})


def panel(key: str, order: int) -> panels.Panel:
    return panels.Panel(key=key, title=key, order=order, template="x.html", context=lambda *_: {})


def test_panels_stand_in_their_order_whoever_registered_first() -> None:
    last, first = panel("last", 20), panel("first", 10)
    panels.register_panel(last)
    panels.register_panel(first)
    assert panels.panels() == [first, last]


def test_a_key_is_registered_once() -> None:
    panels.register_panel(panel("assessments", 10))
    with pytest.raises(ImproperlyConfigured, match="'assessments' is taken"):
        panels.register_panel(panel("assessments", 20))


def test_a_filters_key_is_registered_once() -> None:
    one = panels.CandidateFilter(key="x", label="X", choices=lambda _: [], apply=lambda rows, _viewer, _value: rows)
    panels.register_filter(one)
    with pytest.raises(ImproperlyConfigured):
        panels.register_filter(one)
    assert panels.filters() == [one]


def test_a_filter_cannot_take_a_word_of_the_list_itself() -> None:
    mine = panels.CandidateFilter(
        key="after", label="X", choices=lambda _: [], apply=lambda rows, _viewer, _value: rows
    )
    with pytest.raises(ImproperlyConfigured, match="'after' is taken"):
        panels.register_filter(mine)
