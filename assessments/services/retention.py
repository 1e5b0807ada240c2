"""How long results are kept: what partner, schema and organization say, what is over by that, and its purge.

Each says how long at most. So what any of them has over is due: the shorter always wins, and nothing is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from assessments.holdings import purged_columns
from assessments.lifecycle import PENDING
from assessments.models import AssessmentType, Backfill, LegalHold, Order, Result, ResultSchema, RetentionRule
from assessments.schemas.durations import Span, before, shortest, span_of
from assessments.services import emptying, feed, holds
from assessments.trails import Trail, naming, trail_of_orders
from core import audit
from core.models import Candidate, Organization, User

BATCH = 200
# What one call purges; the rest is due again at the next one.
MOST = 5_000
BEAT = "beat"
UNDECIDED = (Backfill.State.RECEIVED, Backfill.State.WAITING)

# The months that an organization keeps its results, by assessment type; None is the default. Months None: for good.
Rules = Mapping[int | None, int | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """What is over: ``orders`` completed, or ended otherwise, before ``until``; and back-fills told before it."""

    about: Q
    until: datetime
    #: Orders alone: those that had no schema when they were placed, and were answered by one since.
    answered: Q = field(default_factory=Q)

    @property
    def over(self) -> Q:
        """Of orders that have ended."""
        about = self.about | self.answered if self.answered else self.about
        return about & (Q(completed_at__lt=self.until) | Q(completed_at=None, updated_at__lt=self.until))

    def orders(self) -> QuerySet[Order]:
        return Order.objects.filter(self.over, purged_at=None).exclude(status__in=PENDING)

    def backfills(self) -> QuerySet[Backfill]:
        """Those that belong to no order: an order takes its own along."""
        return Backfill.objects.filter(self.about, order=None, purged_at=None, received_at__lt=self.until)


# --- Rules ----------------------------------------------------------------------------------------------------


def rules_of(organization: Organization) -> Rules:
    return dict(RetentionRule.objects.filter(organization=organization).values_list("assessment_type", "months"))


@transaction.atomic
def set_rules(organization: Organization, rules: Rules, *, actor: User) -> None:
    """These and no others. A type that is not among them follows the default."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    was = rules_of(organization)
    if dict(rules) == was:
        return
    RetentionRule.objects.filter(organization=organization).delete()
    RetentionRule.objects.bulk_create(
        RetentionRule(organization=organization, assessment_type_id=key, months=months) for key, months in rules.items()
    )
    names = dict(AssessmentType.objects.filter(pk__in=[key for key in rules if key]).values_list("pk", "public_id"))
    said = {names[key] if key else "default": months for key, months in rules.items()}
    audit.record("retention.set", actor=actor, subject=organization.public_id, organization=organization, months=said)


def limit_of(assessment_type: AssessmentType) -> str:
    """How long its partner lets a result be kept at most: by its terms and its newest schema; empty for no limit."""
    newest = assessment_type.result_schemas.filter(state=ResultSchema.State.PUBLISHED).order_by("-version").first()
    now = timezone.now()
    return shortest([assessment_type.retention, *(newest.retention.split() if newest else ())], now)


# --- What is over ---------------------------------------------------------------------------------------------


def due_everywhere() -> Iterator[Due]:
    """By every partner's words and every organization's rules."""
    now = timezone.now()
    yield from _by_partners(now, AssessmentType.objects.all())
    organizations = RetentionRule.objects.order_by().values_list("organization", flat=True).distinct()
    for key in organizations:
        rows = RetentionRule.objects.filter(organization=key)
        yield from _by_organization(key, dict(rows.values_list("assessment_type", "months")), now)


def preview(organization: Organization, rules: Rules) -> dict[int, int]:
    """How many results would go at the next purge with these rules, by assessment type; those on hold stay."""
    now, ordered = timezone.now(), organization.orders.values("assessment_type")
    types = AssessmentType.objects.filter(pk__in=ordered)
    dues = (*_by_partners(now, types), *_by_organization(organization.pk, rules, now))
    over = reduce(or_, (due.over for due in dues), Q(pk__in=[]))
    rows = _free(organization.orders.filter(over, purged_at=None).exclude(status__in=PENDING))
    return dict(rows.order_by().values_list("assessment_type").annotate(Count("pk")))


