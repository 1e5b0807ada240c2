"""Candidates who have not started: partners are told when to remind them. By day, on working days, at most twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assessments import topics
from assessments.lifecycle import Status
from assessments.models import AssessmentType, Order
from assessments.services import telling
from assessments.services.replies import AboutOrders, order_of
from assessments.zones import out_of_quiet, quiet_from, zone_of
from core.models import Application, Candidate
from partners.delivery.readers import Window
from partners.models import Delivery, Installation, Partner

BATCH = 500
MOST = 2
# The candidate has not begun, and still can.
WAITING = (Status.REQUESTED.value, Status.SENT.value)


def first(assessment_type: AssessmentType, candidate: Candidate) -> dict[str, Any]:
    """The columns of an order that is sent now: none reminded yet, and when that is due."""
    return {"reminders": 0, "remind_at": _next_at(assessment_type, candidate)}


def remind_due() -> int:
    """Owes the partners `order.reminder_due`; returns for how many orders.

    Each in a transaction of its own, the longest due first, and so many at a time. What rests (a paused installation, a
    suspended partner, an application that is closed) stays due until it goes on.
    """
    due = Order.objects.filter(
        status__in=WAITING,
        remind_at__lte=timezone.now(),
        installation__status=Installation.Status.ACTIVE,
        application__status=Application.Status.ACTIVE,
    ).exclude(partner__status=Partner.Status.SUSPENDED)
    related = ("organization", "partner", "installation", "candidate", "assessment_type", "application__job")
    return sum(_remind(order) for order in due.select_related(*related).order_by("remind_at", "id")[:BATCH])


@transaction.atomic
def _remind(order: Order) -> bool:
    """Whether it was told. The conditional update is the claim: of two beats one finds the moment that it read."""
    now = timezone.now()
    heard = out_of_quiet(now, zone_of(order.candidate.time_zone))
    is_wanted, is_quiet = order.assessment_type.remind_after_days > 0, heard > now
    if not is_wanted or is_quiet:
        _claim(order, remind_at=heard if is_wanted else None)
        return False
    more = order.reminders + 1 < MOST
    remind_at = _next_at(order.assessment_type, order.candidate) if more else None
    if not _claim(order, remind_at=remind_at, reminders=F("reminders") + 1):
        return False
    telling.news(order, topics.ORDER_REMINDER_DUE, expires_at=quiet_from(now, zone_of(order.candidate.time_zone)))
    return True


class ReminderDue(AboutOrders):
    """One that was not delivered before the quiet hours waits for the next good hour, if it is wanted by then."""

    def next_window(self, delivery: Delivery) -> Window | None:
        order = order_of(delivery)
        if order is None or order.status not in WAITING or order.application.status != Application.Status.ACTIVE:
            return None
        zone = zone_of(order.candidate.time_zone)
        begins_at = out_of_quiet(max(timezone.now(), delivery.next_at), zone)
        return Window(begins_at=begins_at, ends_at=quiet_from(begins_at, zone))


def _claim(order: Order, **changes: Any) -> bool:
    rows = Order.objects.filter(pk=order.pk, status__in=WAITING, remind_at=order.remind_at)
    return bool(rows.update(**changes))


def _next_at(assessment_type: AssessmentType, candidate: Candidate) -> datetime | None:
    """So many days from now, in hours when the candidate may be bothered; None for never."""
    days = assessment_type.remind_after_days
    return out_of_quiet(timezone.now() + timedelta(days=days), zone_of(candidate.time_zone)) if days else None
