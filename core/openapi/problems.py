"""The problems of the API in OpenAPI: their one shape, an example of each code, and which codes a call can meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import groupby
from typing import Any

from core import errors
from core.api.problems import CONTENT_TYPE, problem_json, status_of
from core.errors import DomainError
from core.openapi.operations import CURSOR, JSON, Errors, Operation
from core.openapi.schemas import Schema, identifier, listed, members, moment, ref, text, whole

Object = dict[str, Any]

PROBLEM_COMPONENTS: dict[str, Schema] = {
    "ProblemPlace": members(
        {
            "pointer": text(
                "Where it is: a JSON pointer; empty for the whole, and for a query parameter.", example="/wpm"
            ),
            "code": text("What is wrong there, stable: `/docs/errors` lists every one.", example="wrong_type"),
            "message": text("What was expected, for a person.", example="A whole number is expected."),
        },
        {
            "schema_pointer": text(
                "Where the rule stands in the schema; empty where there is none.", example="/properties/wpm/type"
            ),
            "parameter": text("The query parameter that is meant.", example="limit"),
        },
        description="One guilty place.",
    ),
    "Problem": members(
        {
            "type": text("The page that explains the code.", format="uri", example="https://…/docs/errors#not_found"),
            "title": text("What happened, the same for every problem of this code.", example="There is nothing here"),
            "status": whole("The HTTP status.", example=404),
            "detail": text("What happened this time, for a person.", example="There is nothing here."),
            "code": text("Stable: branch on it.", example="not_found"),
            "problems": listed(ref("ProblemPlace"), "Every guilty place, where places can be named."),
            "request_id": text("Quote it when you write to support.", example="req_06h0knponcaf54p80p72kddup0"),
        },
        {
            "required": text("The scopes that are needed (`insufficient_scope`).", example="orders:read"),
            "retry_after": whole("How many seconds to wait.", minimum=1),
            "limit": whole("How many bytes are taken here (`payload_too_large`).", example=1048576),
            "until": moment("Until when it is refused (`too_many_rotations`)."),
            "update": identifier("upd", "Under which id it was kept all the same."),
            "order": identifier("ord", "Of which order."),
            "order_status": text("Where the order stands (`illegal_transition`).", example="completed"),
            "versions": listed(text(), "The versions that there are (`unknown_api_version`).", example=["2026-12-01"]),
            "error": text("OAuth’s own name of the code, from OAuth’s endpoints.", example="invalid_client"),
            "error_description": text("The detail once more, from OAuth’s endpoints.", example="Unknown client."),
        },
        description="RFC 9457. `/docs/errors` lists every code with its cause and cure.",
    ),
}

_HEADERS: dict[int, list[str]] = {401: ["WWW-Authenticate"], 429: ["Retry-After"]}


def errors_of(operation: Operation, *, method: str, path: str, guards: Errors) -> list[type[DomainError]]:
    """What a call of this kind can meet, below 500; ``guards``: of those who decide who may call."""
    found = {*guards, *operation.errors, *_of_every(operation)}
    if "{" in path:
        found.add(errors.NotFound)
    if guards:
        found.add(errors.UnknownApiVersion)
    if method == "get":
        found.add(errors.ValidationFailed)
    if CURSOR in operation.query:
        found.add(errors.InvalidCursor)
    if method in {"post", "put", "patch"}:
        found |= _of_writes(operation, guards)
    if method == "post" and guards:
        found |= {errors.IdempotencyKeyReused, errors.IdempotencyInFlight}
    return ordered(found)


def ordered(found: Iterable[type[DomainError]]) -> list[type[DomainError]]:
    return sorted(found, key=lambda error: (status_of(error), error.code))


def _of_every(operation: Operation) -> Iterator[type[DomainError]]:
    yield from (errors.BadRequest, errors.LengthRequired, errors.PayloadTooLarge, errors.RateLimited)
    if any(answer.media == JSON for answer in operation.answers.values()):
        yield errors.NotAcceptable


def _of_writes(operation: Operation, guards: Errors) -> set[type[DomainError]]:
    """Registration, which has no guards, says in OAuth's words what is wrong with a value."""
    found: set[type[DomainError]] = {errors.UnsupportedMediaType}
    if operation.body is None or operation.body.media == JSON:
        found.add(errors.MalformedJson)
    if operation.body and guards:
        found.add(errors.ValidationFailed)
    return found


def problem_responses(found: Errors, headers: list[str]) -> Object:
    """By status, each with its codes; ``found`` in the order of their statuses."""
    return {
        str(status): _response(status, [error.code for error in same], headers)
        for status, same in groupby(found, key=status_of)
    }


def _response(status: int, codes: list[str], headers: list[str]) -> Object:
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}.",
        "headers": header_refs([*headers, *_HEADERS.get(status, [])]),
        "content": {CONTENT_TYPE: {"schema": ref("Problem"), "examples": examples}},
    }


def problem_examples(found: Iterable[type[DomainError]]) -> Object:
    """`components.examples`: the problem of each code, as it is when nothing more is to be said."""
    written = ((error.code, problem_json(error())) for error in found)
    return {
        code: {"summary": problem["title"], "value": {**problem, "request_id": "req_06h0knponcaf54p80p72kddup0"}}
        for code, problem in written
    }


def header_refs(names: list[str]) -> Object:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
