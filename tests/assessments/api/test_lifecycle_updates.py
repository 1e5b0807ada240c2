"""What a partner tells of cancellations and deadlines, by the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

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


# --- Deadlines ------------------------------------------------------------------------------------------------------


def test_a_partner_gives_more_time_and_never_less(shop: Shop) -> None:
    soon = timezone.now() + timedelta(days=2)
    order = scene.place(shop, deadline_at=soon)
    later = (soon + timedelta(days=3)).astimezone(UTC)
    answer = told(shop, order, {"kind": "deadline", "deadline_at": later.isoformat(), "note": "She asked for it."})
    assert (answer.status_code, answer.json()["outcome"]) == (201, "applied")
    assert scene.reread(order).deadline_at == later
    sooner = told(shop, order, {"kind": "deadline", "deadline_at": soon.isoformat()})
    assert (sooner.status_code, sooner.json()["code"]) == (409, "illegal_transition")
    assert [(each["pointer"], each["code"]) for each in sooner.json()["problems"]] == [("/deadline_at", "not_later")]
    assert scene.reread(order).deadline_at == later


def test_a_partner_sets_no_deadline_where_there_was_none(shop: Shop, order: Order) -> None:
    ahead = (timezone.now() + timedelta(days=3)).isoformat()
    assert told(shop, order, {"kind": "deadline", "deadline_at": ahead}).status_code == 409
    assert scene.reread(order).deadline_at is None


def test_more_time_after_the_end_is_noted_and_changes_nothing(shop: Shop) -> None:
    order = scene.in_status(shop, Status.EXPIRED)
    ahead = (timezone.now() + timedelta(days=3)).isoformat()
    answer = told(shop, order, {"kind": "deadline", "deadline_at": ahead})
    assert (answer.status_code, answer.json()["outcome"], answer.json()["status"]) == (201, "ignored", "expired")


WRONG: tuple[tuple[Any, str], ...] = (
    (None, "required"),
    ("tomorrow", "not_a_moment"),
    ("2030-01-01T00:00:00", "not_a_moment"),
    (1893456000, "not_a_moment"),
    ("9999-12-31T23:59:59-12:00", "too_late"),
    ("0001-01-01T00:00:00+14:00", "too_early"),
)


def test_a_deadline_that_is_no_moment_is_refused_by_pointer(
    shop: Shop, order: Order, subtests: pytest.Subtests
) -> None:
    for value, code in WRONG:
        with subtests.test(repr(value)):
            answer = told(shop, order, {"kind": "deadline", "deadline_at": value})
            assert problems(answer) == [("/deadline_at", code)]


def test_a_deadline_beside_other_news_is_not_heard(shop: Shop) -> None:
    order = scene.place(shop, deadline_at=datetime(2030, 1, 1, tzinfo=UTC))
    told(shop, order, {"kind": "started", "deadline_at": "2031-01-01T00:00:00Z"})
    assert scene.reread(order).deadline_at == datetime(2030, 1, 1, tzinfo=UTC)
