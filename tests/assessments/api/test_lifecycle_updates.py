"""What a partner tells of cancellations, by the API."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import orders
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db


def told(shop: Shop, order: Order, body: dict[str, Any]) -> Any:
    return shop.api().post(f"orders/{order.public_id}/updates", body)


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]]


# --- Cancellation ---------------------------------------------------------------------------------------------------


def test_an_order_says_that_it_was_cancelled_why_and_what_was_answered(shop: Shop) -> None:
    order = scene.place(shop)
    api, path = shop.api(), f"orders/{order.public_id}"
    assert api.get(path).json()["cancellation"] is None
    orders.cancel(order, actor="tests", reason="The job is filled.")
    assert api.get(path).json()["cancellation"] == {"state": "asked", "reason": "The job is filled."}
    answer = told(shop, order, {"kind": "cancel_refused", "message": "Half done."})
    assert (answer.status_code, answer.json()["status"], answer.json()["told"]) == (
        201,
        "cancelled",
        {"kind": "cancel_refused", "message": "Half done."},
    )
    assert api.get(path).json()["cancellation"] == {"state": "too_late", "reason": "The job is filled."}


def test_refusing_to_cancel_takes_words_and_a_question(shop: Shop, order: Order) -> None:
    assert problems(told(shop, order, {"kind": "cancel_refused"})) == [("/message", "required")]
    answer = told(shop, order, {"kind": "cancel_refused", "message": "Too late."})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert scene.reread(order).status == "requested"


def test_an_acknowledgement_is_201_and_applied(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    answer = told(shop, order, {"kind": "cancelled"})
    assert (answer.status_code, answer.json()["outcome"]) == (201, "applied")


def test_nobody_answers_for_another_partner(shop: Shop, sneak: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    assert told(sneak, order, {"kind": "cancel_refused", "message": "Mine."}).status_code == 404
    assert scene.reread(order).cancellation == "asked"
