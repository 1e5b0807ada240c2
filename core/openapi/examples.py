"""An example of what a schema describes, put together from the examples of its parts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.openapi.schemas import Schema


class NoExample(Exception):
    """The schema says nothing from which an example could be made; the message is where."""


def example_of(schema: Schema, components: Mapping[str, Schema], *, place: str = "") -> Any:
    """Every member is there, those that may be absent too. Raises NoExample."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example_of(components[name], components, place=name)
    for word in ("examples", "enum"):
        if word in schema:
            return schema[word][0]
    if "const" in schema:
        return schema["const"]
    if "oneOf" in schema:
        return example_of(schema["oneOf"][0], components, place=place)
    return _of_type(schema, components, place)


def _of_type(schema: Schema, components: Mapping[str, Schema], place: str) -> Any:
    types = schema.get("type", [])
    kind = types if isinstance(types, str) else next(iter(types), "")
    if kind == "object" and "properties" in schema:
        return {
            name: example_of(part, components, place=f"{place}/{name}") for name, part in schema["properties"].items()
        }
    if kind == "array":
        return [example_of(schema["items"], components, place=f"{place}/0")]
    if kind == "integer":
        return schema.get("minimum", 0)
    raise NoExample(place)
