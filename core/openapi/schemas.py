"""JSON Schemas, written short: the words with which the shapes of answers are described, each with an example. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

_ID = "06h0knponcaf54p80p72kddup0"


def text(description: str = "", *, example: str | None = None, **more: Any) -> Schema:
    return _described({"type": "string", **more}, description, example)


def whole(description: str = "", *, example: int | None = None, **more: Any) -> Schema:
    return _described({"type": "integer", **more}, description, example)


def flag(description: str = "", *, example: bool = False) -> Schema:
    return _described({"type": "boolean"}, description, example)


def moment(description: str = "") -> Schema:
    """RFC 3339, in UTC."""
    return text(description, format="date-time", example="2026-12-01T09:30:15.120Z")


def url(description: str = "", *, example: str) -> Schema:
    return text(description, format="uri", example=example)


def identifier(prefix: str, description: str = "") -> Schema:
    """One of our public ids: a prefix that says of what, and letters and digits without a meaning."""
    return text(description, pattern=f"^{prefix}_[0-9a-v]+$", example=f"{prefix}_{_ID}")


def choice(values: Iterable[str], description: str = "", *, example: str | None = None) -> Schema:
    return text(description, enum=list(values), example=example)


def anything(description: str, *, example: Any) -> Schema:
    return _described({}, description, example)


def free(description: str, *, example: Mapping[str, Any]) -> Schema:
    """An object whose members somebody else decides."""
    return _described({"type": "object", "additionalProperties": True}, description, example)


def listed(schema: Schema, description: str = "", *, example: list[Any] | None = None) -> Schema:
    return _described({"type": "array", "items": schema}, description, example)


def ref(name: str) -> Schema:
    """The component of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema, *, example: Any = None) -> Schema:
    """The schema, or null; what it describes stays said outside. ``example``: instead of that of the schema."""
    if isinstance(schema.get("type"), str) and "enum" not in schema and "const" not in schema:
        return _described({**schema, "type": [schema["type"], "null"]}, "", example)
    bare = {name: value for name, value in schema.items() if name not in {"description", "examples"}}
    shown = example if example is not None else next(iter(schema.get("examples", [])), None)
    return _described({"oneOf": [bare, {"type": "null"}]}, schema.get("description", ""), shown)


def null_here(schema: Schema) -> Schema:
    """The schema, or null, which is what it usually is."""
    return {**or_null(schema), "examples": [None]}


def members(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, *, description: str = ""
) -> Schema:
    """An object. More members may come with time: a reader passes over what it does not know."""
    schema = {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}
    return _described(schema, description)


def extended(schema: Schema, more: Mapping[str, Schema], *, description: str = "") -> Schema:
    """An object's schema with more members, all of them always there."""
    properties = {**schema["properties"], **more}
    required = [*schema["required"], *(name for name in more if name not in schema["required"])]
    whole_schema = {**schema, "properties": properties, "required": required}
    return {**whole_schema, **({"description": description} if description else {})}


def page_of(name: str) -> Schema:
    """What a list answers: one page, and where the next one begins."""
    cursor = null_here(text("The `cursor` of the next page; null at the end."))
    return members({"data": listed(ref(name)), "next_cursor": cursor})


def feed_of(name: str) -> Schema:
    """What a feed answers: a page, and the place from which to ask next time."""
    place = text("The `since` of the next question, however late it comes.", example="gAAAAABpLXv3")
    return extended(page_of(name), {"next_since": place})


def _described(schema: Schema, description: str, example: Any = None) -> Schema:
    said = {"description": description} if description else {}
    return {**schema, **said, **({} if example is None else {"examples": [example]})}
