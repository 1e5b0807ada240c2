"""The feed of orders while they are being changed, on PostgreSQL: each change is seen, none before its commit."""

from __future__ import annotations

import pytest
from django.db import connection

from assessments.models import Order
from assessments.services import feed
from tests.assessments import scene
from tests.assessments.api.test_order_feed import Reader
from tests.assessments.scene import Shop
from tests.partners.delivery.test_feed_races import held_open

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


def test_a_change_that_is_not_committed_yet_is_not_missed(shop: Shop) -> None:
    reader = Reader(shop.api())
    slow, quick = scene.place(shop), scene.place(shop)
    assert len(reader.look()) == 2
    with held_open(lambda: scene.tell(slow, "started")):
        scene.tell(quick, "accepted")
        assert reader.look() == [(quick.public_id, "sent")]
        assert reader.look() == []
    assert reader.look() == [(slow.public_id, "started")]


def test_a_change_while_it_waits_for_its_number_is_seen_once(shop: Shop) -> None:
    reader = Reader(shop.api())
    order, other = scene.place(shop), scene.place(shop)
    # Both have no position; one is being changed at the moment of the numbering, which steps around it.
    with held_open(lambda: scene.tell(order, "started")):
        assert feed.assign() == 1
        assert reader.look() == [(other.public_id, "requested")]
    assert reader.look() == [(order.public_id, "started")]
    assert not Order.objects.filter(position=None).exists()
