"""The API's description: it is whole, its examples fit its schemas, and it is nobody's work by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.api.versions import CURRENT
from core.docs.reference import rows_of
from core.errors import all_codes
from core.openapi.examples import NoExample, example_of
from core.openapi.operations import FORM, JSON, MULTIPART
from core.openapi.views import document
from partners.delivery import readers
from tests.described import routes, validator

Operation = dict[str, Any]

DOCUMENT = document()
OPERATIONS: dict[str, Operation] = {
    operation["operationId"]: operation for methods in DOCUMENT["paths"].values() for operation in methods.values()
}
METHODS = ("get", "post", "put", "patch", "delete")
each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def methods_of(callback: Any) -> set[str]:
    view = getattr(callback, "view_class", None)
    return (
        {"get"} if view is None else {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
    )


def test_every_route_of_the_api_is_described_with_every_method_and_nothing_else_is() -> None:
    pages = {"/oauth/authorize"}
    ours = {
        path: methods_of(pattern.callback)
        for path, pattern in routes()
        if path.startswith(("/api/", "/oauth/", "/.well-known/oauth")) and path not in {*pages, "/api/v1/{rest}"}
    }
    assert {path: set(methods) for path, methods in DOCUMENT["paths"].items()} == ours


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.1"
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_the_document_is_of_the_current_version_and_for_both_sides() -> None:
    info = DOCUMENT["info"]
    assert info["version"] == CURRENT.replace("-", ".")
    assert ("For partners" in info["description"], "For organizations" in info["description"]) == (True, True)


@each_operation
def test_each_operation_says_what_it_does_with_an_example_of_each_body(operation: Operation) -> None:
    assert operation["summary"].endswith(".")
    assert (operation.get("tags") or [""])[0] in {tag["name"] for tag in DOCUMENT["tags"]}
    for media, kind in operation.get("requestBody", {}).get("content", {}).items():
        assert media in {JSON, FORM, MULTIPART}
        rows = rows_of(kind["schema"], DOCUMENT["components"]["schemas"])
        assert [row.name for row in rows if not row.description] == [], "these have no help_text"
        if media != MULTIPART:
            assert errors_in(kind) == []
    good = {status: answer for status, answer in operation["responses"].items() if status < "300"}
    assert good
    for answer in good.values():
        if kind := answer.get("content", {}).get(JSON):
            assert errors_in(kind) == []


@each_operation
def test_each_operation_names_its_error_codes_by_status(operation: Operation) -> None:
    named = dict(codes(operation))
    problems = {code: DOCUMENT["components"]["examples"][code]["value"] for code in named}
    assert {code: str(problem["status"]) for code, problem in problems.items()} == named
    if operation["security"] and "oauth2" in operation["security"][0]:
        assert set(named) >= {"bad_request", "not_authenticated", "invalid_token", "partner_suspended", "rate_limited"}


@each_operation
def test_each_example_finds_what_it_needs_in_those_before_it(operation: Operation) -> None:
    before = list(run_before(operation))
    given = {name for each in before for name in each.get("x-gives", {})}
    placeholders = {"token", "client_id", "client_secret", *given}
    path = next(path for path, methods in DOCUMENT["paths"].items() if operation in methods.values())
    known = {each["name"] for each in operation["parameters"] if "example" in each}
    asked = {part.strip("{}") for part in path.split("/") if part.startswith("{")} - known
    assert asked <= placeholders
    for each in before:
        content = next(answer for status, answer in each["responses"].items() if status < "300").get("content", {})
        for pointer in each.get("x-gives", {}).values():
            assert pointer.split("/")[1] in content[JSON]["example"]


def test_every_code_is_an_example_and_every_topic_a_webhook() -> None:
    assert set(DOCUMENT["components"]["examples"]) == {error.code for error in all_codes()}
    assert set(DOCUMENT["webhooks"]) == set(readers.announced())
    for topic, webhook in DOCUMENT["webhooks"].items():
        content = webhook["post"]["requestBody"]["content"][JSON]
        assert content["example"]["type"] == topic
        assert errors_in(content) == []


def test_an_example_is_made_of_every_schema_or_refused_with_its_place() -> None:
    schemas = {"Row": {"type": "object", "properties": {"name": {"type": "string"}}}}
    with pytest.raises(NoExample, match="Row/name"):
        example_of({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, schemas)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["openapi", "postman"])
def test_both_files_are_open_to_anybody_and_say_when_they_are_unchanged(name: str) -> None:
    answer = Client().get(f"/api/v1/{name}.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    again = Client().get(f"/api/v1/{name}.json", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    if name == "openapi":
        assert json.loads(answer.content) == json.loads(json.dumps(DOCUMENT))


def errors_in(kind: dict[str, Any]) -> list[str]:
    found: Iterator[jsonschema_rs.ValidationError] = validator(json.dumps(kind["schema"])).iter_errors(kind["example"])
    return [f"{error.instance_path}: {error.message}" for error in found]


def codes(operation: Operation) -> Iterator[tuple[str, str]]:
    for status, answer in operation["responses"].items():
        if status >= "400":
            yield from ((code, status) for code in answer["content"]["application/problem+json"]["examples"])


def run_before(operation: Operation) -> Iterator[Operation]:
    for name in operation.get("x-after", []):
        yield from run_before(OPERATIONS[name])
        yield OPERATIONS[name]
