"""The catalogue and the schemas by API, as a vendor's program meets them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Http

from assessments.models import AssessmentType, ResultSchema
from assessments.schemas.display import meta_schema
from tests.assessments.scene import ORDER_SCHEMA, RESULT_SCHEMA, Shop

pytestmark = pytest.mark.django_db

SCHEMAS = "assessment-types/coding/result-schemas"


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]]


def test_a_type_is_put_read_listed_and_retired(shop: Shop) -> None:
    api = shop.api()
    body = {"name": "English", "description": "Spoken.", "kind": "language", "order_schema": ORDER_SCHEMA}
    created = api.put("assessment-types/english.b2", body)
    assert created.status_code == 201
    row = AssessmentType.objects.get(key="english.b2")
    shown = created.json()
    assert shown == {
        "id": row.public_id,
        "key": "english.b2",
        **body,
        "deadline_days": None,
        "retake": {"cool_down_days": 0, "counts": "latest"},
        "valid_months": None,
        "retention": None,
        "remind_after_days": 3,
        "retired": False,
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
    }
    assert api.put("assessment-types/english.b2", {"name": "English 2"}).status_code == 200
    assert api.get("assessment-types/english.b2").json()["name"] == "English 2"
    assert [row["key"] for row in api.get("assessment-types").json()["data"]] == ["coding", "english.b2"]
    assert api.delete("assessment-types/english.b2").status_code == 204
    assert api.get("assessment-types/english.b2").json()["retired"] is True
    assert api.delete("assessment-types/english.b2").status_code == 204


def test_an_order_schema_is_kept_as_it_was_written(shop: Shop) -> None:
    raw = b'{"name": "X", "order_schema": {"type":   "object",\n "properties": {"z": {"type": "string"}}}}'
    assert shop.api().send("PUT", "assessment-types/x", raw).status_code == 201
    text = AssessmentType.objects.get(key="x").order_schema
    assert text == '{"type":   "object",\n "properties": {"z": {"type": "string"}}}'


def test_what_was_listed_can_be_put_back(shop: Shop) -> None:
    api = shop.api()
    listed = api.get("assessment-types").json()
    answer = api.put("assessment-types", {"data": listed["data"]})
    assert answer.status_code == 200
    before, after = (
        [{**row, "updated_at": None} for row in listing] for listing in (listed["data"], answer.json()["data"])
    )
    assert before == after


def test_a_whole_catalogue_is_refused_for_one_entry_by_pointer(shop: Shop) -> None:
    body = {"data": [{"key": "a", "name": "A"}, {"key": "a b", "name": 7}, {"key": "a", "name": "A"}, 5]}
    answer = shop.api().put("assessment-types", body)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert {pointer for pointer, _code in problems(answer)} == {"/data/1/key", "/data/1/name", "/data/3"}
    body["data"] = [{"key": "a", "name": "A"}, {"key": "a", "name": "A"}]
    answer = shop.api().put("assessment-types", body)
    assert problems(answer) == [("/data/1/key", "duplicate_key")]
    assert AssessmentType.objects.filter(partner=shop.partner, retired_at=None).get().key == "coding"


WRONG_SHAPES: tuple[tuple[Any, str], ...] = (
    ({}, "/name"),
    ({"name": ""}, "/name"),
    ({"name": None}, "/name"),
    ({"name": 5}, "/name"),
    ({"name": "x" * 121}, "/name"),
    ({"name": "X", "kind": "magic"}, "/kind"),
    ({"name": "X", "order_schema": []}, "/order_schema"),
    ({"name": "X", "order_schema": {"type": "array"}}, "/order_schema/type"),
    ({"name": "X", "key": "y"}, "/key"),
    ([], ""),
    ("X", ""),
    (None, ""),
)


def test_a_type_of_the_wrong_shape_is_refused_by_pointer(shop: Shop, subtests: pytest.Subtests) -> None:
    api = shop.api()
    for body, pointer in WRONG_SHAPES:
        with subtests.test(repr(body)):
            answer = api.put("assessment-types/x", body)
            assert pointer in {found for found, _code in problems(answer)}
    assert not AssessmentType.objects.filter(key="x").exists()


@pytest.mark.parametrize("key", ["-x", "a%20b", "x" * 81, "%3Cscript%3E"])
def test_a_key_is_plain(shop: Shop, key: str) -> None:
    answer = shop.api().put(f"assessment-types/{key}", {"name": "X"})
    assert (answer.status_code, answer.json()["problems"][0]["pointer"]) == (422, "/key")


def test_a_schema_is_drafted_published_and_fetched(shop: Shop) -> None:
    api = shop.api()
    schema = {"type": "object", "properties": {"wpm": {"type": "integer"}}}
    drafted = api.post(SCHEMAS, {"schema": schema})
    assert drafted.status_code == 201
    assert {name: drafted.json()[name] for name in ("version", "state", "schema", "published_at")} == {
        "version": 2,
        "state": "draft",
        "schema": schema,
        "published_at": None,
    }
    assert api.post(SCHEMAS, {"schema": schema}).json() == drafted.json()
    published = api.post(f"{SCHEMAS}/2/publish")
    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert api.post(f"{SCHEMAS}/2/publish").json() == published.json()
    assert api.get(f"{SCHEMAS}/2").json() == published.json()
    assert [(row["version"], row["state"]) for row in api.get(SCHEMAS).json()["data"]] == [
        (2, "published"),
        (1, "retired"),
    ]
    superseded = api.post(f"{SCHEMAS}/1/publish")
    assert (superseded.status_code, superseded.json()["code"]) == (409, "schema_retired")


def test_a_schema_is_kept_as_it_was_written(shop: Shop) -> None:
    raw = b'{ "schema" : {"type": "object",\r\n  "maxProperties": 1e1, "title": "\\u00dc"} }'
    assert shop.api().send("POST", SCHEMAS, raw).status_code == 201
    text = ResultSchema.objects.get(assessment_type=shop.assessment_type, version=2).text
    assert text == '{"type": "object",\r\n  "maxProperties": 1e1, "title": "\\u00dc"}'


REFUSED_SCHEMAS: tuple[tuple[Any, str], ...] = (
    (None, ""),
    (True, ""),
    ([], ""),
    ("{}", ""),
    ({"type": "string"}, "/type"),
    ({"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
    ({"type": "object", "properties": {"a": {"$ref": "https://x.example/s"}}}, "/properties/a/$ref"),
    (
        {"type": "object", "$defs": {"a": {"$ref": "#/$defs/a"}}, "properties": {"a": {"$ref": "#/$defs/a"}}},
        "/$defs/a/$ref",
    ),
    ({"type": "object", "properties": {"a": {"pattern": "(a)\\1"}}}, "/properties/a/pattern"),
    ({"type": "object", "properties": {"a": {"x-display": {"widget": "hologram"}}}}, "/properties/a/x-display/widget"),
)


def test_a_schema_that_policy_refuses_is_refused_by_pointer(shop: Shop, subtests: pytest.Subtests) -> None:
    api = shop.api()
    for schema, pointer in REFUSED_SCHEMAS:
        with subtests.test(repr(schema)):
            answer = api.post(SCHEMAS, {"schema": schema})
            assert answer.json()["code"] == "validation_failed"
            assert pointer in {found for found, _code in problems(answer)}
    assert shop.assessment_type.result_schemas.count() == 1


def test_a_schema_over_its_size_is_refused(shop: Shop) -> None:
    schema = {"type": "object", "properties": {f"p{n}": {"description": "x" * 400} for n in range(800)}}
    answer = shop.api().post(SCHEMAS, {"schema": schema})
    assert problems(answer) == [("", "too_many_bytes")]


def test_a_body_without_a_schema_is_refused(shop: Shop) -> None:
    answer = shop.api().post(SCHEMAS, {"Schema": RESULT_SCHEMA})
    assert problems(answer) == [("/schema", "required")]


def test_a_dry_run_says_what_is_wrong_and_stores_nothing(shop: Shop) -> None:
    api = shop.api()
    assert api.post(f"{SCHEMAS}/1/validate", {"document": {"score": 1}}).json() == {"valid": True, "problems": []}
    answer = api.post(f"{SCHEMAS}/1/validate", {"document": {"score": "1", "verdict": "x"}})
    assert answer.status_code == 200
    assert answer.json()["valid"] is False
    first = answer.json()["problems"][0]
    assert (first["pointer"], first["schema_pointer"]) == ("/score", "/properties/score/type")
    assert len(answer.json()["problems"]) == 2


def test_another_partners_catalogue_answers_like_one_that_does_not_exist(shop: Shop, sneak: Shop) -> None:
    shop.api().put("assessment-types/only-here", {"name": "X"})
    api = sneak.api()
    for path in ("assessment-types/{}", "assessment-types/{}/result-schemas", "assessment-types/{}/result-schemas/1"):
        theirs, nobodys = api.get(path.format("only-here")), api.get(path.format("nowhere"))
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}
    assert api.delete("assessment-types/only-here").status_code == 404
    for verb in ("publish", "validate"):
        answer = api.post(f"assessment-types/only-here/result-schemas/1/{verb}", {"document": {}})
        assert answer.status_code == 404


def test_a_version_beyond_every_integer_is_not_found(shop: Shop) -> None:
    assert shop.api().get(f"{SCHEMAS}/{10**30}").status_code == 404


def test_the_catalogue_is_written_with_its_scope_only(shop: Shop) -> None:
    api = shop.api("orders:read")
    assert api.get("assessment-types").status_code == 200
    for answer in (
        api.put("assessment-types/x", {"name": "X"}),
        api.put("assessment-types", {"data": []}),
        api.delete("assessment-types/coding"),
        api.post(SCHEMAS, {"schema": RESULT_SCHEMA}),
        api.post(f"{SCHEMAS}/1/publish"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert answer.json()["required"] == "catalogue:write"


def test_the_vocabulary_is_public_under_its_own_address(client: Http, settings: Any) -> None:
    answer = client.get("/schemas/display/v1")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/schema+json")
    address = f"{settings.PUBLIC_URL}/schemas/display/v1"
    assert json.loads(answer.content) == meta_schema(address)
    assert json.loads(answer.content)["$id"] == address


def test_a_type_is_changed_only_if_it_is_as_its_reader_knows_it(shop: Shop) -> None:
    api, path = shop.api(), "assessment-types/coding"
    body = {"name": "Renamed", "kind": "coding"}
    known = api.get(path)["ETag"]

    def put(name: str, value: str, at: str = path) -> tuple[int, str | None]:
        answer = api.saying({name: value}).put(at, body)
        return answer.status_code, answer.json().get("code")

    assert put("If-Match", '"another"') == (412, "precondition_failed")
    assert put("If-Match", f"W/{known}") == (412, "precondition_failed")
    assert put("If-None-Match", "*") == (412, "precondition_failed")
    assert put("If-Match", f'"another", {known}') == (200, None)
    assert put("If-Match", known) == (412, "precondition_failed")
    assert put("If-Match", "*") == (200, None)
    assert put("If-Match", "*", "assessment-types/new") == (412, "precondition_failed")
    assert put("If-None-Match", "*", "assessment-types/new") == (201, None)
    assert put("If-None-Match", "*", "assessment-types/new") == (412, "precondition_failed")
    assert api.put(path, body).status_code == 200
