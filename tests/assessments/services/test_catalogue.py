"""The catalogue and its schemas: put, replaced all or nothing, retired; drafted, published, superseded."""

from __future__ import annotations

import json

import pytest

from assessments.errors import SchemaRetired
from assessments.models import AssessmentType
from assessments.schemas.canonical import digest
from assessments.services import catalogue
from assessments.services.catalogue import Entry
from core.errors import ValidationFailed
from core.models import AuditRecord
from tests.assessments import scene
from tests.assessments.scene import ORDER_SCHEMA, Shop

pytestmark = pytest.mark.django_db


def entry(key: str, order_schema_text: str = "") -> Entry:
    return Entry(key=key, name=key.title(), order_schema_text=order_schema_text)


def on_offer(shop: Shop) -> list[str]:
    return sorted(shop.partner.assessment_types.filter(retired_at=None).values_list("key", flat=True))


def test_a_type_is_created_then_replaced(shop: Shop) -> None:
    text = '{ "type": "object",  "properties": {} }'
    row, created = catalogue.put_type(
        shop.partner, "english", name="English", description="Spoken.", kind="language", order_schema_text=text
    )
    assert (created, row.order_schema, row.public_id[:3]) == (True, text, "at_")
    same, created = catalogue.put_type(
        shop.partner, "english", name="English 2", description="", kind="language", order_schema_text=""
    )
    assert (created, same.pk, same.name, same.order_schema) == (False, row.pk, "English 2", "")


def test_a_retired_type_that_is_put_again_is_on_offer_again(shop: Shop) -> None:
    assert catalogue.retire(shop.partner, "coding").retired_at is not None
    assert on_offer(shop) == []
    catalogue.put_type(shop.partner, "coding", name="Back", description="", kind="coding", order_schema_text="")
    assert on_offer(shop) == ["coding"]


def test_retiring_twice_is_retiring_once_and_orders_in_flight_live_on(shop: Shop) -> None:
    order = scene.place(shop)
    first = catalogue.retire(shop.partner, "coding")
    assert catalogue.retire(shop.partner, "coding").retired_at == first.retired_at
    assert AuditRecord.objects.filter(verb="assessment_type.retired").count() == 1
    assert scene.post(order).update.outcome == "applied"


def test_the_whole_catalogue_is_replaced_and_what_is_not_named_is_retired(shop: Shop) -> None:
    rows = catalogue.replace_all(shop.partner, [entry("english"), entry("sql")])
    assert [row.key for row in rows] == ["english", "sql"]
    assert on_offer(shop) == ["english", "sql"]
    catalogue.replace_all(shop.partner, [entry("coding")])
    assert on_offer(shop) == ["coding"]


def test_of_a_catalogue_with_one_bad_entry_nothing_is_taken(shop: Shop, sneak: Shop) -> None:
    bad = json.dumps({"type": "object", "properties": {"a": {"type": "object"}}, "required": ["b"]})
    with pytest.raises(ValidationFailed) as refused:
        catalogue.replace_all(shop.partner, [entry("english"), entry("sql", bad)])
    assert {problem["pointer"] for problem in refused.value.problems} == {
        "/data/1/order_schema/properties/a/type",
        "/data/1/order_schema/required/0",
    }
    assert on_offer(shop) == ["coding"]


def test_a_catalogue_is_replaced_for_its_partner_only(shop: Shop, sneak: Shop) -> None:
    catalogue.replace_all(shop.partner, [])
    assert (on_offer(shop), on_offer(sneak)) == ([], ["coding"])


def test_a_draft_is_numbered_digested_and_kept_as_written(shop: Shop) -> None:
    text = '{"type":"object",\n "properties": {"b": {}, "a": {}}}'
    draft = catalogue.draft_schema(shop.assessment_type, text)
    assert (draft.version, draft.state, draft.text) == (2, "draft", text)
    assert draft.digest == digest(json.loads(text))


def test_the_same_schema_is_the_same_version_however_it_is_written(shop: Shop) -> None:
    assert catalogue.draft_schema(shop.assessment_type, json.dumps(scene.RESULT_SCHEMA, indent=4)) == shop.schema


def test_a_schema_is_refused_with_every_problem_at_once(shop: Shop) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "https://x.example/"}, "b": {"pattern": "(?=x)"}}}
    with pytest.raises(ValidationFailed) as refused:
        catalogue.draft_schema(shop.assessment_type, json.dumps(schema))
    pointers = {problem["pointer"] for problem in refused.value.problems}
    assert {"/properties/a/$ref", "/properties/b/pattern"} <= pointers
    assert shop.assessment_type.result_schemas.count() == 1


def test_publishing_supersedes_the_versions_before(shop: Shop) -> None:
    second = catalogue.draft_schema(shop.assessment_type, '{"type": "object", "title": "Two"}')
    third = catalogue.draft_schema(shop.assessment_type, '{"type": "object", "title": "Three"}')
    catalogue.publish(third)
    states = dict(shop.assessment_type.result_schemas.values_list("version", "state"))
    assert states == {1: "retired", 2: "retired", 3: "published"}
    assert catalogue.current_schema(shop.assessment_type) == third
    with pytest.raises(SchemaRetired):
        catalogue.publish(second)


def test_publishing_twice_is_publishing_once(shop: Shop) -> None:
    moment = shop.schema.published_at
    assert moment is not None
    assert catalogue.publish(shop.schema).published_at == moment


def test_an_order_schema_is_refused_by_pointer(shop: Shop) -> None:
    with pytest.raises(ValidationFailed) as refused:
        catalogue.put_type(
            shop.partner,
            "english",
            name="English",
            description="",
            kind="language",
            order_schema_text=json.dumps({**ORDER_SCHEMA, "allOf": []}),
        )
    assert "/order_schema/allOf" in {problem["pointer"] for problem in refused.value.problems}
    assert not AssessmentType.objects.filter(key="english").exists()
