"""Whether display hints make sense where they stand. Their shape is checked by the vocabulary's meta-schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from assessments.schemas.display import highest, hints_of, lowest, outcome_key, summary_of
from assessments.schemas.messages import any_of
from assessments.schemas.problems import Problem
from assessments.schemas.subschemas import Path, applied, below, types_of, walk
from core.pointers import is_pointer, join, tokens

_NUMBERS = frozenset({"number", "integer"})
_SCALARS = _NUMBERS | {"string", "boolean"}
_TEXT = frozenset({"string"})

#: The types a widget can show.
WIDGET_TYPES: dict[str, frozenset[str]] = {
    "text": _SCALARS,
    "long_text": _TEXT,
    "number": _NUMBERS,
    "score": _NUMBERS,
    "percentile": _NUMBERS,
    "badge": _SCALARS,
    "outcome": _SCALARS - {"number"},
    "boolean": frozenset({"boolean"}),
    "date": _TEXT,
    "datetime": _TEXT,
    "duration": _TEXT,
    "money": frozenset({"object"}),
    "link": _TEXT,
    "email": _TEXT,
    "list": frozenset({"array"}),
    "table": frozenset({"array"}),
    "bars": frozenset({"object"}),
    "timeline": frozenset({"array"}),
    "section": frozenset({"object"}),
    "value": _SCALARS,
}
_WORDS = {
    "string": "text",
    "number": "numbers",
    "integer": "whole numbers",
    "boolean": "booleans",
    "array": "lists",
    "object": "objects",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """A subschema of a schema, where it stands, and the types it allows (``None``: it does not say)."""

    root: dict[str, Any]
    node: dict[str, Any]
    path: Path
    types: frozenset[str] | None

    def problem(self, code: str, message: str, *keywords: str | int) -> Problem:
        return Problem(pointer=join((*self.path, *keywords)), code=code, message=message)

    def is_only(self, types: frozenset[str]) -> bool:
        """Whether it allows nothing else, null apart; true where it does not say."""
        return self.types is None or self.types - {"null"} <= types


def hint_problems(schema: dict[str, Any]) -> Iterator[Problem]:
    """Widgets on the wrong type, bands that overlap, outcomes of what has none, summaries that lead nowhere."""
    for path, node in walk(schema):
        if isinstance(node, dict) and not _KEYWORDS.isdisjoint(node):
            place = _Place(root=schema, node=node, path=path, types=types_of(schema, node))
            for rule in _RULES:
                yield from rule(place)


_KEYWORDS = frozenset({"x-display", "x-outcome", "x-summary"})


def _widget_fits(place: _Place) -> Iterator[Problem]:
    widget = hints_of(place.node).widget
    if widget is not None and not place.is_only(WIDGET_TYPES[widget]):
        kinds = any_of([_WORDS[name] for name in _WORDS if name in WIDGET_TYPES[widget]])
        yield place.problem("wrong_widget", f"{widget} shows {kinds} only", "x-display", "widget")


def _numeric_hints_fit(place: _Place) -> Iterator[Problem]:
    display = place.node.get("x-display")
    if place.is_only(_NUMBERS) or not isinstance(display, dict):
        return
    # A badge with a scale is shown as a step of a ladder, such as B2 of A1 to C2.
    refused = ("bands",) if display.get("widget") == "badge" else ("bands", "scale")
    for hint in refused:
        if hint in display:
            yield place.problem("hint_needs_number", "is a hint for numbers only", "x-display", hint)


def _scale_ascends(place: _Place) -> Iterator[Problem]:
    display = place.node.get("x-display")
    scale = display.get("scale") if isinstance(display, dict) else None
    has_ends = isinstance(scale, dict) and all(isinstance(scale.get(end), int | float) for end in ("min", "max"))
    if has_ends and hints_of(place.node).scale is None:
        yield place.problem("empty_scale", "must have a max greater than its min", "x-display", "scale")


def _bands_ascend(place: _Place) -> Iterator[Problem]:
    before: float | None = None
    for index, band in enumerate(hints_of(place.node).bands):
        if lowest(band) > highest(band):
            yield place.problem("empty_band", "must not end before it begins", "x-display", "bands", index)
        elif before is not None and lowest(band) < before:
            message = "must begin where the band before it ends, or above: bands go from the lowest to the highest"
            yield place.problem("overlapping_bands", message, "x-display", "bands", index)
        before = highest(band)


def _outcomes_fit(place: _Place) -> Iterator[Problem]:
    outcomes = hints_of(place.node).outcome
    if outcomes is None or _stands_for_summary(place):
        return
    if not place.is_only(WIDGET_TYPES["outcome"]):
        message = (
            "belongs to text, whole numbers and booleans; on the outermost schema, to the value of x-summary.outcome"
        )
        yield place.problem("outcome_of_no_scalar", message, "x-outcome")
        return
    possible = _possible_keys(place)
    for key in outcomes:
        if possible is not None and key not in possible:
            yield place.problem("unknown_outcome_value", "is not a value that the schema allows", "x-outcome", key)


def _stands_for_summary(place: _Place) -> bool:
    return not place.path and summary_of(place.node).outcome is not None


def _possible_keys(place: _Place) -> set[str | None] | None:
    """The values of an enumeration or a boolean as outcome keys; ``None`` where any value is possible."""
    values = place.node.get("enum")
    if isinstance(values, list):
        return {outcome_key(value) for value in values}
    return {"true", "false"} if place.types == frozenset({"boolean"}) else None


def _summary_stands_at_root(place: _Place) -> Iterator[Problem]:
    if "x-summary" in place.node and place.path:
        yield place.problem("summary_not_at_root", "may stand only on the outermost schema", "x-summary")


_SUMMARY_TYPES = {"score": _NUMBERS, "maximum": _NUMBERS, "outcome": _SCALARS - {"number"}, "report_url": _TEXT}


def _summary_leads_somewhere(place: _Place) -> Iterator[Problem]:
    summary = place.node.get("x-summary")
    if place.path or not isinstance(summary, dict):
        return
    for name, types in _SUMMARY_TYPES.items():
        pointer = summary.get(name)
        if isinstance(pointer, str) and is_pointer(pointer) and pointer:
            yield from _leads(place, name, pointer, types)


def _leads(place: _Place, name: str, pointer: str, types: frozenset[str]) -> Iterator[Problem]:
    nodes = _declared_at(place.root, pointer)
    if not nodes:
        yield place.problem("summary_leads_nowhere", "leads to no property that the schema declares", "x-summary", name)
    elif all(not _allows(place.root, node, types) for node in nodes):
        kinds = any_of([_WORDS[kind] for kind in _WORDS if kind in types])
        yield place.problem("summary_of_wrong_type", f"must lead to {kinds}", "x-summary", name)


def _declared_at(root: dict[str, Any], pointer: str) -> list[dict[str, Any]]:
    nodes = applied(root, root)
    for token in tokens(pointer):
        nodes = below(root, nodes, token)
    return nodes


def _allows(root: dict[str, Any], node: dict[str, Any], types: frozenset[str]) -> bool:
    found = types_of(root, node)
    # Where fractions are allowed, that whole numbers are among them does not count.
    stated = found - {"integer"} if found and "number" in found else found
    return stated is None or not stated.isdisjoint(types)


_RULES: tuple[Callable[[_Place], Iterator[Problem]], ...] = (
    _widget_fits,
    _numeric_hints_fit,
    _scale_ascends,
    _bands_ascend,
    _outcomes_fit,
    _summary_stands_at_root,
    _summary_leads_somewhere,
)
