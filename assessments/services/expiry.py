"""Orders whose deadline passed before a final result."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from assessments import topics
from assessments.lifecycle import PENDING, Trigger, Verdict
from assessments.models import Order
from assessments.services import telling
from assessments.services.transitions import lock, move

BATCH = 500
PASSED = "The deadline passed."


def expire_due() -> int:
    """Moves them to *expired* and owes their partners `order.expired`; returns how many.

    Each in a transaction of its own, the longest overdue first, and so many at a time: what is left is due again at
    the next call.
    """
    due = Order.objects.filter(status__in=PENDING, deadline_at__lte=timezone.now())
    rows = due.select_related("organization", "partner", "installation", "candidate", "assessment_type")
    return sum(_expire(order) for order in rows.order_by("deadline_at", "id")[:BATCH])


@transaction.atomic
def _expire(order: Order) -> bool:
    lock(order)
    if order.deadline_at is None or order.deadline_at > timezone.now():
        return False  # put off meanwhile
    if move(order, Trigger.EXPIRED, actor="beat", reason=PASSED).verdict is not Verdict.MOVED:
        return False
    telling.news(order, topics.ORDER_EXPIRED)
    return True
