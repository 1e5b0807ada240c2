"""Deadlines: what beat finds overdue ends, and its partner is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Order
from assessments.services import expiry
from assessments.tasks import expire_orders
from core.models import AuditRecord
from partners.models import Delivery, Event
from tests.assessments import scene
from tests.assessments.scene import Shop

pytestmark = pytest.mark.django_db


def overdue(shop: Shop) -> Order:
    order = scene.place(shop, deadline_at=timezone.now() + timedelta(hours=1))
    Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    return order


def test_an_overdue_order_expires_and_the_partner_is_told(shop: Shop) -> None:
    scene.endpoint(shop)
    order = overdue(shop)
    assert expiry.expire_due() == 1
    order = scene.reread(order)
    assert (order.status, order.reason) == ("expired", "The deadline passed.")
    topics = Event.objects.filter(subject=order.public_id).order_by("pk").values_list("topic", flat=True)
    assert list(topics) == ["order.placed", "order.expired"]
    states = Delivery.objects.filter(event__subject=order.public_id).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["withdrawn", "due"]
    assert AuditRecord.objects.get(subject=order.public_id, verb="order.expired").actor_label == "beat"


def test_expiring_twice_is_expiring_once(shop: Shop) -> None:
    overdue(shop)
    expire_orders()
    assert expiry.expire_due() == 0
    assert Event.objects.filter(topic="order.expired").count() == 1


def test_orders_without_a_deadline_and_before_it_stay(shop: Shop) -> None:
    scene.place(shop)
    scene.place(shop, deadline_at=timezone.now() + timedelta(hours=1))
    assert expiry.expire_due() == 0


def test_a_deadline_that_was_put_off_meanwhile_counts(shop: Shop) -> None:
    order = overdue(shop)
    stale = scene.reread(order)
    Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() + timedelta(hours=1))
    assert expiry._expire(stale) is False
    assert scene.reread(order).status == "requested"
