"""Everything exchanged about one Order on one line of time, for the order's page and for support. Reads only.

Shapes: :class:`Entry` values, oldest first. Raw forms (what was sent and answered, byte for byte) are filled in
for admins alone; everybody else sees the same entries without them.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessments import topics
from assessments.models import Order, OrderUpdate, ReportToFetch, StatusQuestion
from assessments.schemas.audience import Audiences
from assessments.selectors import attachments_visible_to
from assessments.services import catalogue
from assessments.services.attaching import MATCH
from assessments.services.orders import REMOVED
from assessments.services.results import UNEXPLAINED
from assessments.zones import reads, zone_of
from core.models import AuditRecord, Membership, Role
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
# Acts of people and of the clock. What a partner tells is an update, with an entry of its own.
AUDIT_SENTENCES = {
    "order.placed": "Sent by {who}",
    "order.cancelled": "Cancelled by {who}",
    "order.resent": "Sent again by {who}",
    "order.confirmed": "{who} confirmed that the partner has it",
    "order.deadline_extended": "The deadline was put off by {who}",
    "order.contact_changed": "{who} changed the candidate’s e-mail address",
    "order.expired": "The deadline passed",
    "order.backfilled": "Back-filled: the result came without an order, and was attached by {who}",
    "order.purged": "What it held was deleted by the retention rule",
    "order.erased": "The candidate was erased by {who}",
    "order.failed": "It could not be brought to the partner",
    "callback.wrong_credential": "A call with a wrong credential was taken, for its address was right",
}
# What each topic brings to the partner, in words for people who never read a topic.
EVENT_TITLES = {
    topics.ORDER_PLACED.name: "The order, to {partner}",
    topics.ORDER_CANCELLED.name: "The cancellation, to {partner}",
    topics.ORDER_EXPIRED.name: "The passed deadline, to {partner}",
    topics.ORDER_DEADLINE_CHANGED.name: "The new deadline, to {partner}",
    topics.ORDER_REMINDER_DUE.name: "The reminder that is due, to {partner}",
    topics.CANDIDATE_CONTACT_CHANGED.name: "The changed address, to {partner}",
    topics.RESULT_REJECTED.name: "The rejection of its result, to {partner}",
    topics.COMPLAINT: "What could not be read, to {partner}",
    topics.ORDER_STATUS_CHANGED.name: "The new status, to the organization’s own programs",
    topics.RESULT_RECEIVED.name: "The news of the result, to the organization’s own programs",
    topics.RESULT_AMENDED.name: "The news of the changed result, to the organization’s own programs",
}
# What a partner answers to a cancellation that was asked for.
CANCEL_TITLES = {
    OrderUpdate.Kind.CANCELLED: "{partner} acknowledged the cancellation",
    OrderUpdate.Kind.CANCEL_REFUSED: "{partner} answered: too late to cancel",
}
ACTORS = {REMOVED: "the removal of the partner", "beat": "the clock", "delivery": "the outbox", MATCH: "its match"}


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
    problems: tuple[dict[str, Any], ...] = ()
    normalised: str = ""
    raw: str = ""


def timeline(order: Order, viewer: Membership) -> list[Entry]:
    """All entries about the order, oldest first; a fixed number of queries."""
    with_raw = viewer.role == Role.ADMIN
    entries = [
        *_audit_entries(order),
        *_event_entries(order, with_raw=with_raw),
        *_update_entries(order, viewer),
        *_attachment_entries(order, viewer),
        *_question_entries(order),
        *_missing_report_entries(order),
    ]
    # A deed is recorded before what follows from it, and stands first here if both have one moment.
    return sorted(entries, key=lambda entry: entry.at)


def _audit_entries(order: Order) -> Iterator[Entry]:
    records = AuditRecord.objects.filter(subject=order.public_id, verb__in=AUDIT_SENTENCES).select_related("actor")
    for record in records.exclude(actor_label=order.partner.public_id):
        who = str(record.actor or ACTORS.get(record.actor_label, record.actor_label) or "the API")
        sentence = AUDIT_SENTENCES[record.verb].format(who=who)
        title = sentence[0].upper() + sentence[1:]
        yield Entry(at=record.occurred_at, kind="deed", title=title, note=_deed_note(order, record.facts))


def _deed_note(order: Order, said: dict[str, Any]) -> str:
    """What belongs to a deed: a new deadline, that it was an exception, or that nobody was told."""
    if until := said.get("cool_down_until"):
        day = datetime.datetime.fromisoformat(until)
        return f"As an exception: the cool-down after the attempt before lasts until {day:%-d %b %Y}."
    if said.get("is_untold"):
        return f"{order.partner.name} cannot be told in its protocol; the link to the old address still works there."
    return _new_deadline(order, said)


def _new_deadline(order: Order, said: dict[str, Any]) -> str:
    """To when it was put off, by the candidate's clock."""
    if not (told := said.get("deadline_at")):
        return ""
    zone = zone_of(order.candidate.time_zone)
    return f"Until {reads(datetime.datetime.fromisoformat(told), zone)} ({zone.key})"