def _by_partners(now: datetime, types: QuerySet[AssessmentType]) -> Iterator[Due]:
    for key, text in types.exclude(retention="").values_list("pk", "retention"):
        yield from _due(Q(assessment_type=key), span_of(text), now)
    saying = ResultSchema.objects.filter(assessment_type__in=types).exclude(retention="").defer("text")
    for schema in saying.iterator():
        # The type first: by it there is an index.
        about = Q(assessment_type=schema.assessment_type_id, result_schema=schema.pk)
        by_it = Result.objects.filter(result_schema=schema.pk).values("order")
        answered = Q(assessment_type=schema.assessment_type_id, result_schema=None, pk__in=by_it)
        for due in _due(about, span_of(shortest(schema.retention.split(), now)), now):
            yield replace(due, answered=answered)


def _by_organization(organization: int, rules: Rules, now: datetime) -> Iterator[Due]:
    own = [key for key in rules if key is not None]
    for key, months in rules.items():
        if months is not None:
            types = Q(assessment_type=key) if key is not None else ~Q(assessment_type__in=own)
            yield from _due(Q(organization=organization) & types, Span(months=months), now)


def _due(about: Q, span: Span | None, now: datetime) -> Iterator[Due]:
    if span is not None and (until := before(now, span)) is not None:
        yield Due(about=about, until=until)


def _free(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Those on which no hold stands."""
    return rows.exclude(Exists(LegalHold.objects.filter(candidate=OuterRef("candidate"), lifted_at=None)))


# --- The purge ------------------------------------------------------------------------------------------------


def purge_due() -> int:
    """Deletes what orders and back-fills hold whose time is over; returns how many those were."""
    total = 0
    for due in due_everywhere():
        # What was put on hold, or taken by another purge, right now, is left for the next call.
        while total < MOST and (count := _purge_orders(due)):
            total += count
        for organization in due.backfills().order_by().values_list("organization", flat=True).distinct():
            while total < MOST and (count := _purge_backfills(due, organization)):
                total += count
    return total


def _purge_orders(due: Due) -> int:
    """A batch of one organization, in a transaction of its own."""
    keys = list(_free(due.orders()).order_by("organization", "pk").values_list("pk", "organization")[:BATCH])
    return _purge(due, [key for key, place in keys if place == keys[0][1]]) if keys else 0


@transaction.atomic
def _purge(due: Due, keys: Sequence[int]) -> int:
    """Candidates first, then orders, each in the order in which everybody takes several.

    So a hold that is placed at this moment is seen, or waits; and a result that arrives is purged with the others, or
    finds the order purged.
    """
    people = Order.objects.filter(pk__in=keys).values("candidate")
    list(Candidate.objects.filter(pk__in=people).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    rows = _free(due.orders().filter(pk__in=keys)).select_related("organization").order_by("public_id")
    orders = list(rows.select_for_update(no_key=True, of=("self",)))
    if not orders:
        return 0
    counts = emptying.purge(trail_of_orders({order.pk: order.public_id for order in orders}))
    mark = {**purged_columns(Order.Purge.RETENTION), **feed.changed()}
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(**mark)
    for order in orders:
        audit.record("order.purged", actor=BEAT, subject=order.public_id, organization=order.organization)
    _record("results.purged", orders[0].organization, **counts)
    return len(orders)


@transaction.atomic
def _purge_backfills(due: Due, organization: int) -> int:
    """A batch of one organization. Whom a row names is no reference, so holds are kept out by the organization."""
    place = Organization.objects.select_for_update(no_key=True).get(pk=organization)
    held = Candidate.objects.filter(organization=place, pk__in=holds.held_candidates())
    free = due.backfills().filter(organization=place).alias(address=Lower("email")).exclude(naming(list(held)))
    rows = free.order_by("pk").select_for_update(no_key=True, of=("self",), skip_locked=True)
    keys = tuple(rows.values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    counts = emptying.purge(Trail(backfills=keys))
    undecided = Backfill.objects.filter(pk__in=keys, state__in=UNDECIDED)
    undecided.update(state=Backfill.State.DISMISSED, decided_at=timezone.now())
    _record("backfills.purged", place, **counts)
    return len(keys)


def _record(verb: str, organization: Organization, **counts: int) -> None:
    audit.record(verb, actor=BEAT, subject=organization.public_id, organization=organization, **counts)
