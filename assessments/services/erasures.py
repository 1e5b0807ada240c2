"""Erasing a candidate: in one transaction everything about the person goes, a row without a name stays, and every
partner that knew them is told and acknowledges. Files and traces in logs follow after the commit (services.traces).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from assessments.holdings import KINDS, purged_columns
from assessments.lifecycle import OPEN
from assessments.models import Backfill, Erasure, ErasureNotice, Order
from assessments.services import emptying, feed, holds, receipts, telling
from assessments.services.orders import cancel
from assessments.trails import Trail, named_backfills, telling_words, traces_of, trail_of
from core import audit
from core.models import Application, Candidate, User
from core.secrets import encrypt
from partners.models import Installation

UNDECIDED = (Backfill.State.RECEIVED, Backfill.State.WAITING)


@transaction.atomic
def erase(candidate: Candidate, *, ground: str, reference: str = "", actor: User | str) -> Erasure:
    """Deletes what is held about the candidate, and owes each partner that had orders for them `candidate.erased`.

    Open orders are cancelled first. ``reference`` is the organization's own id of the request, and stays: it may name
    nobody. Twice is the same erasure. Raises UnderLegalHold.
    """
    # Results without an order before candidates, those before orders: as everybody takes them.
    named = named_backfills(candidate)
    list(named.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))
    row = holds.held(candidate)
    if known := Erasure.objects.filter(candidate=row).first():
        return known
    holds.check(row)
    orders = _orders(row)
    for order in orders:
        if order.status in OPEN:
            cancel(order, actor=actor)
    trail = trail_of(row, named)
    traces = {"traces": asdict(traces_of(row, trail)), "addressed_by": _addressing(trail)}
    erasure = Erasure.objects.create(
        organization=row.organization,
        candidate=row,
        ground=ground,
        reference=reference,
        asked_by=actor if isinstance(actor, User) else None,
        traced_by=encrypt(json.dumps(traces)),
    )
    notices = _notices(erasure, orders)
    erasure.counts = _delete(row, trail, erasure)
    erasure.digest = receipts.digest_of(erasure, notices)
    erasure.save(update_fields=["counts", "digest"])
    _record(erasure, orders, actor)
    _tell(erasure, notices)
    return erasure


@transaction.atomic
def acknowledge(notice: ErasureNotice, *, erased_at: datetime | None, message: str, actor: str) -> ErasureNotice:
    """The partner says that it erased what it held, and when. The first word counts; told again, nothing changes."""
    row = ErasureNotice.objects.select_for_update(no_key=True, of=("self",)).get(pk=notice.pk)
    if row.acknowledged_at is None:
        row.acknowledged_at = timezone.now()
        row.erased_at, row.message = erased_at or row.acknowledged_at, message
        row.save(update_fields=["acknowledged_at", "erased_at", "message"])
        audit.record(
            "erasure.acknowledged",
            actor=actor,
            subject=notice.erasure.public_id,
            organization=notice.erasure.organization,
            installation=notice.installation.public_id,
            erased_at=row.erased_at.isoformat(),
        )
    notice.refresh_from_db(fields=["acknowledged_at", "erased_at", "message"])
    return notice


def empty_backfills(rows: QuerySet[Backfill]) -> int:
    """What slipped in while an erasure was under way; returns how many rows."""
    keys = tuple(rows.filter(purged_at=None).values_list("pk", flat=True))
    if keys:
        [kind] = [kind for kind in KINDS if kind.model is Backfill]
        _dismiss(keys)
        emptying.empty(Trail(backfills=keys), [kind])
    return len(keys)


def _orders(candidate: Candidate) -> list[Order]:
    related = ("organization", "partner", "installation__organization", "installation__partner", "assessment_type")
    rows = Order.objects.filter(candidate=candidate).select_related(*related, "application__job")
    orders = list(rows.order_by("public_id").select_for_update(no_key=True, of=("self",)))
    for order in orders:
        order.candidate = candidate
    return orders


def _addressing(trail: Trail) -> list[str]:
    """The partners that named the candidate by an address, and must not learn whose it was."""
    rows = Backfill.objects.filter(Q(pk__in=trail.backfills) | Q(order__in=trail.orders)).exclude(email="")
    return list(rows.order_by().values_list("partner__public_id", flat=True).distinct())


def _notices(erasure: Erasure, orders: Iterable[Order]) -> list[ErasureNotice]:
    """One for each partner that knew of an order; whoever named an address must not learn whose it is (adr/0007)."""
    known: dict[Installation, list[str]] = defaultdict(list)
    for order in orders:
        if order.is_told:
            known[order.installation].append(order.public_id)
    return ErasureNotice.objects.bulk_create(
        ErasureNotice(erasure=erasure, installation=installation, partner=installation.partner, orders=ids)
        for installation, ids in known.items()
    )


def _delete(candidate: Candidate, trail: Trail, erasure: Erasure) -> dict[str, int]:
    """Returns how many rows and files, by kind."""
    _dismiss(trail.backfills)
    resume = [candidate.resume.name] if candidate.resume else []
    _empty_references(candidate, trail)
    counts = emptying.empty(trail, KINDS)
    files = emptying.doom(resume) + counts.get("attachments", 0)
    Candidate.objects.filter(pk=candidate.pk).update(erased_at=erasure.erased_at)
    mark, orders = purged_columns(Order.Purge.ERASURE), Order.objects.filter(pk__in=trail.orders)
    orders.filter(purged_at=None).update(**mark)
    orders.update(**feed.changed())
    open_ones = Application.objects.filter(candidate=candidate, status=Application.Status.ACTIVE)
    open_ones.update(status=Application.Status.WITHDRAWN)
    return {**counts, "applications": len(trail.application_ids), "files": files}


def _empty_references(candidate: Candidate, trail: Trail) -> None:
    """A partner's own id of what it took stays with an address, but not where it is made of the name."""
    telling = reduce(or_, (Q(reference__icontains=word) for word in telling_words(candidate)), Q(pk=None))
    rows = Backfill.objects.filter(Q(pk__in=trail.backfills) | Q(order__in=trail.orders))
    rows.filter(telling).update(reference="")


def _dismiss(keys: tuple[int, ...]) -> None:
    undecided = Backfill.objects.filter(pk__in=keys, state__in=UNDECIDED)
    undecided.update(state=Backfill.State.DISMISSED, decided_at=timezone.now())


def _tell(erasure: Erasure, notices: Iterable[ErasureNotice]) -> None:
    for notice in notices:
        if not telling.erased(erasure, notice.installation):
            ErasureNotice.objects.filter(pk=notice.pk).update(is_told=False)


def _record(erasure: Erasure, orders: Iterable[Order], actor: User | str) -> None:
    """The digest of what the receipt states is sealed with this record."""
    for order in orders:
        audit.record("order.erased", actor=actor, subject=order.public_id, organization=erasure.organization)
    audit.record(
        "candidate.erased",
        actor=actor,
        subject=erasure.candidate.public_id,
        organization=erasure.organization,
        erasure=erasure.public_id,
        digest=erasure.digest,
    )