def _event_entries(order: Order, *, with_raw: bool) -> Iterator[Entry]:
    events = Event.objects.filter(subject=order.public_id).prefetch_related("deliveries__attempts")
    for event in events:
        deliveries = list(event.deliveries.all())
        # What the organization's own programs only pull is nobody's waiting.
        if not deliveries and event.partner_id:
            yield _waiting_entry(order, event, with_raw=with_raw)
        for delivery in deliveries:
            yield _delivery_entry(order, delivery, event, with_raw=with_raw)


def _event_title(order: Order, event: Event) -> str:
    return EVENT_TITLES.get(event.topic, event.topic + ", to {partner}").format(partner=order.partner.name)


def _waiting_entry(order: Order, event: Event, *, with_raw: bool) -> Entry:
    """An event without an endpoint: the partner asks for it by itself."""
    return Entry(
        at=event.created_at,
        kind="event",
        title=_event_title(order, event),
        note="Nothing is sent: the partner has no endpoint for it, and asks by itself.",
        reference=event.public_id,
        raw=event.body if with_raw else "",
    )


def _delivery_entry(order: Order, delivery: Delivery, event: Event, *, with_raw: bool) -> Entry:
    return Entry(
        at=event.created_at,
        kind="delivery",
        title=_event_title(order, event),
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


def _update_entries(order: Order, viewer: Membership) -> Iterator[Entry]:
    with_raw = viewer.role == Role.ADMIN
    rows = order.updates.order_by("id")
    updates = list(rows if with_raw else rows.defer("raw"))
    tells = with_raw or not any(update.problems for update in updates) or not _restricts(order)
    for update in updates:
        said = json.loads(update.normalised)
        yield Entry(
            at=update.received_at,
            kind="update",
            title=_update_title(order, update, said),
            tone=TONES[OrderUpdate.Outcome(update.outcome)],
            note=_note(update, said) or _new_deadline(order, said),
            reference=update.public_id,
            state="" if update.outcome == OrderUpdate.Outcome.APPLIED else update.get_outcome_display(),
            problems=tuple(update.problems) if tells else (),
            normalised=json.dumps(said, ensure_ascii=False, indent=2) if with_raw and said else "",
            raw=bytes(update.raw).decode("utf-8", "replace") if with_raw else "",
        )


def _note(update: OrderUpdate, said: dict[str, Any]) -> str:
    """The words that came with it; of a document that was not taken, how much was wrong with it."""
    words = str(said.get("note") or said.get("message") or said.get("reason") or "")
    if update.kind == OrderUpdate.Kind.UNREADABLE or update.outcome == OrderUpdate.Outcome.REFUSED:
        return words or "; ".join(str(problem["message"]) for problem in update.problems)
    if update.kind == OrderUpdate.Kind.DEADLINE or not update.problems:
        return words
    if update.problems == [UNEXPLAINED]:
        return "It changes a result and says no reason; the document is not shown."
    count = len(update.problems)
    return f"{count} {'place does' if count == 1 else 'places do'} not fit the schema; the document is not shown."


def _restricts(order: Order) -> bool:
    """Whether parts of a result are for some roles only: then a problem's message may quote what is hidden."""
    schema = order.result_schema or catalogue.current_schema(order.assessment_type)
    return schema is not None and Audiences(json.loads(schema.text)).restricts


def _update_title(order: Order, update: OrderUpdate, said: dict[str, Any]) -> str:
    said_by = {
        OrderUpdate.Source.PARTNER: f"{order.partner.name} reported",
        OrderUpdate.Source.RECEIPT: f"{order.partner.name} replied",
        OrderUpdate.Source.PERSON: "A person noted",
        OrderUpdate.Source.ASKED: f"{order.partner.name} answered our question",
    }[OrderUpdate.Source(update.source)]
    if order.cancellation != Order.Cancellation.NONE and update.kind in CANCEL_TITLES:
        return CANCEL_TITLES[OrderUpdate.Kind(update.kind)].format(partner=order.partner.name)
    result = {"partial": "a partial ", "final": "the final ", "amended": "an amended "}.get(str(said.get("result")), "")
    return f"{said_by}: {result}{update.get_kind_display().lower()}"


def _attachment_entries(order: Order, viewer: Membership) -> Iterator[Entry]:
    for attachment in attachments_visible_to(viewer).filter(order=order):
        yield Entry(at=attachment.created_at, kind="attachment", title=f"Report received: {attachment.name}")


def _question_entries(order: Order) -> Iterator[Entry]:
    """One line for all the times that the partner was asked: a question without an answer is no news."""
    for row in StatusQuestion.objects.filter(order=order, asked_at__isnull=False):
        times = "once" if row.asked == 1 else f"{row.asked} times"
        yield Entry(
            at=row.asked_at or row.until,
            kind="question",
            title=f"{order.partner.name} was asked how it stands, {times} so far",
            tone="fair" if row.trouble else "neutral",
            note=row.trouble,
            next_at=row.next_at,
        )


def _missing_report_entries(order: Order) -> Iterator[Entry]:
    for row in ReportToFetch.objects.filter(order=order).exclude(trouble=""):
        yield Entry(
            at=row.created_at,
            kind="attachment",
            title=f"A report could not be fetched: {row.name}",
            tone="fair" if row.next_at else "poor",
            note=row.trouble,
            next_at=row.next_at,
        )
