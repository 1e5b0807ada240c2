"""The API's description as chapters that people read: one for each tag, out of the OpenAPI document. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.openapi.operations import ORGANIZATION, PARTNER

Object = dict[str, Any]
JSON = "application/json"
WEBHOOKS = "Webhooks"
_KINDS = {"partner": PARTNER, "organization": ORGANIZATION}
# So deep a table is still read.
DEEPEST = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A parameter, or a member of a body: ``data[].id`` is one of the entries of a list."""

    name: str
    type: str
    description: str
    required: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer that is no problem; ``example`` is JSON text, empty where none is in it."""

    status: str
    sentence: str
    rows: tuple[Row, ...]
    example: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """The codes that come with one status."""

    status: str
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One operation. ``method`` in capitals; ``body`` is the JSON text of its example, if it takes JSON."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    organization_scopes: tuple[str, ...]
    # Whose token it takes: partner, organization; neither where it takes none.
    callers: tuple[str, ...]
    parameters: tuple[Row, ...]
    members: tuple[Row, ...]
    body: str
    answers: tuple[Answer, ...]
    refusals: tuple[Refusal, ...]
    # Language → source.
    samples: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    slug: str
    title: str
    sentence: str
    calls: tuple[Call, ...]


def chapters(document: Object) -> tuple[Chapter, ...]:
    """In the order of the document's tags."""
    calls: dict[str, list[Call]] = {tag["name"]: [] for tag in document["tags"]}
    for paths in (document["paths"], document["webhooks"]):
        for path, methods in paths.items():
            for method, operation in methods.items():
                calls[operation["tags"][0]].append(_call(path, method, operation, document["components"]))
    return tuple(
        Chapter(
            slug=tag["name"].lower().replace(" ", "-"),
            title=tag["name"],
            sentence=tag["description"],
            calls=tuple(calls[tag["name"]]),
        )
        for tag in document["tags"]
    )


def _call(path: str, method: str, operation: Object, components: Object) -> Call:
    schemas = components["schemas"]
    content: Object = operation.get("requestBody", {}).get("content", {})
    media = next(iter(content), "")
    kind: Object = content.get(media, {})
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        scopes=_scopes(operation, PARTNER),
        organization_scopes=_scopes(operation, ORGANIZATION),
        callers=tuple(kind for kind, scheme in _KINDS.items() if any(scheme in each for each in operation["security"])),
        parameters=tuple(_parameter(each, components) for each in operation["parameters"]),
        members=tuple(rows_of(kind["schema"], schemas)) if kind else (),
        body=_text(kind["example"]) if media == JSON else "",
        answers=tuple(_answers(operation["responses"], schemas)),
        refusals=tuple(_refusals(operation["responses"])),
        samples={each["label"]: each["source"] for each in operation.get("x-codeSamples", ())},
    )


def _scopes(operation: Object, scheme: str) -> tuple[str, ...]:
    return tuple(scope for needed in operation["security"] for scope in needed.get(scheme, ()))


def _answers(responses: Object, schemas: Object) -> Iterator[Answer]:
    for status, response in responses.items():
        if status < "4" or "content" not in response:
            kind = response.get("content", {}).get(JSON, {})
            yield Answer(
                status=status,
                sentence=response["description"],
                rows=tuple(rows_of(kind["schema"], schemas)) if kind else (),
                example=_text(kind["example"]) if kind else "",
            )


def _refusals(responses: Object) -> Iterator[Refusal]:
    for status, response in responses.items():
        for kind in response.get("content", {}).values():
            if "examples" in kind:
                yield Refusal(status=status, codes=tuple(kind["examples"]))


# --- Tables -----------------------------------------------------------------------------------------------------


def rows_of(schema: Object, schemas: Object, within: str = "") -> Iterator[Row]:
    """The members of an object, each followed by its own, down to DEEPEST levels."""
    whole = _resolved(schema, schemas)
    for name, member in whole.get("properties", {}).items():
        part = _resolved(member, schemas)
        yield Row(
            name=within + name,
            type=type_of(part),
            description=member.get("description") or part.get("description", ""),
            required=name in whole.get("required", ()),
        )
        is_list = "items" in part
        inner, below = (part["items"], "[]") if is_list else (part, "")
        if within.count(".") < DEEPEST - 1:
            yield from rows_of(inner, schemas, f"{within}{name}{below}.")


def type_of(schema: Object) -> str:
    """In a few words: ``string or null``, ``integer, 1 to 100``, ``one of a, b``."""
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"] if value is not None)
    if "const" in schema:
        return json.dumps(schema["const"])
    types = schema.get("type", "anything")
    words = types if isinstance(types, str) else " or ".join(types)
    limits = _limits(schema)
    return f"{words}, {limits}" if limits else words


def _limits(schema: Object) -> str:
    if "format" in schema:
        return str(schema["format"])
    for least, most, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " entries"),
    ):
        if most in schema:
            return f"{schema[least]} to {schema[most]}{unit}" if least in schema else f"at most {schema[most]}{unit}"
    return ""


def _parameter(parameter: Object, components: Object) -> Row:
    if "$ref" in parameter:
        parameter = components["parameters"][parameter["$ref"].rpartition("/")[2]]
    where = {"path": "", "query": "?", "header": ""}[parameter["in"]]
    return Row(
        name=where + parameter["name"],
        type=type_of(_resolved(parameter["schema"], components["schemas"])),
        description=parameter["description"],
        required=parameter["required"],
    )


def _resolved(schema: Object, schemas: Object) -> Object:
    """Behind its references, and behind *or null*."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "oneOf" in schema or "allOf" in schema:
        first, *others = schema.get("oneOf") or schema["allOf"]
        is_open = {"type": "null"} in others
        found = _resolved(first, schemas)
        types = found.get("type")
        return {**found, "type": [types, "null"]} if is_open and isinstance(types, str) else found
    return schema


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
