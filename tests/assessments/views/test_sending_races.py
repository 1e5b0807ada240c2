"""The same form sent twice at the same moment, on PostgreSQL: one order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test import Client

from assessments.models import Order
from core.models import Membership
from tests.assessments.scene import Shop
from tests.assessments.test_races import at_once
from tests.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "this race needs DATABASE_URL=postgresql://…"


def test_a_double_click_places_one_order(world: World, shop: Shop, signed_in: Callable[[Membership], Client]) -> None:
    path = f"/candidates/{world.ada.public_id}/send/{shop.assessment_type.public_id}"
    form = {"application": world.application.public_id, "field_language": "go"}
    browsers = [signed_in(world.recruiter) for _ in range(4)]
    deeds = [partial(browser.post, path, form) for browser in browsers]
    statuses = [answer.status_code for answer in at_once(*deeds)]
    assert sorted(statuses) == [302, 422, 422, 422]
    assert Order.objects.count() == 1
