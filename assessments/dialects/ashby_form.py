"""The order form of a partner that speaks Ashby's protocol: its custom fields, of 15 types, as an order schema.

Oddity: the document names four of the types, and not how their values are written (see :data:`_UNKNOWN_FORM`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.dialects import reading
from assessments.dialects.base import Unreadable
from assessments.schemas.order_schema import MAX_CHOICES, MAX_PROPERTIES, check_order_schema

_LONG = 10_000
_TYPES: dict[str, dict[str, Any]] = {
    "String": {"type": "string"},
    "LongText": {"type": "string", "maxLength": _LONG},
    "Email": {"type": "string", "format": "email"},
    "Phone": {"type": "string", "description": "A phone number, with its country code."},
    "Url": {"type": "string", "format": "uri"},
    "SocialLink": {"type": "string", "format": "uri", "description": "The address of a profile, such as https://…"},
    "Date": {"type": "string", "format": "date"},
    "Number": {"type": "number"},
    "Boolean": {"type": "boolean"},
}
_CHOICES = frozenset({"ValueSelect", "MultiValueSelect"})
#: The document names these types, and not how their values are written. Guessing could order something else.
_UNKNOWN_FORM = frozenset({"DateRange", "Score", "Currency", "Location"})


def order_schema(entries: list[Any]) -> dict[str, Any]:
    """The custom fields as an order schema: a property is called by the field's id, so that answers need no map.

    What cannot be asked is left out and named in the description. Raises Unreadable if it is required, for nothing
    could be ordered; and for an entry that is no object.
    """
    properties: dict[str, Any] = {}
    required: list[str] = []
    left_out: list[str] = []
    for index, entry in enumerate(entries):
        node, fault = _property(reading.members(entry, f"/fields/{index}"))
        key, is_required = reading.kept_id(entry.get("id")), entry.get("isRequired") in (True, "true")
        if key in properties:
            continue
        if node is None:
            _leave_out(entry, fault, left_out, pointer=f"/fields/{index}" if is_required else "")
            continue
        properties[key] = node
        required += [key] if is_required else []
    _shorten(properties, required, left_out)
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    if left_out:
        schema["description"] = f"Not asked here: {'; '.join(left_out)}."
    return _checked(schema)


def _leave_out(entry: Mapping[str, Any], fault: str, left_out: list[str], *, pointer: str) -> None:
    name = reading.line(entry.get("name")) or reading.kept_id(entry.get("id")) or "a field without a name"
    if pointer:
        raise Unreadable(f"The partner requires a field that cannot be asked here: {name} ({fault}).", pointer=pointer)
    left_out.append(f"{name} ({fault})")


def _shorten(properties: dict[str, Any], required: list[str], left_out: list[str]) -> None:
    """To as many as a form may have, the last optional ones left out."""
    if len(required) > MAX_PROPERTIES:
        raise Unreadable(f"The partner requires more than the {MAX_PROPERTIES} fields that a form may have here.")
    optional = [key for key in properties if key not in required]
    for key in optional[MAX_PROPERTIES - len(required) :]:
        left_out.append(f"{properties.pop(key)['title']} (more than {MAX_PROPERTIES} fields)")


def _property(entry: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The property of one field, or None and why there is none."""
    key, stated = reading.kept_id(entry.get("id")), reading.line(entry.get("type"))
    title = reading.line(entry.get("name")) or key
    if not key:
        return None, "without an id"
    if stated in _CHOICES:
        return _choice(title, stated, entry.get("possible_values"))
    if stated not in _TYPES:
        return None, stated if stated in _UNKNOWN_FORM else "of an unknown type"
    return {"title": title, **_TYPES[stated]}, ""


def _choice(title: str, stated: str, possible: Any) -> tuple[dict[str, Any] | None, str]:
    options = {
        key: reading.line(value.get("value")) or key
        for value in (possible if isinstance(possible, list) else [])
        if isinstance(value, dict) and (key := reading.kept_id(value.get("key")))
    }
    if not 0 < len(options) <= MAX_CHOICES:
        return None, f"more than {MAX_CHOICES} choices" if options else "without choices"
    choice = {"oneOf": [{"const": key, "title": label} for key, label in options.items()]}
    if stated == "ValueSelect":
        return {"title": title, "type": "string", **choice}, ""
    return {"title": title, "type": "array", "items": {"type": "string", **choice}, "uniqueItems": True}, ""


def _checked(schema: dict[str, Any]) -> dict[str, Any]:
    if problems := check_order_schema(schema):
        raise Unreadable(f"The custom fields make no order form: {problems[0].message}.", pointer="/fields")
    return schema
