"""A candidate's attempts at one assessment type: which counts, and what makes us ask before one more. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from assessments.lifecycle import PENDING, Status
from assessments.models import AssessmentType, Order, Result
from assessments.terms import Attempt, cool_down_until, the_one_that_counts, valid_until
from core.models import Candidate
from core.prepared import Prepared

# So many earlier orders are shown before a further one is placed.
MOST_SHOWN = 3


def valid_until_of(order: Order) -> datetime | None:
    """How long its result says something; None for good, and without a result."""
    done = _completed_at(order) if order.purged_at is None else None
    return valid_until(done, order.assessment_type.valid_months) if done else None


def cool_down_of(order: Order) -> datetime | None:
    """The end of the cool-down after it, if that is still to come."""
    done = _completed_at(order)
    until = cool_down_until(done, order.assessment_type.cool_down_days) if done else None
    return until if until and until > timezone.now() else None


def running_cool_down(candidate: Candidate, assessment_type: AssessmentType) -> datetime | None:
    """When the cool-down after the candidate's latest attempt ends, if that is still to come."""
    done = candidate.orders.filter(assessment_type=assessment_type, status=Status.COMPLETED)
    latest = done.select_related("assessment_type").order_by("-completed_at").first()
    return cool_down_of(latest) if latest else None


def equal_orders(candidate: Candidate, assessment_type: AssessmentType) -> Sequence[Order]:
    """At most three orders of this type that make another one doubtful, newest first.

    Those under way, those whose result is still valid, and those whose cool-down is not over.
    """
    rows = candidate.orders.filter(assessment_type=assessment_type, status__in=[*PENDING, Status.COMPLETED])
    newest = rows.select_related("placed_by", "assessment_type").order_by("-created_at", "-id")
    return list(islice(filter(_makes_doubtful, newest), MOST_SHOWN))


def counted(orders: Iterable[Order], role: str, *, among: Mapping[int, Result] | None = None) -> dict[int, bool]:
    """Of each completed order that has a rival, whether it is the attempt that counts; by order id. Of one whose result
    is deleted nothing is said, but it may be the one that counts.

    One query; none where the orders are all that their candidates have, and ``among`` their newest results.
    """
    completed = [order for order in orders if _completed_at(order)]
    done = [order for order in completed if order.purged_at is None]
    attempts = _attempts_beside(completed, role, among) if done else {}
    rules = {(order.candidate_id, order.assessment_type_id): order.assessment_type.counts for order in done}
    best = {
        key: the_one_that_counts(rivals, rules[key])
        for key, rivals in attempts.items()
        if key in rules and len(rivals) > 1
    }
    verdicts = {}
    for order in done:
        if chosen := best.get((order.candidate_id, order.assessment_type_id)):
            verdicts[order.pk] = chosen.order == order.pk
    return verdicts


def _attempts_beside(
    orders: Sequence[Order], role: str, results: Mapping[int, Result] | None
) -> dict[tuple[int, int], list[Attempt]]:
    """All attempts of the same candidates at the same types, by candidate and type, with the current score of each."""
    found = defaultdict(list)
    for candidate, kind, order, completed_at, purged_at, occurred_at, score, maximum, audience in (
        _asked(orders) if results is None else _at_hand(orders, results)
    ):
        attempt = Attempt(
            order=order,
            completed_at=completed_at or occurred_at,
            share=score / maximum if score is not None and maximum else score,
            is_hidden=bool(audience) and role not in audience.split(),
            is_purged=purged_at is not None,
        )
        found[candidate, kind].append(attempt)
    return found


def _asked(orders: Sequence[Order]) -> list[tuple[Any, ...]]:
    return _done.all(
        sorted({order.candidate_id for order in orders}), sorted({order.assessment_type_id for order in orders})
    )


def _at_hand(orders: Sequence[Order], results: Mapping[int, Result]) -> list[tuple[Any, ...]]:
    """The same columns."""
    scored = ((order, results[order.pk]) for order in orders if order.pk in results)
    return [
        (
            order.candidate_id,
            order.assessment_type_id,
            order.pk,
            order.completed_at,
            order.purged_at,
            result.occurred_at,
            result.score,
            result.score_maximum,
            result.score_audience,
        )
        for order, result in scored
    ]


def _done_by(candidates: list[int], kinds: list[int]) -> QuerySet[Result, tuple[Any, ...]]:
    newest = Result.objects.filter(order=OuterRef("order")).order_by("-revision").values("pk")[:1]
    rows = Result.objects.filter(
        order__candidate__in=candidates,
        order__assessment_type__in=kinds,
        order__status=Status.COMPLETED,
        pk=Subquery(newest),
    )
    theirs = ("order__candidate", "order__assessment_type", "order", "order__completed_at", "order__purged_at")
    return rows.values_list(*theirs, "occurred_at", "score", "score_maximum", "score_audience")


_done: Prepared[tuple[Any, ...]] = Prepared(_done_by)


def _makes_doubtful(order: Order) -> bool:
    if order.status != Status.COMPLETED or cool_down_of(order):
        return True
    if order.purged_at is not None:
        return False
    until = valid_until_of(order)
    return until is None or until > timezone.now()


def _completed_at(order: Order) -> datetime | None:
    return order.completed_at if order.status == Status.COMPLETED else None
