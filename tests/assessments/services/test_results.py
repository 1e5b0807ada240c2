"""Results: checked against the order's schema, in numbered revisions, never dropped, in few statements."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.lifecycle import Status
from assessments.models import Order, ResultSchema
from assessments.schemas.registry import validator_for
from assessments.services import catalogue, promoted, results
from partners.models import Event
from tests.assessments import scene
from tests.assessments.scene import DOCUMENT, Shop

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def publish(shop: Shop, schema: dict[str, Any]) -> ResultSchema:
    return catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))


def test_a_final_result_completes_the_order_and_is_promoted_for_lists(shop: Shop, order: Order) -> None:
    document = {"score": 81, "verdict": "pass", "report": "https://codeforge.example/r/1"}
    recorded = scene.post(order, document, occurred_at=NOON)
    result = recorded.result
    assert result is not None
    result.refresh_from_db()
    assert (recorded.created, recorded.problems, recorded.update.outcome) == (True, [], "applied")
    assert (result.revision, result.kind, result.is_late, result.result_schema) == (1, "final", False, shop.schema)
    assert (result.score, result.score_maximum, result.outcome) == (Decimal(81), Decimal(100), "passed")
    assert (result.report_url, result.occurred_at) == ("https://codeforge.example/r/1", NOON)
    order = scene.reread(order)
    # It was taken before it was asked for: a clock is wrong.
    assert (order.status, order.outcome, order.completed_at) == ("completed", "passed", order.created_at)


def test_it_was_completed_when_the_partner_says(shop: Shop) -> None:
    order = scene.place(shop)
    later = order.created_at + timedelta(minutes=4)
    scene.post(order, occurred_at=later)
    assert scene.reread(order).completed_at == later


def test_the_document_is_kept_as_the_very_text_that_came(order: Order) -> None:
    text = '{"verdict" : "pass",\n\t"score": 8.1e1, "über": "\\u00fc"}'
    recorded = results.record(
        order, kind="final", document_text=text, document=json.loads(text), raw=text.encode(), occurred_at=None
    )
    assert recorded.result is not None
    recorded.result.refresh_from_db()
    assert recorded.result.document == text


def test_partial_results_are_revisions_until_the_final_one(order: Order) -> None:
    for number, score in enumerate((10, 20), start=1):
        recorded = scene.post(order, {"score": score}, kind="partial", occurred_at=NOON)
        assert recorded.result is not None
        assert (recorded.result.revision, recorded.update.outcome) == (number, "applied")
        assert scene.reread(order).status == "started"
    scene.post(order)
    order = scene.reread(order)
    assert (order.status, order.started_at, order.results.count()) == ("completed", NOON, 3)


def test_a_partial_result_after_the_final_one_is_kept_as_an_update_only(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    recorded = scene.post(order, {"score": 5}, kind="partial")
    assert (recorded.result, recorded.update.outcome, recorded.created) == (None, "ignored", True)
    assert (order.results.count(), scene.reread(order).status) == (1, "completed")


def test_an_amendment_is_a_new_revision_with_its_reason(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    recorded = scene.post(order, {"score": 40, "verdict": "fail"}, kind="amended", reason="Plagiarism was found.")
    assert recorded.result is not None
    assert (recorded.result.revision, recorded.result.reason) == (2, "Plagiarism was found.")
    assert (scene.reread(order).outcome, scene.reread(order).status) == ("failed", "completed")
    assert order.results.get(revision=1).outcome == "passed"


def test_another_final_document_is_an_amendment(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    recorded = scene.post(order, {"score": 40}, kind="final", reason="Scored again.")
    assert recorded.result is not None
    assert (recorded.result.revision, recorded.result.kind) == (2, "amended")
    # Sent again it is still the same one, by the name it had.
    again = scene.post(order, {"score": 40}, kind="final", reason="Scored again.")
    assert (again.result, again.created, again.superseded_by) == (recorded.result, False, None)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
def test_a_change_without_a_reason_is_rejected_and_kept(shop: Shop, status: Status) -> None:
    order = scene.in_status(shop, status)
    scene.post(order)
    recorded = scene.post(order, {"score": 10})
    assert (recorded.result, recorded.created, recorded.is_unexplained) == (None, True, True)
    assert [(each["pointer"], each["code"]) for each in recorded.problems] == [("/reason", "required")]
    row = order.updates.get(pk=recorded.update.pk)
    assert (row.outcome, row.problems, json.loads(bytes(row.raw))) == ("rejected", recorded.problems, {"score": 10})
    assert order.results.count() == 1
    assert Event.objects.filter(subject=order.public_id, topic="result.rejected").count() == 1
    again = scene.post(order, {"score": 10})
    assert (again.created, again.is_unexplained, again.update) == (False, True, row)
    # What is wrong with the document itself is said first.
    assert not scene.post(order, {"score": "high"}).is_unexplained
    explained = scene.post(order, {"score": 10}, reason="A task was marked twice.")
    assert explained.result is not None
    assert (explained.result.revision, explained.result.kind) == (2, "amended")


def test_a_protocol_without_reasons_amends_without_one(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    recorded = scene.post(order, {"score": 10}, reason=None)
    assert recorded.result is not None
    assert (recorded.result.kind, recorded.result.reason) == ("amended", "The partner gave no reason.")
    assert order.results.get(revision=1).reason == ""


def test_an_older_revision_told_again_changes_nothing_and_says_so(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    scene.post(order, {"score": 50}, kind="amended", reason="x")
    scene.post(order, {"score": 60}, kind="amended", reason="y")
    told: tuple[dict[str, Any], ...] = ({}, {"document": {"score": 50}, "kind": "amended", "reason": "x"})
    for first, words in enumerate(told, start=1):
        again = scene.post(order, **words)
        assert again.result is not None
        assert (again.created, again.result.revision, again.superseded_by) == (False, first, 3)
    assert order.results.count() == 3
    back = scene.post(order, {"score": 50}, kind="amended", reason="It was right at first.")
    assert back.result is not None
    assert (back.created, back.result.revision, back.superseded_by) == (True, 4, None)


@pytest.mark.parametrize("source", ["partner", "asked"])
def test_a_protocol_without_reasons_sets_an_earlier_value_again(shop: Shop, source: str) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    at = order.created_at if source == "partner" else None
    for revision, score in enumerate((10, 81, 10, 81), start=2):
        document = {"score": score, "verdict": "pass"}
        for is_new in (True, False):
            at = at + timedelta(minutes=1) if at else None
            told = scene.post(order, document, reason=None, source=source, occurred_at=at)
            assert told.result is not None
            assert (told.created, told.result.revision, told.superseded_by) == (is_new, revision, None)
    # Who names no moment may be late.
    assert scene.post(order, {"score": 10, "verdict": "pass"}, reason=None).superseded_by == 5


def test_a_partial_result_told_again_after_the_final_one_is_superseded(order: Order) -> None:
    scene.post(order, {"score": 5}, kind="partial")
    scene.post(order)
    assert scene.post(order, {"score": 5}, kind="partial").superseded_by == 2


def test_an_amendment_of_nothing_is_refused_and_kept(order: Order) -> None:
    recorded = scene.post(order, kind="amended", reason="Too early.")
    assert (recorded.result, recorded.update.outcome) == (None, "refused")
    assert (order.updates.count(), scene.reread(order).status) == (1, "requested")
    # It counts when it is sent again after the final one.
    scene.post(order, {"score": 1})
    again = scene.post(order, kind="amended", reason="Too early.")
    assert again.result is not None
    assert (again.result.revision, again.update.public_id, again.update.outcome) == (
        2,
        recorded.update.public_id,
        "applied",
    )


def test_the_same_document_is_the_same_revision_however_it_is_written(order: Order) -> None:
    first = scene.post(order, {"score": 81, "verdict": "pass"})
    text = '{ "verdict": "pass", "score": 81.0 }'
    again = results.record(
        order, kind="final", document_text=text, document=json.loads(text), raw=text.encode(), occurred_at=None
    )
    assert (again.result, again.created, again.problems) == (first.result, False, [])
    assert (order.results.count(), order.updates.count()) == (1, 1)


def test_ten_identical_callbacks_make_one_result(order: Order) -> None:
    assert [scene.post(order).created for _ in range(10)] == [True, *[False] * 9]
    assert (order.results.count(), order.updates.count()) == (1, 1)


def test_a_result_of_a_cancelled_order_is_kept_as_late(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    recorded = scene.post(order)
    assert recorded.result is not None
    assert (recorded.result.is_late, recorded.result.revision, recorded.update.outcome) == (True, 1, "ignored")
    assert (scene.reread(order).status, scene.reread(order).outcome) == ("cancelled", "none")
    another = scene.post(order, {"score": 3}, reason="Scored again.")
    assert another.result is not None
    assert (another.result.is_late, another.result.revision) == (True, 2)


def test_a_document_that_breaks_its_schema_is_rejected_with_every_pointer_and_kept(order: Order) -> None:
    document = {"score": "high", "verdict": "maybe"}
    recorded = scene.post(order, document)
    assert recorded.result is None
    assert {(problem["pointer"], problem["schema_pointer"]) for problem in recorded.problems} == {
        ("/score", "/properties/score/type"),
        ("/verdict", "/properties/verdict/enum"),
    }
    row = order.updates.get()
    assert (row.outcome, row.problems, json.loads(bytes(row.raw))) == ("rejected", recorded.problems, document)
    assert scene.reread(order).status == "requested"


def test_a_rejection_is_told_once_to_the_partner(order: Order) -> None:
    first, again = scene.post(order, {}), scene.post(order, {})
    assert (again.update.public_id, again.problems) == (first.update.public_id, first.problems)
    event = Event.objects.get(subject=order.public_id, topic="result.rejected")
    assert json.loads(event.body)["data"]["update"] == first.update.public_id


@pytest.mark.parametrize("document", [None, 7, "text", [], True, {"score": 2**60}, {"score": 1, "x": 1e300}])
def test_whatever_json_comes_is_kept_and_explained(order: Order, document: Any) -> None:
    text = json.dumps(document)
    recorded = results.record(
        order, kind="final", document_text=text, document=document, raw=text.encode(), occurred_at=None
    )
    assert (recorded.result, recorded.update.outcome) == (None, "rejected")
    assert recorded.problems


def test_a_type_without_a_schema_takes_any_object_and_nothing_else(shop: Shop) -> None:
    shop.schema.delete()
    order = scene.place(shop)
    assert scene.post(order, []).update.outcome == "rejected"
    recorded = scene.post(order, {"anything": ["goes"]})
    assert recorded.result is not None
    assert (recorded.result.result_schema, recorded.result.outcome) == (None, "none")


def test_an_order_placed_before_there_was_a_schema_is_answered_by_the_newest_one(shop: Shop) -> None:
    shop.schema.delete()
    order = scene.place(shop)
    schema = publish(shop, scene.RESULT_SCHEMA)
    assert scene.post(order, {}).update.outcome == "rejected"
    recorded = scene.post(order)
    assert recorded.result is not None
    assert recorded.result.result_schema == schema


def test_an_order_is_answered_by_the_schema_it_was_placed_with(shop: Shop, order: Order) -> None:
    publish(shop, {"type": "object", "required": ["grade"]})
    assert scene.post(order).update.outcome == "applied"


def test_what_not_everybody_may_see_is_not_promoted_to_where_everybody_looks(shop: Shop) -> None:
    schema = {
        "type": "object",
        "properties": {
            "score": {"type": "number", "x-audience": ["admin"]},
            "verdict": {"enum": ["clear", "consider"], "x-outcome": {"clear": "passed"}, "x-audience": ["admin"]},
            "report": {"type": "string", "x-audience": ["admin"]},
        },
        "x-summary": {"score": "/score", "outcome": "/verdict", "report_url": "/report"},
    }
    publish(shop, schema)
    recorded = scene.post(
        scene.place(shop), {"score": 7, "verdict": "clear", "report": "https://codeforge.example/r/1"}
    )
    result = recorded.result
    assert result is not None
    assert (result.score_audience, result.outcome_audience, result.outcome) == ("admin", "admin", "passed")
    assert (result.report_url, scene.reread(result.order).outcome) == ("", "none")


def test_an_audience_without_anybody_is_not_one_of_everybody(shop: Shop) -> None:
    inner = {"type": "object", "x-audience": ["admin"], "properties": {"n": {"type": "number"}}}
    inner["properties"]["n"]["x-audience"] = ["recruiter"]  # type: ignore[index]  # a literal of mixed values
    publish(shop, {"type": "object", "properties": {"in": inner}, "x-summary": {"score": "/in/n"}})
    recorded = scene.post(scene.place(shop), {"in": {"n": 7}})
    assert recorded.result is not None
    assert recorded.result.score_audience == promoted.NOBODY


@pytest.mark.parametrize("score", [10**12, -(10**13), 2**53 - 1])
def test_a_score_that_no_column_holds_is_in_the_document_only(shop: Shop, score: int) -> None:
    publish(shop, {"type": "object", "properties": {"score": {"type": "integer"}}, "x-summary": {"score": "/score"}})
    recorded = scene.post(scene.place(shop), {"score": score})
    assert recorded.result is not None
    assert recorded.result.score is None
    assert json.loads(recorded.result.document) == {"score": score}


def read_before(order: Order) -> None:
    """The text of its schema, which a process reads once."""
    assert order.result_schema is not None
    catalogue.text_of(order.result_schema)


def test_taking_a_result_is_few_statements_in_one_transaction(order: Order) -> None:
    """Lock, what is known, and what is written: result, update, order, audit, withdrawal, on PostgreSQL together."""
    order = scene.reread(order)
    read_before(order)
    with CaptureQueriesContext(connection) as queries:
        scene.post(order)
    statements = [query["sql"] for query in queries]
    assert len(statements) == (3 if connection.vendor == "postgresql" else 7), "\n".join(statements)
    assert not [sql for sql in statements if "SAVEPOINT" in sql]


def test_a_schema_is_compiled_once_for_many_documents(shop: Shop) -> None:
    validator_for.cache_clear()
    for _ in range(5):
        scene.post(scene.place(shop))
    # One for the order schema, one for the result schema.
    assert validator_for.cache_info().misses == 2


def test_a_document_that_came_before_costs_four_statements(order: Order) -> None:
    order = scene.reread(order)
    scene.post(order, DOCUMENT)
    with CaptureQueriesContext(connection) as queries:
        scene.post(order, DOCUMENT)
    assert len(queries) == 4
