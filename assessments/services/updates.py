"""What is told about an Order is a row here, whatever becomes of it; then it moves the order, if the table lets it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.errors import OrderPurged
from assessments.lifecycle import PENDING, Status, Trigger, Verdict
from assessments.models import Order, OrderUpdate
from assessments.schemas.canonical import digest
from assessments.services import cancellation, deadlines, telling
from assessments.services.transitions import lock, move, touch
from core.api.parsing import JSON_LIMIT
from core.instances import fresh
from core.places import place

Kind = OrderUpdate.Kind
Outcome = OrderUpdate.Outcome
Source = OrderUpdate.Source

# What each kind does to the life of the order. Progress and notes do nothing; results have a module of their own.
TRIGGERS: dict[str, Trigger] = {
    Kind.ACCEPTED: Trigger.ACCEPTED,
    Kind.DECLINED: Trigger.DECLINED,
    Kind.STARTED: Trigger.STARTED,
    Kind.CANCELLED: Trigger.CANCELLED,
    Kind.EXPIRED: Trigger.EXPIRED,
}
OUTCOMES: dict[Verdict, Outcome] = {
    Verdict.MOVED: Outcome.APPLIED,
    Verdict.STALE: Outcome.IGNORED,
    Verdict.KEPT: Outcome.IGNORED,
    Verdict.ILLEGAL: Outcome.REFUSED,
}
VOID_LINK = place(
    "/candidate_url", "void_link", "This link went to an address that the candidate no longer has. Make a new one."
)
_ENDS_WITH_WORDS = frozenset({Kind.DECLINED, Kind.CANCELLED, Kind.EXPIRED})


@transaction.atomic
def record(
    order: Order,
    *,
    kind: str,
    occurred_at: datetime | None,
    raw: bytes,
    source: str = Source.PARTNER,
    note: str = "",
    progress: int | None = None,
    reference: str = "",
    candidate_url: str = "",
    message: str = "",
    deadline_at: datetime | None = None,
    body: str = "",
    request_id: str = "",
) -> OrderUpdate:
    """Stores what was told and does what it says; the outcome is in the row.

    ``occurred_at`` is None where nobody said when: then it is now. ``body`` is a print of the bytes, where other bytes
    are to be another row although they say the same.

    The same told twice is one row. It is decided again all the same: mostly in vain, but after a *resend* the same
    acceptance is news, and so is an answer to a cancellation after another one, if nobody said that it is an old one.
    *Illegal* is a row with the outcome *refused*, not an exception, so that it commits. Raises OrderPurged: of such an
    order nothing is kept.
    """
    lock(order)
    if order.purged_at is not None:
        raise OrderPurged
    words = {"note": note, "message": message, "reference": reference, "candidate_url": candidate_url}
    told: dict[str, Any] = {"kind": str(kind), **{name: text for name, text in words.items() if text}}
    if body:
        told["body"] = body
    if progress is not None:
        told["progress"] = progress
    if deadline_at is not None:
        told["deadline_at"] = deadline_at.isoformat()
    row = prepared(order, told, occurred_at, raw=raw, source=source, request_id=request_id)
    if occurred_at is None and not is_new(row) and cancellation.is_answered_anew(order, kind):
        row = unsaved(order, told, timezone.now(), raw=raw, source=source, request_id=request_id)
    if candidate_url and _is_void(order, candidate_url):
        if (is_new(row) or row.outcome == Outcome.REFUSED) and telling.hears_news(order):
            row.problems = [VOID_LINK]
            keep(row, Outcome.REFUSED)
            return row
        # Who was never told of the new address is not to blame; and what was told before is no news.
        words["candidate_url"] = ""
    outcome = _put_off(row, deadline_at) if deadline_at is not None else _apply(row, words, progress)
    keep(row, outcome)
    return row


def prepared(
    order: Order,
    told: dict[str, Any],
    occurred_at: datetime | None,
    *,
    raw: bytes,
    source: str = Source.PARTNER,
    request_id: str = "",
) -> OrderUpdate:
    """The row for this, not saved yet; or the saved one, if the same was told before. The order must be locked.

    ``told`` is the normalised update without its moment. A moment that nobody told is not part of the digest: the
    same call sent again would differ by nothing else.
    """
    row = unsaved(order, told, occurred_at, raw=raw, source=source, request_id=request_id)
    known = OrderUpdate.objects.filter(order=order, digest=row.digest).first()
    if known is not None:
        known.order = order
    return known or row


def unsaved(
    order: Order,
    told: dict[str, Any],
    occurred_at: datetime | None,
    *,
    raw: bytes,
    source: str = Source.PARTNER,
    request_id: str = "",
) -> OrderUpdate:
    """The row for this, whether or not the same was told before."""
    if occurred_at is not None:
        told = {**told, "occurred_at": occurred_at.isoformat()}
    return fresh(
        OrderUpdate,
        organization_id=order.organization_id,
        order=order,
        kind=told["kind"],
        source=source,
        raw=raw[:JSON_LIMIT],
        normalised=json.dumps(told, ensure_ascii=False),
        digest=digest(told),
        request_id=request_id,
        occurred_at=occurred_at or timezone.now(),
    )


def is_new(row: OrderUpdate) -> bool:
    """Whether :func:`prepared` made it."""
    return row._state.adding


def keep(row: OrderUpdate, outcome: Outcome) -> None:
    """Saves what was told. What was told before is written again only if it counts now and did not then."""
    if is_new(row) or (outcome == Outcome.APPLIED and row.outcome != outcome):
        row.outcome = outcome
        row.save()


def _apply(row: OrderUpdate, words: dict[str, str], progress: int | None) -> Outcome:
    trigger = TRIGGERS.get(row.kind)
    if is_new(row) and (answer := cancellation.answered(row.order, row.kind, words["message"] or words["note"])):
        touch(row.order, **answer)
        return Outcome.APPLIED
    if row.kind == Kind.CANCEL_REFUSED:
        return _refused_without_being_asked(row)
    if trigger is None:
        return _note(row, progress)
    transition = move(row.order, trigger, actor=_actor(row), **_changes(row, words, progress))
    if transition.verdict is not Verdict.MOVED and is_new(row) and _fill_in(row.order, words):
        return Outcome.APPLIED
    return OUTCOMES[transition.verdict]


def _is_void(order: Order, link: str) -> bool:
    """Whether it was told before the candidate's address changed."""
    # Read again: the order may have been read before the change.
    until = Order.objects.values_list("links_void_until", flat=True).get(pk=order.pk)
    if until is None:
        return False
    told = order.updates.filter(pk__lte=until, normalised__contains='"candidate_url"')
    return any(json.loads(said).get("candidate_url") == link for said in told.values_list("normalised", flat=True))


