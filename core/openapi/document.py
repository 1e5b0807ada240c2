"""From what is said of a call to how OpenAPI 3.1 writes it: operations, parameters, bodies, answers, headers. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rest_framework import serializers

from core.api.versions import VERSIONS
from core.errors import IdempotencyKeyReused, PreconditionFailed, RateLimited
from core.openapi.examples import example_of
from core.openapi.operations import JSON, ORGANIZATION, PARTNER, Answer, Body, Errors, Operation, Parameter
from core.openapi.problems import PROBLEM_COMPONENTS, header_refs, problem_responses
from core.openapi.schemas import Schema, text, whole

Object = dict[str, Any]
# A serializer's class → a reference to its component, which is made on the way.
Resolve = Callable[[type[serializers.Serializer[Any]]], Schema]

IDEMPOTENCY, VERSION, IF_MATCH, IF_NONE_MATCH = "IdempotencyKey", "ApiVersion", "IfMatch", "IfNoneMatch"
# On every answer, whatever its status; of those that are limited also what tells how, and under a token the version.
ALWAYS = ["Request-Id"]
LIMITED = [*ALWAYS, "RateLimit", "RateLimit-Policy"]
VERSIONED = [*LIMITED, "Api-Version", "Deprecation", "Sunset", "Link"]
# Not OpenAPI's own: the operations whose examples are sent before, what theirs give to this one's, and whose gift it
# uses up.
AFTER, GIVES, ENDS = "x-after", "x-gives", "x-ends"

PARAMETERS: Object = {
    IDEMPOTENCY: {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same request with the same key is done once, and answered from memory for 24 hours.",
        "schema": text(pattern=r"^[\x21-\x7e]{1,255}$"),
    },
    VERSION: {
        "name": "Api-Version",
        "in": "header",
        "required": False,
        "description": "The dated version that this call speaks; without it the one its application is pinned to.",
        "schema": text(enum=[version.name for version in VERSIONS]),
    },
    IF_MATCH: {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of what you read: the change is made to that, or to nothing.",
        "schema": text(),
    },
    IF_NONE_MATCH: {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of what you have: 304 while it holds. For a change `*`: to create only.",
        "schema": text(),
    },
}
HEADERS: Object = {
    "Request-Id": {"description": "The id of this call; quote it when you write to support.", "schema": text()},
    "Api-Version": {"description": "The dated version of this answer.", "schema": text()},
    "Deprecation": {"description": "RFC 9745: since when this version is deprecated.", "schema": text()},
    "Sunset": {"description": "RFC 8594: until when this version is answered.", "schema": text()},
    "Link": {"description": 'With `rel="deprecation"`, the page about versions.', "schema": text()},
    "RateLimit": {"description": "How many calls are left (`r`), and for how many seconds (`t`).", "schema": text()},
    "RateLimit-Policy": {"description": "How many calls (`q`) in how many seconds (`w`).", "schema": text()},
    "ETag": {"description": "Changes with what is answered.", "schema": text()},
    "Retry-After": {"description": "How many seconds to wait.", "schema": whole(minimum=1)},
    "WWW-Authenticate": {"description": "As RFC 6750 writes it: what the token lacks.", "schema": text()},
    "Idempotent-Replayed": {
        "description": "`true` where the answer comes from memory, for a key that was used before.",
        "schema": text(enum=["true"]),
    },
}


def written(
    operation: Operation,
    *,
    path: str,
    method: str,
    parameters: Mapping[str, Parameter],
    security: Sequence[Mapping[str, Sequence[str]]],
    errors: Errors,
    resolve: Resolve,
) -> Object:
    """One operation object. ``parameters`` are the known parameters of paths; no security means: open to anybody."""
    versioned = any(not {PARTNER, ORGANIZATION}.isdisjoint(needed) for needed in security)
    keyed = IdempotencyKeyReused in errors
    headers = VERSIONED if versioned else LIMITED if RateLimited in errors else ALWAYS
    reads, changes = 304 in operation.answers, PreconditionFailed in errors
    conditions = [*([IF_MATCH] if changes else []), *([IF_NONE_MATCH] if reads or changes else [])]
    is_tagged = bool(conditions) and operation.tagged
    return {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        **({"description": operation.description} if operation.description else {}),
        "parameters": [
            *(_in_path(name, parameters) for name in re.findall(r"\{(\w+)\}", path)),
            *(_in_query(parameter) for parameter in operation.query),
            *([{"$ref": f"#/components/parameters/{IDEMPOTENCY}"}] if keyed else []),
            *([{"$ref": f"#/components/parameters/{VERSION}"}] if versioned else []),
            *({"$ref": f"#/components/parameters/{name}"} for name in conditions),
        ],
        **({"requestBody": _body(operation.body, resolve)} if operation.body else {}),
        "security": [dict(needed) for needed in security],
        "responses": {
            **{
                str(status): _answer(answer, [*headers, *(["ETag"] if is_tagged and status != 204 else [])], keyed)
                for status, answer in operation.answers.items()
            },
            **problem_responses(errors, headers),
        },
        **({AFTER: list(operation.after)} if operation.after else {}),
        **({GIVES: dict(operation.gives)} if operation.gives else {}),
        **({ENDS: list(operation.ends)} if operation.ends else {}),
    }


def components(described: Mapping[str, Schema], examples: Object, security_schemes: Object) -> Object:
    """What operations refer to."""
    return {
        "schemas": {**PROBLEM_COMPONENTS, **described},
        "examples": examples,
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "securitySchemes": security_schemes,
    }


def with_examples(operation: Object, schemas: Mapping[str, Schema]) -> Object:
    """The operation with an example in each of its 2xx answers that has JSON in it."""
    responses = {
        status: _exemplified(response, schemas) if status.startswith("2") else response
        for status, response in operation["responses"].items()
    }
    return {**operation, "responses": responses}


def _exemplified(response: Object, schemas: Mapping[str, Schema]) -> Object:
    kind = response.get("content", {}).get(JSON)
    if kind is None:
        return response
    return {**response, "content": {JSON: {**kind, "example": example_of(kind["schema"], schemas)}}}


def _in_path(name: str, known: Mapping[str, Parameter]) -> Object:
    return {**_parameter(known[name]), "in": "path", "required": True}


def _in_query(parameter: Parameter) -> Object:
    return {**_parameter(parameter), "in": "query", "required": False}


def _parameter(parameter: Parameter) -> Object:
    written = {"name": parameter.name, "description": parameter.description, "schema": parameter.schema}
    return {**written, **({} if parameter.example is None else {"example": parameter.example})}


def _body(body: Body, resolve: Resolve) -> Object:
    schema = body.shape if isinstance(body.shape, dict) else resolve(body.shape)
    return {"required": body.required, "content": {body.media: {"schema": schema, "example": body.example}}}


def _answer(answer: Answer, headers: list[str], keyed: bool) -> Object:
    content = {} if answer.schema is None else {"content": {answer.media: {"schema": answer.schema}}}
    headers = [*headers, *(["Idempotent-Replayed"] if keyed else [])]
    return {"description": answer.sentence, "headers": header_refs(headers), **content}
