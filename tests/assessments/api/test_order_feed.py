"""The feed of orders by API: each once, at its latest change, for whoever goes on from its ``next_since``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import expiry, feed, orders
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import Api, Shop
from tests.world import World

pytestmark = pytest.mark.django_db

BEGINNING = "2000-01-01T00:00:00Z"


class Reader:
    """A partner's program that keeps its ``next_since``."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._since = BEGINNING

    def look(self, **query: str) -> list[tuple[str, str]]:
        """Id and status of what changed since the last look, page by page."""
        feed.assign()
        found: list[tuple[str, str]] = []
        while True:
            answer = self._api.get("orders", since=self._since, limit="2", **query)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            found += [(row["id"], row["status"]) for row in page["data"]]
            self._since = page["next_since"]
            if page["next_cursor"] is None:
                return found


@pytest.fixture
def reader(shop: Shop) -> Reader:
    return Reader(shop.api())


def expire(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))
    expiry.expire_due()


CHANGES: dict[str, Callable[[Order], object]] = {
    "accepted": lambda order: scene.tell(order, "accepted", reference="CF-1"),
    "declined": lambda order: scene.tell(order, "declined", message="No seats left."),
    "started": lambda order: scene.tell(order, "started"),
    "progress": lambda order: scene.tell(order, "progress", progress=40),
    "note": lambda order: scene.tell(order, "note", note="The second of five parts."),
    "partial": lambda order: scene.post(order, kind="partial"),
    "final": scene.post,
    "rejected": lambda order: scene.post(order, {"score": "many"}),
    "cancelled": lambda order: orders.cancel(order, actor="tests"),
    "resent": lambda order: orders.resend(order, actor="tests"),
    "expired": expire,
    "given up": scene.give_up,
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_brings_the_order_again(shop: Shop, reader: Reader, order: Order, change: str) -> None:
    other = scene.place(shop)
    assert [found for found, _ in reader.look()] == [order.public_id, other.public_id]
    CHANGES[change](order)
    assert reader.look() == [(order.public_id, scene.reread(order).status)]
    assert reader.look() == []


def test_an_order_that_changed_often_comes_once_at_its_latest_change(shop: Shop, reader: Reader, order: Order) -> None:
    others = [scene.place(shop) for _ in range(3)]
    scene.tell(order, "accepted")
    feed.assign()
    scene.tell(order, "started")
    assert reader.look() == [*((row.public_id, "requested") for row in others), (order.public_id, "started")]


def test_who_was_away_for_a_week_begins_at_a_moment(shop: Shop, order: Order) -> None:
    changed = scene.in_status(shop, Status.STARTED)
    feed.assign()
    Order.objects.filter(pk=order.pk).update(updated_at=timezone.now() - timedelta(days=8))
    week = (timezone.now() - timedelta(days=7)).isoformat()
    first = shop.api().get("orders", since=week).json()
    assert [row["id"] for row in first["data"]] == [changed.public_id]
    assert shop.api().get("orders", since=first["next_since"]).json()["data"] == []


def test_filters_narrow_it(shop: Shop, reader: Reader, order: Order) -> None:
    started = scene.in_status(shop, Status.STARTED)
    assert reader.look(status="started", installation=shop.installation.public_id) == [(started.public_id, "started")]
    assert Reader(shop.api()).look(installation="ins_x") == []


def test_a_place_in_one_feed_or_list_is_none_in_another(shop: Shop, order: Order) -> None:
    scene.place(shop)
    feed.assign()
    api = shop.api()
    page, listed = api.get("orders", since=BEGINNING, limit="1").json(), api.get("orders", limit="1").json()
    assert api.get("orders", cursor=page["next_cursor"]).json()["code"] == "invalid_cursor"
    assert api.get("orders", since=BEGINNING, cursor=listed["next_cursor"]).json()["code"] == "invalid_cursor"
    assert api.get("events", since=page["next_since"]).status_code == 422


def test_what_a_pause_hid_comes_when_it_ends(shop: Shop, reader: Reader, order: Order, world: World) -> None:
    there = installations.install(shop.partner, world.globex, scopes=["orders:read"], actor="tests")
    elsewhere = scene.place(shop, installation=there, application=world.globex_application)
    installations.pause(shop.installation, actor="tests")
    assert reader.look() == [(elsewhere.public_id, "requested")]
    installations.resume(shop.installation, actor="tests")
    assert reader.look() == [(order.public_id, "requested")]


def test_what_another_consent_lets_out_comes_again(shop: Shop, reader: Reader, order: Order, world: World) -> None:
    reader.look()
    installations.install(shop.partner, world.acme, scopes=["candidates.name:read"], actor="tests")
    assert reader.look() == []
    installations.install(shop.partner, world.acme, scopes=["orders:read"], actor="tests")
    assert reader.look() == [(order.public_id, "requested")]


def test_what_was_removed_is_gone_from_it(shop: Shop, reader: Reader, order: Order) -> None:
    installations.remove(shop.installation, actor="tests")
    assert reader.look() == []


def test_another_partner_and_another_installation_see_nothing(
    shop: Shop, sneak: Shop, order: Order, world: World
) -> None:
    there = installations.install(shop.partner, world.globex, scopes=["orders:read"], actor="tests")
    assert Reader(sneak.api()).look() == []
    assert Reader(shop.api(of=there)).look() == []
    assert Reader(shop.api(of=shop.installation)).look() == [(order.public_id, "requested")]


def test_a_page_costs_the_same_however_deep(shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        scene.place(shop)
    feed.assign()
    api = shop.api()
    since: Any = api.get("orders", since=BEGINNING, limit="2").json()["next_since"]
    # The token, the end of the feed, the page, the request log.
    with django_assert_num_queries(4):
        assert len(api.get("orders", since=since).json()["data"]) == 3
