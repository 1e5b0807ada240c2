"""Many results in one call: each by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from assessments.api.bodies import LARGEST_BATCH
from assessments.lifecycle import Status
from assessments.models import Order, OrderUpdate, Result
from assessments.services import results, telling
from core.api import parsing
from tests.assessments import scene
from tests.assessments.scene import DOCUMENT, Shop

pytestmark = pytest.mark.django_db

PATH = "results:batch"


def item(order: Order, **changes: Any) -> dict[str, Any]:
    return {"order": order.public_id, "kind": "final", "document": DOCUMENT, **changes}


def sent(shop: Shop, *items: Any, **options: Any) -> list[dict[str, Any]]:
    answer = shop.api().post(PATH, {"results": items}, **options)
    assert answer.status_code == 200, answer.content
    data: list[dict[str, Any]] = answer.json()["data"]
    assert [line["index"] for line in data] == list(range(len(items)))
    return data


def places(line: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem["pointer"], problem["code"]) for problem in line["problem"]["problems"]]


def test_each_item_succeeds_or_fails_by_itself(shop: Shop) -> None:
    good, bad, early = scene.place(shop), scene.place(shop), scene.place(shop)
    lines = sent(
        shop,
        item(good),
        item(bad, document={"score": 101}),
        item(early, kind="amended", reason="Too soon."),
        "a result",
    )
    result, (rejected, refused) = Result.objects.get(), OrderUpdate.objects.exclude(order=good).order_by("id")
    assert lines[0] == {
        "index": 0,
        "status": 201,
        "id": result.public_id,
        "order": good.public_id,
        "revision": 1,
        "superseded_by": None,
        "update": {"id": good.updates.get().public_id, "outcome": "applied"},
    }
    assert (lines[1]["status"], places(lines[1])) == (422, [("/score", "too_large")])
    assert (lines[1]["problem"]["update"], rejected.outcome) == (rejected.public_id, "rejected")
    assert (lines[2]["status"], lines[2]["problem"]["code"]) == (409, "illegal_transition")
    assert (lines[2]["problem"]["update"], refused.outcome) == (refused.public_id, "refused")
    assert (lines[3]["status"], places(lines[3])) == (422, [("", "invalid")])
    assert [scene.reread(order).status for order in (good, bad, early)] == ["completed", "requested", "requested"]


def test_an_item_answers_with_the_problem_of_the_single_call(shop: Shop, order: Order) -> None:
    broken = {"kind": "final", "document": {"score": 101}}
    single = shop.api().post(f"orders/{order.public_id}/results", broken).json()
    problem = sent(shop, item(order, **broken))[0]["problem"]
    assert {**problem, "request_id": ""} == {**single, "request_id": ""}


def test_a_change_without_a_reason_is_refused_at_its_place_in_the_batch(shop: Shop) -> None:
    order, other = scene.in_status(shop, Status.COMPLETED), scene.place(shop)
    lines = sent(
        shop, item(other), item(order, document={"score": 10}), item(order, document={"score": 11}, reason="x")
    )
    assert [line["status"] for line in lines] == [201, 422, 201]
    assert places(lines[1]) == [("/reason", "required")]
    assert OrderUpdate.objects.get(public_id=lines[1]["problem"]["update"]).outcome == "rejected"
    assert (lines[2]["revision"], order.results.count()) == (2, 2)
    again = sent(shop, item(order))
    assert (again[0]["status"], again[0]["revision"], again[0]["superseded_by"]) == (200, 1, 2)


def test_the_text_of_each_document_and_item_is_kept_as_it_came(shop: Shop) -> None:
    first, second = scene.place(shop), scene.place(shop)
    documents = ['{ "score" : 81.0,\t"z":1e2 , "a": ["]", "}"]}', '{"score":8}']
    texts = [
        f'{{"document": {document} ,"order":"{order.public_id}", "kind":"final"}}'
        for order, document in zip((first, second), documents, strict=True)
    ]
    body = f' {{ "extra": [1], "results" : [ {texts[0]} ,\n{texts[1]} ] }} '
    answer = shop.api().send("POST", PATH, body.encode())
    assert [line["status"] for line in answer.json()["data"]] == [201, 201]
    assert [order.results.get().document for order in (first, second)] == documents
    assert [bytes(order.updates.get().raw).decode() for order in (first, second)] == texts


def test_an_order_can_be_named_by_the_partners_reference(shop: Shop) -> None:
    orders = [scene.place(shop) for _ in range(3)]
    for order, reference in zip(orders, ("r-1", "twice", "twice"), strict=True):
        scene.tell(order, "accepted", reference=reference)
    lines = sent(
        shop,
        *({"reference": name, "kind": "final", "document": DOCUMENT} for name in ("r-1", "twice", "never")),
        item(orders[0], reference="r-1"),
        {"kind": "final", "document": DOCUMENT},
    )
    assert (lines[0]["status"], lines[0]["order"]) == (201, orders[0].public_id)
    assert (lines[1]["status"], places(lines[1])) == (422, [("/reference", "ambiguous")])
    assert (lines[2]["status"], lines[2]["problem"]["code"]) == (404, "not_found")
    assert places(lines[3]) == [("/order", "required")]
    assert places(lines[4]) == [("/order", "required")]


def test_several_results_of_one_order_are_taken_in_their_order(shop: Shop, order: Order) -> None:
    lines = sent(
        shop,
        item(order, kind="amended", reason="Too soon."),
        item(order, kind="partial", document={"score": 1}),
        item(order),
        item(order),
        item(order, kind="amended", document={"score": 2}, reason="Re-scored."),
    )
    assert [(line["status"], line.get("revision")) for line in lines] == [
        (409, None), (201, 1), (201, 2), (200, 2), (201, 3),
    ]  # fmt: skip
    assert lines[0]["problem"]["order_status"] == "requested"


def test_mallorys_order_looks_as_if_it_were_not_there(shop: Shop, sneak: Shop, order: Order) -> None:
    scene.tell(order, "accepted", reference="r-1")
    unknown = order.public_id[:-4] + "0000"
    lines = sent(
        sneak, item(order), {**item(order), "order": unknown}, {**item(order), "order": None, "reference": "r-1"}
    )
    told = [{**line["problem"], "request_id": ""} for line in lines]
    assert told[0] == told[1] == told[2]
    assert [line["status"] for line in lines] == [404, 404, 404]
    assert order.updates.exclude(kind="accepted").count() == 0


def test_it_needs_the_scope_of_the_token_and_of_the_installation(shop: Shop, order: Order) -> None:
    assert shop.api("orders:read").post(PATH, {"results": [item(order)]}).status_code == 403
    shop.installation.scopes = ["orders:read"]
    shop.installation.save()
    assert sent(shop, item(order))[0]["status"] == 404


def test_the_same_key_is_answered_from_memory(shop: Shop, order: Order) -> None:
    body = {"results": [item(order), item(order, document={})]}
    first, again = (shop.api().post(PATH, body, key="batch-1") for _ in range(2))
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    assert Result.objects.count() == OrderUpdate.objects.filter(outcome="rejected").count() == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"results": [None] * (LARGEST_BATCH + 1)}, ("/results", "max_length")),
        ({"results": []}, ("/results", "empty")),
        ({"results": {}}, ("/results", "not_a_list")),
        ({}, ("/results", "required")),
    ],
    ids=["501", "none", "no list", "nothing"],
)
def test_a_batch_of_the_wrong_shape_is_refused_whole(shop: Shop, body: Any, place: tuple[str, str]) -> None:
    answer = shop.api().post(PATH, body)
    assert answer.status_code == 422
    problem = answer.json()["problems"][0]
    assert (problem["pointer"], problem["code"]) == place
    assert place[1] != "max_length" or "500" in problem["message"]


def test_items_have_the_shape_and_size_of_the_single_call(shop: Shop, order: Order) -> None:
    lines = sent(
        shop,
        item(order, kind="last"),
        item(order, kind="amended"),
        item(order, occurred_at="yesterday"),
        item(order, document={"score": 1, "text": "x" * 1024 * 1024}),
        None,
        item(order),
    )
    assert [line["status"] for line in lines] == [422, 422, 422, 413, 422, 201]
    assert [places(line)[0] for line in lines[:3]] == [
        ("/kind", "invalid_choice"),
        ("/reason", "required"),
        ("/occurred_at", "not_a_moment"),
    ]
    assert lines[3]["problem"]["code"] == "payload_too_large"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (r'{"score": 1, "note": "a\u0000b"}', ("/document/note", "nul_character")),
        ('{"score": NaN}', ("/document/score", "not_finite")),
        ('{"score": 1, "score": 2}', ("/document/score", "duplicate_key")),
        (r'{"score": 1, "note": "\ud800"}', ("/document/note", "lone_surrogate")),
    ],
)
def test_an_item_that_cannot_be_read_in_one_way_is_refused_by_itself(
    shop: Shop, document: str, place: tuple[str, str]
) -> None:
    good, bad, last = (scene.place(shop) for _ in range(3))
    texts = [
        f'{{"order": "{order.public_id}", "kind":"final", "document": {text}}}'
        for order, text in ((good, '{ "score" : 8.0 }'), (bad, document), (last, json.dumps(DOCUMENT)))
    ]
    answer = shop.api().send("POST", PATH, f'{{"results": [{", ".join(texts)}]}}'.encode(), key="batch-1")
    lines = answer.json()["data"]
    assert [line["status"] for line in lines] == [201, 400, 201]
    assert (lines[1]["problem"]["code"], places(lines[1])) == ("malformed_json", [place])
    assert (good.results.get().document, bytes(good.updates.get().raw).decode()) == ('{ "score" : 8.0 }', texts[0])
    assert not bad.updates.exists()


def test_a_batch_that_cannot_be_split_is_refused_whole(shop: Shop, order: Order) -> None:
    text = json.dumps(item(order))
    for body in (f'{{"results": [{text}, {{]}}', f'{{"results": [{text}], "results": [{text}]}}'):
        answer = shop.api().send("POST", PATH, body.encode())
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert not Result.objects.exists()


def test_a_good_batch_is_read_once(shop: Shop, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_read_carefully", None)
    assert sent(shop, item(order))[0]["status"] == 201


def test_what_breaks_over_one_item_is_undone_for_that_one_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    first, broken, last = (scene.place(shop) for _ in range(3))

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(telling, "news", fails)
    lines = sent(shop, item(first), item(broken, document={}), item(last))
    assert [line["status"] for line in lines] == [201, 500, 201]
    assert lines[1]["problem"]["code"] == "internal_error"
    assert broken.updates.count() == 0
    assert Result.objects.count() == 2


def test_nobody_is_told_201_when_the_whole_transaction_is_lost(
    shop: Shop, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loses(*_: object, **__: object) -> None:
        monkeypatch.setattr(connection, "savepoint_rollback", broken)
        raise RuntimeError("the connection is gone")

    def broken(_: str) -> None:
        raise OperationalError

    monkeypatch.setattr(results, "_known", loses)
    answer = shop.api().post(PATH, {"results": [item(order)]})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


def test_many_results_cost_as_many_statements_as_one(shop: Shop) -> None:
    def statements(count: int) -> int:
        items = [item(scene.place(shop)) for _ in range(count)]
        api = shop.api()
        with CaptureQueriesContext(connection) as queries:
            assert api.post(PATH, json.loads(json.dumps({"results": items}))).status_code == 200
        return len(queries)

    # The text of their schema is read once.
    statements(1)
    assert statements(5) == statements(1)
