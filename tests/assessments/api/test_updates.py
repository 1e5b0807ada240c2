"""Accept, decline and updates by API: what they answer, and what they refuse by pointer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models import Order, OrderUpdate
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]]


def test_accepting_answers_with_the_update_and_the_status(shop: Shop, order: Order) -> None:
    body = {"reference": "CF-7", "candidate_url": "https://codeforge.example/t/7"}
    answer = shop.api().post(f"orders/{order.public_id}/accept", body)
    row = order.updates.get()
    assert answer.status_code == 201
    shown = answer.json()
    assert shown == {
        "id": row.public_id,
        "order": order.public_id,
        "kind": "accepted",
        "source": "partner",
        "outcome": "applied",
        "told": {"kind": "accepted", **body},
        "problems": [],
        "request_id": answer["Request-Id"],
        "occurred_at": shown["occurred_at"],
        "received_at": shown["received_at"],
        "status": "sent",
    }
    assert scene.reread(order).candidate_url == "https://codeforge.example/t/7"


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"reference": null, "candidate_url": null}'])
def test_an_acceptance_needs_to_say_nothing(shop: Shop, order: Order, raw: bytes) -> None:
    answer = shop.api().send("POST", f"orders/{order.public_id}/accept", raw)
    assert (answer.status_code, answer.json()["status"]) == (201, "sent")


def test_the_same_told_twice_answers_200_with_the_same_update(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/updates"
    body = {"kind": "started", "occurred_at": "2026-11-02T13:00:00+01:00"}
    first = api.post(path, body)
    again = api.post(path, {"kind": "started", "occurred_at": "2026-11-02T12:00:00Z"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_declining_says_why_to_the_recruiter(shop: Shop, order: Order) -> None:
    answer = shop.api().post(f"orders/{order.public_id}/decline", {"message": "Not in this country."})
    assert (answer.status_code, answer.json()["status"]) == (201, "declined")
    assert scene.reread(order).reason == "Not in this country."


def test_what_contradicts_the_order_is_409_and_kept(shop: Shop) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    answer = shop.api().post(f"orders/{order.public_id}/decline", {"message": "No."}, key="k-1")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["order_status"]) == (409, "illegal_transition", "completed")
    row = OrderUpdate.objects.get(public_id=problem["update"])
    assert (row.outcome, row.kind) == ("refused", "declined")


def test_what_is_overtaken_is_201_and_ignored(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    answer = shop.api().post(f"orders/{order.public_id}/updates", {"kind": "started"})
    assert (answer.status_code, answer.json()["outcome"], answer.json()["status"]) == (201, "ignored", "cancelled")


def test_progress_and_notes_are_told(shop: Shop) -> None:
    order = scene.in_status(shop, Status.STARTED)
    api, path = shop.api(), f"orders/{order.public_id}/updates"
    assert api.post(path, {"kind": "progress", "progress": 0}).json()["told"] == {"kind": "progress", "progress": 0}
    assert api.post(path, {"kind": "note", "note": "On the second task."}).status_code == 201
    assert scene.reread(order).progress == 0


WRONG_SHAPES: tuple[tuple[Any, tuple[str, str]], ...] = (
    ({}, ("/kind", "required")),
    ({"kind": "completed"}, ("/kind", "invalid_choice")),
    ({"kind": "accepted"}, ("/kind", "invalid_choice")),
    ({"kind": ["started"]}, ("/kind", "invalid_choice")),
    ({"kind": "progress"}, ("/progress", "required")),
    ({"kind": "progress", "progress": 101}, ("/progress", "max_value")),
    ({"kind": "progress", "progress": -1}, ("/progress", "min_value")),
    ({"kind": "progress", "progress": "40"}, ("/progress", "not_an_integer")),
    ({"kind": "progress", "progress": 4.5}, ("/progress", "not_an_integer")),
    ({"kind": "progress", "progress": True}, ("/progress", "not_an_integer")),
    ({"kind": "note"}, ("/note", "required")),
    ({"kind": "note", "note": 7}, ("/note", "not_a_string")),
    ({"kind": "note", "note": "x" * 501}, ("/note", "max_length")),
    ({"kind": "started", "occurred_at": 1762084800}, ("/occurred_at", "not_a_moment")),
    ({"kind": "started", "occurred_at": "2026-11-02"}, ("/occurred_at", "not_a_moment")),
    ({"kind": "started", "occurred_at": "2026-11-02T12:00:00"}, ("/occurred_at", "not_a_moment")),
    ({"kind": "started", "occurred_at": "2026-02-30T12:00:00Z"}, ("/occurred_at", "not_a_moment")),
    ({"kind": "started", "occurred_at": "0001-01-01T00:00:00+14:00"}, ("/occurred_at", "too_early")),
    ({"kind": "started", "occurred_at": "9999-12-31T23:59:59-12:00"}, ("/occurred_at", "in_the_future")),
    ([], ("", "invalid")),
    ("started", ("", "invalid")),
)


def test_an_update_of_the_wrong_shape_is_refused_by_pointer(
    shop: Shop, order: Order, subtests: pytest.Subtests
) -> None:
    api = shop.api()
    for body, expected in WRONG_SHAPES:
        with subtests.test(repr(body)):
            answer = api.send("POST", f"orders/{order.public_id}/updates", json.dumps(body).encode())
            assert expected in problems(answer)
    assert order.updates.count() == 0


def test_a_clock_may_be_a_little_ahead_but_not_a_day(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}/updates"
    tomorrow, soon = ((timezone.now() + ahead).isoformat() for ahead in (timedelta(days=1), timedelta(minutes=2)))
    answer = api.post(path, {"kind": "started", "occurred_at": tomorrow})
    assert problems(answer) == [("/occurred_at", "in_the_future")]
    assert "clock" in answer.json()["problems"][0]["message"]
    assert api.post(path, {"kind": "started", "occurred_at": soon}).status_code == 201


NO_LINKS: tuple[Any, ...] = (
    "http://codeforge.example/t",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://x.example",
    "data:text/html,x",
    "//codeforge.example/t",
    "/t/7",
    "https://",
    "https://user:secret@codeforge.example/t",
    "https://codeforge.example/t\nx",
    "https://codeforge.example/a b",
    " https:/x",
    "https://x.example/" + "a" * 500,
    7,
)


def test_a_link_for_people_is_plain_https(shop: Shop, order: Order, subtests: pytest.Subtests) -> None:
    api = shop.api()
    for url in NO_LINKS:
        with subtests.test(repr(url)):
            answer = api.post(f"orders/{order.public_id}/accept", {"candidate_url": url})
            assert {pointer for pointer, _code in problems(answer)} == {"/candidate_url"}
    assert scene.reread(order).status == "requested"


@pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": "  "}, {"message": None}, {"message": 5}])
def test_a_decline_says_why(shop: Shop, order: Order, body: Any) -> None:
    answer = shop.api().post(f"orders/{order.public_id}/decline", body)
    assert [pointer for pointer, _code in problems(answer)] == ["/message"]


def test_all_that_was_told_is_listed_with_its_problems(shop: Shop, order: Order) -> None:
    api, path = shop.api(), f"orders/{order.public_id}"
    api.post(f"{path}/updates", {"kind": "started"})
    raw = b'{"kind": "final",   "document": {"score": "high"}}'
    rejected = api.send("POST", f"{path}/results", raw)
    listed = api.get(f"{path}/updates").json()["data"]
    assert [(row["kind"], row["outcome"]) for row in listed] == [("started", "applied"), ("result", "rejected")]
    assert listed[1]["problems"] == rejected.json()["problems"]
    one = api.get(f"{path}/updates/{rejected.json()['update']}").json()
    assert one == {**listed[1], "body": raw.decode()}


def test_an_update_is_found_under_its_own_order_only(shop: Shop, order: Order) -> None:
    update = scene.tell(order, "started")
    other = scene.place(shop)
    assert shop.api().get(f"orders/{other.public_id}/updates/{update.public_id}").status_code == 404


def test_the_log_names_the_call_that_told(shop: Shop, order: Order) -> None:
    answer = shop.api().post(f"orders/{order.public_id}/accept")
    assert order.updates.get().request_id == answer["Request-Id"]
