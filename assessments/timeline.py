"""Everything exchanged about one Order on one line of time, for the order's page and for support. Reads only.

Shapes: :class:`Entry` values, oldest first. Raw forms (what was sent and answered, byte for byte) are filled in
for admins and support alone; everybody else sees the same entries without them.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from assessments.models import Order, OrderUpdate
from core.models import AuditRecord
from partners.models import Attempt, Delivery, Event

TONES = {
    OrderUpdate.Outcome.APPLIED: "good",
    OrderUpdate.Outcome.IGNORED: "neutral",
    OrderUpdate.Outcome.REFUSED: "fair",
    OrderUpdate.Outcome.REJECTED: "poor",
}
DELIVERY_TONES = {
    Delivery.State.DELIVERED: "good",
    Delivery.State.DUE: "neutral",
    Delivery.State.WITHDRAWN: "neutral",
    Delivery.State.REFUSED: "poor",
    Delivery.State.UNCLEAR: "fair",
    Delivery.State.GIVEN_UP: "poor",
}
# Acts of people and of beat that have no update or event of their own.
AUDIT_SENTENCES = {
    "order.placed": "Sent by {who}",
    "order.cancelled": "Cancelled by {who}",
    "order.resent": "Sent again by {who}",
    "order.confirmed": "{who} confirmed that the partner has it",
    "order.expired": "The deadline passed",
    "order.failed": "It could not be brought to the partner",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """One attempt of a delivery."""

    number: int
    at: datetime.datetime
    summary: str
    duration_ms: int
    outcome: str
    raw: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line: when, what in a sentence, and whatever belongs below it."""

    at: datetime.datetime
    kind: str
    title: str
    tone: str = "neutral"
    note: str = ""
    reference: str = ""
    state: str = ""
    next_at: datetime.datetime | None = None
    tries: tuple[Try, ...] = ()
    problems: tuple[dict[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = field(default=())
    normalised: str = ""
    raw: str = ""


def timeline(order: Order, *, with_raw: bool) -> list[Entry]:
    """All entries about the order, oldest first; a fixed number of queries."""
    entries = [
        *_audit_entries(order),
        *_event_entries(order, with_raw=with_raw),
        *_update_entries(order, with_raw=with_raw),
        *_attachment_entries(order),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _audit_entries(order: Order) -> Iterator[Entry]:
    records = AuditRecord.objects.filter(subject=order.public_id, verb__in=AUDIT_SENTENCES).select_related("actor")
    for record in records:
        who = str(record.actor or record.actor_label or "the system")
        yield Entry(at=record.occurred_at, kind="deed", title=AUDIT_SENTENCES[record.verb].format(who=who))


def _event_entries(order: Order, *, with_raw: bool) -> Iterator[Entry]:
    events = Event.objects.filter(subject=order.public_id).prefetch_related("deliveries__attempts")
    for event in events:
        deliveries = list(event.deliveries.all())
        if not deliveries:
            yield _waiting_entry(event, with_raw=with_raw)
        for delivery in deliveries:
            yield _delivery_entry(event, delivery, with_raw=with_raw)


def _waiting_entry(event: Event, *, with_raw: bool) -> Entry:
    """An event without an endpoint: the partner asks for it by itself."""
    return Entry(
        at=event.created_at,
        kind="event",
        title=f"{event.topic} waits in the partner’s queue",
        reference=event.public_id,
        raw=event.body if with_raw else "",
    )


def _delivery_entry(event: Event, delivery: Delivery, *, with_raw: bool) -> Entry:
    return Entry(
        at=event.created_at,
        kind="delivery",
        title=f"{event.topic} to the partner",
        tone=DELIVERY_TONES[Delivery.State(delivery.state)],
        note=delivery.note,
        reference=event.public_id,
        state=delivery.get_state_display(),
        next_at=delivery.next_at if delivery.state == Delivery.State.DUE else None,
        tries=tuple(_try(attempt, with_raw=with_raw) for attempt in delivery.attempts.all()),
        raw=event.body if with_raw else "",
    )


def _try(attempt: Attempt, *, with_raw: bool) -> Try:
    summary = f"answered {attempt.status}" if attempt.status else attempt.failure.replace("_", " ")
    return Try(
        number=attempt.number,
        at=attempt.started_at,
        summary=summary,
        duration_ms=attempt.duration_ms,
        outcome=attempt.outcome.replace("_", " "),
        raw=bytes(attempt.reply_body).decode("utf-8", "replace") if with_raw else "",
    )


def _update_entries(order: Order, *, with_raw: bool) -> Iterator[Entry]:
    for update in order.updates.all():
        said = json.loads(update.normalised)
        yield Entry(
            at=update.received_at,
            kind="update",
            title=_update_title(update),
            tone=TONES[OrderUpdate.Outcome(update.outcome)],
            note=str(said.get("note") or said.get("message") or said.get("reason") or ""),
            reference=update.public_id,
            state=update.get_outcome_display(),
            problems=tuple(update.problems) if with_raw else (),
            normalised=json.dumps(said, ensure_ascii=False, indent=2) if with_raw else "",
            raw=bytes(update.raw).decode("utf-8", "replace") if with_raw else "",
        )


def _update_title(update: OrderUpdate) -> str:
    said_by = {
        OrderUpdate.Source.PARTNER: "The partner reported",
        OrderUpdate.Source.RECEIPT: "The partner’s reply said",
        OrderUpdate.Source.PERSON: "A person noted",
    }[OrderUpdate.Source(update.source)]
    return f"{said_by}: {update.get_kind_display().lower()}"


def _attachment_entries(order: Order) -> Iterator[Entry]:
    for attachment in order.attachments.all():
        yield Entry(at=attachment.created_at, kind="attachment", title=f"Report received: {attachment.name}")
