"""Order schemas: the few things a recruiter fills in when ordering. Checked here, and read as fields of a form.

One flat object of at most 30 properties. The form itself belongs to others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from assessments.schemas.messages import any_of
from assessments.schemas.policy import check_by
from assessments.schemas.problems import Problem
from assessments.schemas.registry import engine_for
from core.pointers import join

MAX_PROPERTIES = 30
MAX_CHOICES = 250
#: A text that may be longer than this is written in an area of several lines.
ONE_LINE = 200

_ROOT = frozenset({"$schema", "title", "description", "type", "properties", "required", "additionalProperties"})
_ALWAYS = frozenset({"title", "description", "default", "type"})
_CHOICE = frozenset({"enum", "oneOf"})
#: type → the keywords its property may have besides a title, a description and a default.
_KEYWORDS: dict[str, frozenset[str]] = {
    "string": frozenset({"format", "maxLength"}) | _CHOICE,
    "number": frozenset({"minimum", "maximum"}),
    "integer": frozenset({"minimum", "maximum"}),
    "boolean": frozenset(),
    "array": frozenset({"items", "uniqueItems"}),
}
_FORMATS = {"date": "date", "email": "email", "uri": "url"}


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderField:
    """One field of an order form.

    ``kind`` is text, email, url, long_text, choice, choices, number, integer, boolean or date; ``choices`` are pairs of
    value and label; ``default`` is a JSON value of the field's kind (a list for choices), or ``None``.
    """

    name: str
    label: str
    description: str
    kind: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    default: Any = None


def check_order_schema(schema: Any) -> list[Problem]:
    """The problems of an order schema, given as JSON text or parsed; empty: it may be used."""
    return check_by(schema, _problems) or list(
        _default_problems(json.loads(schema) if isinstance(schema, str) else schema)
    )


def form_fields(schema: Mapping[str, Any]) -> tuple[OrderField, ...]:
    """The fields of an accepted order schema, in its order; an empty schema has none."""
    required = schema.get("required", [])
    return tuple(_field(name, node, name in required) for name, node in schema.get("properties", {}).items())


def _field(name: str, node: Mapping[str, Any], required: bool) -> OrderField:
    return OrderField(
        name=name,
        label=node.get("title") or name.replace("_", " ").strip().capitalize() or name,
        description=node.get("description", ""),
        kind=_kind(node),
        required=required,
        choices=_choices(node.get("items", node)),
        minimum=node.get("minimum"),
        maximum=node.get("maximum"),
        max_length=node.get("maxLength"),
        default=node.get("default"),
    )


def _kind(node: Mapping[str, Any]) -> str:
    stated = str(node["type"])
    if stated == "array":
        return "choices"
    if stated != "string":
        return stated
    if _CHOICE & node.keys():
        return "choice"
    return _FORMATS.get(node.get("format", "")) or ("long_text" if node.get("maxLength", 0) > ONE_LINE else "text")


def _choices(node: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if "oneOf" in node:
        return tuple((option["const"], option.get("title") or option["const"]) for option in node["oneOf"])
    return tuple((value, value) for value in node.get("enum", ()))


# -- what it may be ---------------------------------------------------------------------------------------------------


def _problems(schema: dict[str, Any]) -> Iterator[Problem]:
    yield from _refused(schema, _ROOT, ())
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        return  # malformed, and reported so
    if len(properties) > MAX_PROPERTIES:
        message = f"may hold at most {MAX_PROPERTIES} properties"
        yield Problem(pointer="/properties", code="too_many_fields", message=message)
    yield from _undeclared_required(schema, properties)
    for name, node in properties.items():
        yield from _field_problems(node, ("properties", name))


def _undeclared_required(schema: dict[str, Any], properties: dict[str, Any]) -> Iterator[Problem]:
    required = schema.get("required")
    for index, name in enumerate(required if isinstance(required, list) else ()):
        if name not in properties:
            message = "names no property of this schema: nobody could fill it in"
            yield Problem(pointer=f"/required/{index}", code="required_undeclared", message=message)


def _refused(node: dict[str, Any], allowed: frozenset[str], path: tuple[str, ...]) -> Iterator[Problem]:
    for keyword in node:
        if keyword not in allowed:
            message = f"is not accepted here in an order schema, only {any_of(sorted(allowed))}"
            yield Problem(pointer=join((*path, keyword)), code="refused_keyword", message=message)


def _field_problems(node: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    stated = node.get("type") if isinstance(node, dict) else None
    if not isinstance(stated, str) or stated not in _KEYWORDS:
        message = f"must have a type: {any_of(list(_KEYWORDS))}"
        yield Problem(pointer=join((*path, "type")), code="unsupported_field", message=message)
        return
    yield from _refused(node, _ALWAYS | _KEYWORDS[stated], path)
    if stated == "array":
        yield from _items_problems(node.get("items"), (*path, "items"))
    elif stated == "string":
        yield from _text_problems(node, path)


def _text_problems(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[Problem]:
    if node.get("format", "date") not in list(_FORMATS):
        message = f"must be {any_of(list(_FORMATS))} in an order schema"
        yield Problem(pointer=join((*path, "format")), code="unknown_format", message=message)
    if _CHOICE & node.keys():
        yield from _choice_problems(node, path)


def _items_problems(items: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(items, dict) or not _CHOICE & items.keys():
        message = "must be a choice of texts: enum, or oneOf with const and title"
        yield Problem(pointer=join(path), code="unsupported_field", message=message)
        return
    yield from _refused(items, _CHOICE | {"type", "title"}, path)
    yield from _choice_problems(items, path)


def _choice_problems(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[Problem]:
    keyword = "oneOf" if "oneOf" in node else "enum"
    options, place = node[keyword], (*path, keyword)
    if not isinstance(options, list):
        return  # malformed, and reported so
    if node.keys() >= _CHOICE:
        yield Problem(pointer=join(place), code="two_choices", message="must not stand beside enum: one list is enough")
    if not 0 < len(options) <= MAX_CHOICES:
        message = f"must offer at least one choice and at most {MAX_CHOICES}"
        yield Problem(pointer=join(place), code="too_many_choices" if options else "no_choices", message=message)
    is_option, message = _OPTIONS[keyword]
    for index, option in enumerate(options):
        if not is_option(option):
            yield Problem(pointer=join((*place, index)), code="unsupported_choice", message=message)


def _is_text(option: Any) -> bool:
    return isinstance(option, str) and option != ""


def _is_titled_text(option: Any) -> bool:
    return isinstance(option, dict) and _is_text(option.get("const")) and option.keys() <= {"const", "title"}


_OPTIONS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "enum": (_is_text, "must be a text, and not empty"),
    "oneOf": (_is_titled_text, "must have a const that is a text and not empty, and may have a title"),
}


def _default_problems(schema: dict[str, Any]) -> Iterator[Problem]:
    """Of a schema that is otherwise sound: limits that nothing can keep to, and defaults it would itself refuse."""
    for name, node in schema.get("properties", {}).items():
        if node.get("minimum", -inf) > node.get("maximum", inf):
            pointer = join(("properties", name, "maximum"))
            yield Problem(pointer=pointer, code="empty_range", message="must not be less than the minimum")
        if "default" in node and not engine_for(node).is_valid(node["default"]):
            pointer = join(("properties", name, "default"))
            yield Problem(pointer=pointer, code="wrong_default", message="must be a value that the property accepts")
