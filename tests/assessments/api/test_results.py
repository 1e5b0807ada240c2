"""Results and reports by API."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Http
from django.test.utils import CaptureQueriesContext

from assessments.lifecycle import Status
from assessments.models import Attachment, Order, OrderUpdate, Result, ResultSchema
from assessments.services import catalogue
from partners.scopes import ALL
from tests.assessments import scene
from tests.assessments.scene import DOCUMENT, PDF, PNG, Shop

pytestmark = pytest.mark.django_db

FINAL = {"kind": "final", "document": DOCUMENT}


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]]


def test_a_result_answers_with_its_revision(shop: Shop, order: Order) -> None:
    body = {**FINAL, "occurred_at": "2026-11-02T12:00:00Z", "reason": None}
    answer = shop.api().post(f"orders/{order.public_id}/results", body)
    assert answer.status_code == 201
    result, update = order.results.get(), order.updates.get()
    shown = answer.json()
    assert shown == {
        "id": result.public_id,
        "order": order.public_id,
        "revision": 1,
        "kind": "final",
        "reason": None,
        "schema_version": 1,
        "outcome": "passed",
        "late": False,
        "purged_at": None,
        "occurred_at": "2026-11-02T12:00:00Z",
        "received_at": shown["received_at"],
        "superseded_by": None,
        "status": "completed",
        "update": {"id": update.public_id, "outcome": "applied"},
        "problems": [],
    }
    assert update.request_id == answer["Request-Id"]


def test_the_same_result_again_is_200_with_the_same_revision(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/results"
    first, again = api.post(path, FINAL), api.post(path, FINAL)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Result.objects.count() == 1


def test_the_revisions_are_listed_newest_first(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/results"
    api.post(path, {"kind": "partial", "document": {"score": 1}})
    api.post(path, FINAL)
    api.post(path, {"kind": "amended", "document": {"score": 2}, "reason": "Re-scored."})
    listed = api.get(path).json()["data"]
    assert [(row["revision"], row["kind"], row["reason"]) for row in listed] == [
        (3, "amended", "Re-scored."),
        (2, "final", None),
        (1, "partial", None),
    ]


def test_a_document_that_breaks_its_schema_is_422_with_every_pointer_and_kept(shop: Shop, order: Order) -> None:
    answer = shop.api().post(
        f"orders/{order.public_id}/results", {"kind": "final", "document": {"score": 101, "verdict": "?"}}, key="k-1"
    )
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["order"]) == (422, "validation_failed", order.public_id)
    assert [(entry["pointer"], entry["schema_pointer"]) for entry in problem["problems"]] == [
        ("/score", "/properties/score/maximum"),
        ("/verdict", "/properties/verdict/enum"),
    ]
    assert problem["type"].endswith("/docs/errors#validation_failed")
    row = OrderUpdate.objects.get(public_id=problem["update"])
    assert (row.outcome, row.order, json.loads(bytes(row.raw))["document"]) == (
        "rejected",
        order,
        {"score": 101, "verdict": "?"},
    )
    assert (scene.reread(order).status, Result.objects.count()) == ("requested", 0)


def test_a_rejected_document_can_be_put_right(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/results"
    assert api.post(path, {"kind": "final", "document": {}}).status_code == 422
    assert api.post(path, FINAL).json()["revision"] == 1


def test_a_second_final_result_without_a_reason_is_422_and_changes_nothing(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/results"
    api.post(path, FINAL)
    answer = api.post(path, {"kind": "final", "document": {"score": 10}})
    assert problems(answer) == [("/reason", "required")]
    assert OrderUpdate.objects.get(public_id=answer.json()["update"]).outcome == "rejected"
    assert [row["revision"] for row in api.get(path).json()["data"]] == [1]
    changed = api.post(path, {"kind": "final", "document": {"score": 10}, "reason": "A task was marked twice."})
    assert (changed.status_code, changed.json()["kind"], changed.json()["revision"]) == (201, "amended", 2)
    again = api.post(path, FINAL)
    assert (again.status_code, again.json()["revision"], again.json()["superseded_by"]) == (200, 1, 2)


def test_an_early_amendment_is_409_and_kept(shop: Shop, order: Order) -> None:
    body = {"kind": "amended", "document": DOCUMENT, "reason": "x"}
    answer = shop.api().post(f"orders/{order.public_id}/results", body, key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert OrderUpdate.objects.get(public_id=answer.json()["update"]).outcome == "refused"


def test_a_result_of_a_cancelled_order_is_201_and_late(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    answer = shop.api().post(f"orders/{order.public_id}/results", FINAL).json()
    assert (answer["late"], answer["revision"], answer["status"], answer["update"]["outcome"]) == (
        True,
        1,
        "cancelled",
        "ignored",
    )


def test_a_partial_result_that_was_overtaken_is_201_without_a_revision(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    answer = shop.api().post(f"orders/{order.public_id}/results", {"kind": "partial", "document": {"score": 1}})
    assert answer.status_code == 201
    row = order.updates.latest("pk")
    assert answer.json() == {
        "id": None,
        "order": order.public_id,
        "revision": None,
        "superseded_by": None,
        "status": "completed",
        "update": {"id": row.public_id, "outcome": "ignored"},
        "problems": [],
    }


WRONG_SHAPES: tuple[tuple[Any, set[tuple[str, str]]], ...] = (
    ({}, {("/kind", "required"), ("/document", "required")}),
    ({"kind": "final"}, {("/document", "required")}),
    ({"kind": "last", "document": {}}, {("/kind", "invalid_choice")}),
    ({"kind": "amended", "document": {}}, {("/reason", "required")}),
    ({"kind": "amended", "document": {}, "reason": " "}, {("/reason", "required")}),
    ({"kind": "final", "document": {}, "reason": "x" * 501}, {("/reason", "max_length")}),
    ({"kind": "final", "document": {}, "occurred_at": "soon"}, {("/occurred_at", "not_a_moment")}),
    ([FINAL], {("", "invalid")}),
)


def test_a_result_of_the_wrong_shape_is_refused_by_pointer(shop: Shop, order: Order, subtests: pytest.Subtests) -> None:
    api = shop.api()
    for body, expected in WRONG_SHAPES:
        with subtests.test(repr(body)):
            answer = api.send("POST", f"orders/{order.public_id}/results", json.dumps(body).encode())
            assert set(problems(answer)) == expected


def test_a_document_that_is_no_object_is_a_document_that_breaks_its_schema(shop: Shop, order: Order) -> None:
    api = shop.api()
    documents: tuple[Any, ...] = (None, 1, "x", [], True)
    for document in documents:
        answer = api.post(f"orders/{order.public_id}/results", {"kind": "final", "document": document})
        assert [pointer for pointer, _code in problems(answer)] == [""]
        assert "update" in answer.json()


def test_a_key_makes_a_result_once_and_its_rejection_too(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/results"
    rejected = api.post(path, {"kind": "final", "document": {}}, key="k-1")
    replayed = api.post(path, {"kind": "final", "document": {}}, key="k-1")
    assert (replayed.status_code, replayed.content) == (422, rejected.content)
    assert replayed["Idempotent-Replayed"] == "true"
    first = api.post(path, FINAL, key="k-2")
    again = api.post(path, FINAL, key="k-2")
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    other = api.post(path, {"kind": "final", "document": {"score": 1}}, key="k-2")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_rejection_by_the_schema_of_the_day_is_decided_anew(shop: Shop) -> None:
    ResultSchema.objects.update(state=ResultSchema.State.DRAFT)
    order = scene.place(shop)
    assert order.result_schema is None
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(scene.RESULT_SCHEMA)))
    api, path, told = shop.api(), f"orders/{order.public_id}/results", {"kind": "final", "document": {}}
    rejected = [api.post(path, told, key="k-1") for _ in range(2)]
    assert [answer.json()["update"] for answer in rejected] == [order.updates.get().public_id] * 2
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, '{"type": "object"}'))
    assert api.post(path, told, key="k-1").json()["revision"] == 1


def test_what_was_refused_under_a_key_may_be_tried_again_under_it(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/results"
    body = {"kind": "amended", "document": {"score": 3}, "reason": "x"}
    assert api.post(path, body, key="k-1").status_code == 409
    api.post(path, FINAL)
    assert api.post(path, body, key="k-1").json()["revision"] == 2


def test_taking_a_result_by_api_is_few_statements(shop: Shop, order: Order) -> None:
    """On PostgreSQL: the token, the order, what is written with the answer, and the request log; beside the savepoints
    of a test, which has a transaction around everything.
    """
    api = shop.api()
    api.get("orders")
    # A process reads the text of a schema once.
    catalogue.text_of(shop.schema)
    with CaptureQueriesContext(connection) as queries:
        assert api.post(f"orders/{order.public_id}/results", FINAL, key="k-1").status_code == 201
    found = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(found) == (4 if connection.vendor == "postgresql" else 11), "\n".join(found)


# --- Reports --------------------------------------------------------------------------------------------------------


def test_a_report_is_uploaded_once(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/attachments"
    answer = api.upload(path, PDF, name="Report.pdf")
    row = Attachment.objects.get()
    assert answer.status_code == 201
    shown = answer.json()
    assert shown == {
        "id": row.public_id,
        "order": order.public_id,
        "name": "Report.pdf",
        "content_type": "application/pdf",
        "size": len(PDF),
        "sha256": row.sha256,
        "created_at": shown["created_at"],
    }
    again = api.upload(path, PDF, name="Other.pdf")
    assert (again.status_code, again.json()) == (200, shown)


@pytest.mark.parametrize(("content", "status"), [(PNG, 201), (b"MZ", 422), (b"", 422), (b"<html>", 422)])
def test_a_reports_content_counts(shop: Shop, order: Order, content: bytes, status: int) -> None:
    answer = shop.api().upload(f"orders/{order.public_id}/attachments", content)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["code"] == "unsupported_attachment"


def test_exactly_one_file_is_expected(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/attachments"
    assert problems(api.upload(path, PDF, part="report")) == [("/file", "one_file_expected")]
    kind = "multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="%b.pdf"\r\n\r\n%%PDF-1\r\n'
    nothing = api.send("POST", path, b"--b--\r\n", kind=kind)
    assert problems(nothing) == [("/file", "one_file_expected")]
    two = api.send("POST", path, part % b"a" + part % b"b" + b"--b--\r\n", kind=kind)
    assert problems(two) == [("/file", "one_file_expected")]
    one = api.send("POST", path, part % b"a" + b"--b--\r\n", kind=kind)
    assert one.status_code == 201


def test_a_report_may_come_in_chunks(shop: Shop, order: Order) -> None:
    """As it does from programs that do not know its length; a server then says where the input ends."""
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1\r\n--b--\r\n'
    answer = Http().generic(
        "POST",
        f"/api/v1/orders/{order.public_id}/attachments",
        body,
        content_type="multipart/form-data; boundary=b",
        headers={"Authorization": f"Bearer {scene.token(shop.application, ALL)}", "Transfer-Encoding": "chunked"},
        **{"CONTENT_LENGTH": "", "wsgi.input": BytesIO(body), "wsgi.input_terminated": True},  # type: ignore[arg-type]  # of the WSGI environment
    )
    assert (answer.status_code, answer.json()["size"]) == (201, 6)


def test_a_report_that_is_not_multipart_is_of_the_wrong_type(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/attachments"
    for kind in ("application/json", "application/pdf", "text/plain"):
        answer = api.send("POST", path, PDF, kind=kind)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    torn = api.send("POST", path, PDF, kind="multipart/form-data")
    assert (torn.status_code, torn.json()["code"]) == (400, "bad_request")


def test_a_report_over_ten_mebibytes_is_413(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/attachments"
    for size in (10 * 1024 * 1024 + 1, 11 * 1024 * 1024):
        answer = api.upload(path, PDF + b"0" * (size - len(PDF)))
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert Attachment.objects.count() == 0


def test_a_name_that_means_harm_is_harmless(shop: Shop, order: Order) -> None:
    answer = shop.api().upload(f"orders/{order.public_id}/attachments", PDF, name="<script>alert(1)</script>.html")
    assert answer.json()["name"].endswith(".html.pdf")
    assert not set(answer.json()["name"]) & set("<>/\\")


def test_a_key_makes_an_upload_once(shop: Shop, order: Order) -> None:
    path = f"orders/{order.public_id}/attachments"
    api = shop.api()
    kind = "multipart/form-data; boundary=b"
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1\r\n--b--\r\n'
    first = api.send("POST", path, body, kind=kind, key="k-1")
    again = api.send("POST", path, body, kind=kind, key="k-1")
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
