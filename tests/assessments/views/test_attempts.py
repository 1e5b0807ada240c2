"""What a candidate's profile says of several attempts, and of how long a result is valid."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from assessments.cards import card
from assessments.holdings import purged_columns
from assessments.models import AssessmentType, Order
from assessments.services import catalogue, emptying
from assessments.trails import trail_of_orders
from core.models import Membership
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World, make_application

SignIn = Callable[[Membership], Client]

pytestmark = pytest.mark.django_db


def completed(shop: Shop, score: int, *, day: int) -> Order:
    taken = datetime(2026, 11, day, 10, tzinfo=UTC)
    order = scene.place(shop)
    Order.objects.filter(pk=order.pk).update(created_at=taken)
    order = scene.reread(order)
    scene.post(order, {"score": score}, occurred_at=taken)
    return scene.reread(order)


def said_of(order: Order, page: str) -> str:
    """The words about attempts and validity on the order's card."""
    card = page[page.index(f'id="card-{order.public_id}"') :]
    card = card[: card.index("</article>")]
    found = re.search(r'<p class="row small soft">(.*?)</p>', card, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def profile(browser: Client, world: World) -> str:
    return browser.get(f"/candidates/{world.ada.public_id}").content.decode()


@pytest.mark.parametrize(
    ("rule", "counts"),
    [("best", 1), ("latest", 2), ("first", 0)],
)
def test_of_several_attempts_the_profile_says_which_counts(
    world: World, shop: Shop, signed_in: SignIn, rule: str, counts: int
) -> None:
    AssessmentType.objects.update(counts=rule)
    attempts = [completed(shop, score, day=day) for score, day in ((60, 2), (90, 5), (70, 9))]
    scene.place(shop)
    page = profile(signed_in(world.interviewer), world)
    words = f"The {rule} attempt counts."
    expected = [f"Does not count {words}"] * 3
    expected[counts] = f"Counts {words}"
    assert [said_of(order, page) for order in attempts] == expected


@pytest.mark.parametrize(("rule", "purged", "counts"), [("first", 0, None), ("latest", 2, None), ("best", 1, 2)])
def test_an_attempt_whose_result_is_deleted_is_the_first_or_the_latest_still(
    world: World, shop: Shop, signed_in: SignIn, rule: str, purged: int, counts: int | None
) -> None:
    AssessmentType.objects.update(counts=rule)
    attempts = [completed(shop, score, day=day) for score, day in ((60, 2), (90, 5), (70, 9))]
    emptying.purge(trail_of_orders({attempts[purged].pk: attempts[purged].public_id}))
    Order.objects.filter(pk=attempts[purged].pk).update(**purged_columns(Order.Purge.RETENTION))
    browser, words = signed_in(world.interviewer), f"The {rule} attempt counts."
    expected = [f"Does not count {words}"] * 3
    expected[purged] = ""
    if counts is not None:
        expected[counts] = f"Counts {words}"
    page = profile(browser, world)
    assert [said_of(order, page) for order in attempts] == expected
    alone = {order.pk: card(order, world.interviewer).counts for order in map(scene.reread, attempts)}
    assert [alone[order.pk] for order in attempts] == [
        None if number == purged else number == counts for number in range(3)
    ]


def test_an_amendment_can_change_which_attempt_is_the_best(world: World, shop: Shop, signed_in: SignIn) -> None:
    AssessmentType.objects.update(counts="best")
    good, better = completed(shop, 60, day=2), completed(shop, 90, day=5)
    scene.post(better, {"score": 10}, kind="amended", reason="Scored for somebody else.")
    page = profile(signed_in(world.recruiter), world)
    assert said_of(good, page) == "Counts The best attempt counts."
    assert said_of(better, page) == "Does not count The best attempt counts."


def test_one_attempt_alone_and_those_of_others_are_not_compared(
    world: World, shop: Shop, sneak: Shop, signed_in: SignIn
) -> None:
    alone = completed(shop, 60, day=2)
    scene.post(scene.place(shop, application=make_application(world.bram, world.stages[0])), {"score": 99})
    scene.post(scene.place(sneak), {"score": 99})
    assert said_of(alone, profile(signed_in(world.recruiter), world)) == ""
    assert signed_in(world.mallory).get(f"/candidates/{world.ada.public_id}").status_code == 404


def test_who_may_not_see_the_scores_does_not_learn_which_was_best(world: World, shop: Shop, signed_in: SignIn) -> None:
    schema: dict[str, Any] = json.loads(json.dumps(scene.RESULT_SCHEMA))
    schema["properties"]["score"]["x-audience"] = ["admin"]
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))
    AssessmentType.objects.update(counts="best")
    first, second = completed(shop, 60, day=2), completed(shop, 90, day=5)
    seen = profile(signed_in(world.admin), world)
    assert [said_of(order, seen)[:14] for order in (first, second)] == ["Does not count", "Counts The bes"]
    unseen = profile(signed_in(world.recruiter), world)
    assert [said_of(order, unseen) for order in (first, second)] == ["", ""]


def test_a_result_is_valid_for_so_many_months_and_then_no_longer(world: World, shop: Shop, signed_in: SignIn) -> None:
    AssessmentType.objects.update(valid_months=6)
    order = completed(shop, 60, day=2)
    with time_machine.travel(datetime(2027, 5, 2, 9, 59, tzinfo=UTC), tick=False):
        assert said_of(order, profile(signed_in(world.recruiter), world)) == "Valid until 2 May 2027"
    with time_machine.travel(datetime(2027, 5, 2, 10, 0, tzinfo=UTC), tick=False):
        assert said_of(order, profile(signed_in(world.recruiter), world)) == "No longer valid since 2 May 2027"


def test_an_order_under_way_has_no_validity(world: World, shop: Shop, signed_in: SignIn) -> None:
    AssessmentType.objects.update(valid_months=6)
    assert said_of(scene.place(shop), profile(signed_in(world.recruiter), world)) == ""