def _put_off(row: OrderUpdate, deadline_at: datetime) -> Outcome:
    """The partner gives the candidate more time; less is refused, and so is an end where there was none."""
    if not is_new(row) or Status(row.order.status) not in PENDING:
        return Outcome.IGNORED
    if problem := deadlines.problem_of(row.order, deadline_at):
        row.problems = [problem]
        return Outcome.REFUSED
    touch(row.order, deadline_at=deadline_at)
    return Outcome.APPLIED


def _refused_without_being_asked(row: OrderUpdate) -> Outcome:
    """An answer to what nobody asked contradicts the order; one that was heard before changes nothing."""
    return Outcome.REFUSED if is_new(row) else Outcome(row.outcome)


def _actor(row: OrderUpdate) -> str:
    return row.order.partner.public_id


def _changes(row: OrderUpdate, words: dict[str, str], progress: int | None) -> dict[str, Any]:
    changes: dict[str, Any] = {name: words[name] for name in ("reference", "candidate_url") if words[name]}
    if progress is not None:
        changes["progress"] = progress
    if row.kind == Kind.STARTED:
        changes["started_at"] = row.occurred_at
    if row.kind in _ENDS_WITH_WORDS:
        changes["reason"] = (words["message"] or words["note"])[:500]
    return changes


def _fill_in(order: Order, words: dict[str, str]) -> bool:
    """An acceptance that moves nothing still brings the partner's own id, where we have none, and the candidate's page.

    The newest page counts: an older one may be void, because it went to an old address. Whether that changed an order
    that is under way.
    """
    changes = {"candidate_url": words["candidate_url"]} if words["candidate_url"] else {}
    if words["reference"] and not order.reference:
        changes["reference"] = words["reference"]
    if changes:
        touch(order, **changes)
    return bool(changes) and Status(order.status) in PENDING


def _note(row: OrderUpdate, progress: int | None) -> Outcome:
    """A note is always welcome. Progress is, as long as the order is under way and it is the latest."""
    if not is_new(row):
        return Outcome.IGNORED
    if row.kind == Kind.PROGRESS and not _is_latest_progress(row):
        return Outcome.IGNORED
    under_way = progress is not None and Status(row.order.status) in PENDING
    touch(row.order, **({"progress": progress} if under_way else {}))
    return Outcome.APPLIED


def _is_latest_progress(row: OrderUpdate) -> bool:
    if Status(row.order.status) not in PENDING:
        return False
    later = OrderUpdate.objects.filter(order=row.order, kind=Kind.PROGRESS, occurred_at__gt=row.occurred_at)
    return not later.exists()
