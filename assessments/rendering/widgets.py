"""How one value is shown: the table of widgets, and which one a value gets when the schema names none.

A widget is a function from a value and its node to a frozen value for the template of the same name. It raises
Unfit for a value that it cannot show, which then gets the widget of its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt

from assessments.rendering import words
from assessments.rendering.nodes import BY_FORM, Node
from assessments.rendering.viewmodel import Meter, Rich, Step, Words
from assessments.rendering.words import Unfit, plain
from assessments.schemas.display import band_of, outcome_key

# Longer text gets a paragraph of its own.
SHORT = 140
OUTCOME_TONES = {"passed": "good", "failed": "poor", "review": "fair", "none": "neutral"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "code", "pre", "blockquote", "hr", "h4", "h5", "h6"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Widget:
    """``show`` for leaves; composite widgets have none and are built by the builder from their parts' Fields."""

    name: str
    show: Callable[[Any, Node], Any] | None = None
    is_wide: bool = False


def _text(value: Any, node: Node) -> Words:
    if isinstance(value, dict | list):
        raise Unfit
    return Words(text=plain(value), note=node.hints.unit or "")


def _long_text(value: Any, node: Node) -> Rich:
    if not isinstance(value, str):
        raise Unfit
    text = plain(value)
    if not node.is_markdown:
        return Rich(text=text, html="")
    # Links and images of a Partner's text would lead anywhere: their words stay, the rest goes.
    return Rich(text=text, html=nh3.clean(_MARKDOWN.render(text), tags=_TAGS, attributes={}))


def _number(value: Any, node: Node) -> Words:
    return Words(text=words.number(value), note=node.hints.unit or "")


def _score(value: Any, node: Node) -> Meter:
    text = words.number(value)
    if node.scale is None:
        raise Unfit
    low, high = node.scale
    band = band_of(node.hints.bands, value)
    ticks = [_share(float(part.min), low, high) for part in node.hints.bands if part.min is not None]
    return Meter(
        text=text,
        unit=node.hints.unit or "",
        minimum=_end(low),
        maximum=_end(high),
        share=_share(value, low, high),
        band=band.label if band else "",
        tone=band.tone if band else "accent",
        ticks=tuple(tick for tick in ticks if 0 < tick < 100),
        against=node.hints.norm_group or "",
    )


# Of a scale, and so of a schema: they are few.
_end = lru_cache(maxsize=1024, typed=True)(words.number)


def _percentile(value: Any, node: Node) -> Meter:
    text = words.number(value)
    suffix = ordinal(value)
    band = band_of(node.hints.bands, value)
    return Meter(
        text=text,
        unit=suffix,
        minimum="0",
        maximum="100",
        share=_share(value, 0, 100),
        band=band.label if band else "",
        tone=band.tone if band else "accent",
        against=node.hints.norm_group or "",
    )


def ordinal(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "th percentile"
    ending = "th" if value % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{ending} percentile"


def _share(value: float, low: float, high: float) -> float:
    return round(max(0.0, min(100.0, (value - low) / (high - low) * 100)), 2)


def _badge(value: Any, node: Node) -> Words | Step:
    if isinstance(value, dict | list):
        raise Unfit
    text = node.options.get(str(value), plain(value))
    tone = _tone(value, node)
    ladder = list(node.options)
    if node.hints.widget == "badge" and node.hints.scale and str(value) in ladder:
        return Step(text=text, tone=tone, position=ladder.index(str(value)) + 1, of=len(ladder))
    return Words(text=text, tone=tone)


def _tone(value: Any, node: Node) -> str:
    return OUTCOME_TONES[node.outcomes.get(outcome_key(value) or "", "none")]


def _boolean(value: Any, node: Node) -> Words:
    if not isinstance(value, bool):
        raise Unfit
    return Words(text=plain(value), tone=_tone(value, node))


WIDGETS: dict[str, Widget] = {
    widget.name: widget
    for widget in (
        Widget(name="text", show=_text),
        Widget(name="long_text", show=_long_text, is_wide=True),
        Widget(name="number", show=_number),
        Widget(name="score", show=_score),
        Widget(name="percentile", show=_percentile),
        Widget(name="badge", show=_badge),
        Widget(name="outcome", show=_badge),
        Widget(name="boolean", show=_boolean),
        Widget(name="date", show=lambda value, _: words.day(value)),
        Widget(name="datetime", show=lambda value, _: words.moment(value)),
        Widget(name="duration", show=lambda value, _: words.duration(value)),
        Widget(name="money", show=lambda value, _: words.money(value)),
        Widget(name="link", show=lambda value, _: words.link(value)),
        Widget(name="email", show=lambda value, _: words.email(value)),
        Widget(name="unknown", show=lambda value, _: Words(text=plain(value))),
        Widget(name="list"),
        Widget(name="table", is_wide=True),
        Widget(name="bars", is_wide=True),
        Widget(name="timeline", is_wide=True),
        Widget(name="section", is_wide=True),
    )
}
FORMATS = {
    "date": "date",
    "date-time": "datetime",
    "duration": "duration",
    "uri": "link",
    "email": "email",
}


_FORMS = (
    (re.compile(r"https://"), "link"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "date"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"), "datetime"),
    (re.compile(r"P[0-9T]"), "duration"),
)


def candidates(value: Any, node: Node) -> list[str]:
    """The widgets to try for a leaf, the best first; the last one shows anything."""
    if node.hints.widget == BY_FORM:
        return [*_by_form(value), *_inferred(value, node), "text", "unknown"]
    wanted = [node.hints.widget] if node.hints.widget else []
    return [*wanted, *_inferred(value, node), "text", "unknown"]


def _by_form(value: Any) -> list[str]:
    """A number of no stated scale stays a number. A text is what it looks like, where all of it does."""
    if isinstance(value, bool):
        return ["boolean"]
    if isinstance(value, int | float):
        return ["number"]
    if not isinstance(value, str):
        return []
    return [name for form, name in reversed(_FORMS) if form.match(value)]


def _inferred(value: Any, node: Node) -> list[str]:
    if isinstance(value, bool):
        return ["boolean"]
    if node.options or node.outcomes:
        return ["badge"]
    if isinstance(value, int | float):
        return ["score", "number"]
    if isinstance(value, str):
        by_format = FORMATS.get(node.format)
        is_long = len(value) > SHORT or "\n" in value or node.is_markdown
        return [*([by_format] if by_format else []), *(["long_text"] if is_long else [])]
    return []
