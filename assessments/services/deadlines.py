"""Deadlines, ours: where one comes from, and how either side puts it off. It never comes nearer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from assessments import topics
from assessments.errors import IllegalTransition
from assessments.lifecycle import OPEN, PENDING, Status
from assessments.models import AssessmentType, Order
from assessments.services import telling
from assessments.services.transitions import lock, touch
from assessments.zones import end_of_day, zone_of
from core import audit
from core.errors import ValidationFailed
from core.models import Candidate, User
from core.places import place


def usual(assessment_type: AssessmentType, candidate: Candidate) -> datetime | None:
    """The deadline of an order placed now: the end of the type's last day, by the candidate's clock; None for none."""
    if assessment_type.deadline_days is None:
        return None
    return end_of_day(timezone.now(), zone_of(candidate.time_zone), days=assessment_type.deadline_days)


def may_extend(order: Order) -> bool:
    """Whether there is a deadline, and the order can still go on: a failed one by being sent again."""
    return order.deadline_at is not None and Status(order.status) in OPEN


def problem_of(order: Order, deadline_at: datetime) -> dict[str, str] | None:
    """Why this would not put the order's deadline off, or None."""
    if order.deadline_at is None:
        message = "This order has no deadline; one would bring its end nearer."
    elif deadline_at <= max(order.deadline_at, timezone.now()):
        message = "A deadline is only put off: this is not later than it is, or past already."
    else:
        return None
    return place("/deadline_at", "not_later", message)


@transaction.atomic
def extend(order: Order, *, deadline_at: datetime, actor: User | str | None) -> Order:
    """Gives the candidate more time, and owes the partner `order.deadline_changed`, if it has the order.

    Raises IllegalTransition for an order that has ended or has no deadline, ValidationFailed for a moment that
    is not later.
    """
    lock(order)
    if not may_extend(order):
        message = f"The order is {order.status}: it cannot be given more time now."
        raise IllegalTransition(message, order_status=order.status)
    if problem := problem_of(order, deadline_at):
        raise ValidationFailed(problem["message"], problems=[problem])
    touch(order, deadline_at=deadline_at)
    audit.record(
        "order.deadline_extended",
        actor=actor,
        subject=order.public_id,
        organization=order.organization,
        deadline_at=deadline_at.isoformat(),
    )
    if Status(order.status) in PENDING:
        telling.news(order, topics.ORDER_DEADLINE_CHANGED)
    return order
