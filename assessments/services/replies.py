"""How the delivery of an order or a cancellation ended, read for the order's sake; floor 2 calls it through its door.

What the reply says is the dialect's matter. It is read twice, by the attempt and by its settlement, from the same
bytes: those that are kept with the Attempt.
"""

from __future__ import annotations

from assessments.dialects.base import Capability, Dialect, Unreadable
from assessments.dialects.table import DIALECTS
from assessments.dialects.values import Receipt
from assessments.lifecycle import Trigger
from assessments.models import Order, OrderUpdate
from assessments.services import asking, hearing, telling, updates
from assessments.services.transitions import lock, move, touch
from core.http import Reply
from partners.delivery.readers import Outcome, Reading, TakesAny
from partners.delivery.sender import KEPT_BODY
from partners.models import Attempt, Delivery, Event

State = Delivery.State
Kind = OrderUpdate.Kind
Source = OrderUpdate.Source

LOST = frozenset({State.GIVEN_UP, State.REFUSED})
# What these say is about the call, not about the order, in every protocol.
_ABOUT_THE_CALL = frozenset({408, 410, 429})
_RELATED = ("organization", "partner", "installation__organization", "installation__partner", "assessment_type")


class AboutOrders(TakesAny):
    """A reader of replies to what is told about one Order: it locks it first."""

    def hold(self, delivery: Delivery) -> None:
        if (order := order_of(delivery)) is not None:
            lock(order)


class OrderPlaced(AboutOrders):
    """In the native dialect a 2xx settles the delivery only, and the partner accepts by a call of its own; in others
    the reply is the receipt.
    """

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        dialect = _dialect(delivery)
        if Capability.RECEIPT not in dialect.offers:
            return Reading(Outcome.DELIVERED)
        try:
            receipt = dialect.read_receipt(_as_kept(reply))
        except Unreadable as error:
            return Reading(Outcome.UNREADABLE, error.sentence.rstrip("."))
        return Reading(Outcome.DELIVERED) if receipt.accepted else Reading(Outcome.REFUSED, receipt.message)

    def read_refusal(self, delivery: Delivery, reply: Reply) -> Reading | None:
        """Only what the protocol knows as a refusal of the order: all else is about the call."""
        dialect = _dialect(delivery)
        if Capability.RECEIPT not in dialect.offers or not _may_decline(reply.status):
            return None
        try:
            receipt = dialect.read_receipt(_as_kept(reply))
        except Unreadable:
            return None
        return None if receipt.accepted else Reading(Outcome.REFUSED, receipt.message)

    def settled(self, delivery: Delivery, state: str) -> None:
        """An accepted order goes on, a declined one ends with the partner's words, a lost one has failed; an unclear
        one waits for a person, or for the partner's status where it can be asked.
        """
        order = order_of(delivery)
        if order is None:
            return
        lock(order)
        if order.purged_at is not None:
            return
        receipt = _receipt(order, delivery) if state in {State.DELIVERED, State.REFUSED} else None
        if receipt is not None:
            _take(order, receipt, delivery)
        elif state in LOST and _is_newest(delivery):
            move(order, Trigger.GAVE_UP, actor="delivery", reason=_reason(order, delivery))
        elif state == State.UNCLEAR:
            _unclear(order, delivery)
        # Delivered, unclear or lost: its page shows it.
        touch(order)


class OrderCancelled(AboutOrders):
    """The answer to a cancellation, where the protocol gives one: in time, or too late."""

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        dialect = _dialect(delivery)
        if Capability.CANCEL_ANSWER not in dialect.offers:
            return Reading(Outcome.DELIVERED)
        try:
            answer = dialect.read_cancel(_as_kept(reply))
        except Unreadable as error:
            return Reading(Outcome.UNREADABLE, error.sentence.rstrip("."))
        return Reading(Outcome.DELIVERED if answer.in_time else Outcome.REFUSED, answer.message)

    def read_refusal(self, delivery: Delivery, reply: Reply) -> Reading | None:
        dialect = _dialect(delivery)
        if Capability.CANCEL_ANSWER not in dialect.offers or not _may_decline(reply.status):
            return None
        try:
            answer = dialect.read_cancel(_as_kept(reply))
        except Unreadable:
            return None
        return None if answer.in_time else Reading(Outcome.REFUSED, answer.message)

    def settled(self, delivery: Delivery, state: str) -> None:
        order = order_of(delivery)
        attempt = delivery.attempts.last()
        if order is None or attempt is None or state not in {State.DELIVERED, State.REFUSED}:
            return
        dialect = telling.dialect_of(order)
        if Capability.CANCEL_ANSWER not in dialect.offers:
            return
        try:
            answer = dialect.read_cancel(_reply(attempt))
        except Unreadable:
            return
        kind = Kind.CANCELLED if answer.in_time else Kind.CANCEL_REFUSED
        raw = bytes(attempt.reply_body)
        updates.record(order, kind=kind, occurred_at=None, raw=raw, source=Source.RECEIPT, message=answer.message)


def _take(order: Order, receipt: Receipt, delivery: Delivery) -> None:
    """The reply as an update of the order, and whatever came with it."""
    attempt = delivery.attempts.last()
    raw = bytes(attempt.reply_body) if attempt else b""
    updates.record(
        order,
        kind=Kind.ACCEPTED if receipt.accepted else Kind.DECLINED,
        occurred_at=None,
        raw=raw,
        source=Source.RECEIPT,
        reference=receipt.reference,
        candidate_url=receipt.candidate_url,
        message=receipt.message,
    )
    if receipt.accepted:
        asking.begin(order)
        hearing.hear(order, receipt.updates, raw=raw, source=Source.RECEIPT)
        hearing.catch_up(order)
        if receipt.unread:
            hearing.unreadable(order, Unreadable(receipt.unread), raw=raw, source=Source.RECEIPT)
    elif attempt is not None and attempt.status is not None and attempt.status < 300:
        # It said that all is well, and it was not: whoever keeps that program wants to know.
        telling.complain(order, receipt.message or "The answer to the order lacks what it must hold.")


def _unclear(order: Order, delivery: Delivery) -> None:
    attempt = delivery.attempts.last()
    if order.reference:
        asking.begin(order, soon=True)
    if attempt is not None and attempt.status is not None and attempt.status < 300:
        telling.complain(order, delivery.note)


def _receipt(order: Order, delivery: Delivery) -> Receipt | None:
    """What the reply says, where the protocol has receipts; None where it does not say."""
    dialect, attempt = telling.dialect_of(order), delivery.attempts.last()
    if Capability.RECEIPT not in dialect.offers or attempt is None or attempt.status is None:
        return None
    if not (200 <= attempt.status < 300 or _may_decline(attempt.status)):
        return None
    try:
        return dialect.read_receipt(_reply(attempt))
    except Unreadable:
        return None


def _may_decline(status: int) -> bool:
    return 400 <= status < 500 and status not in _ABOUT_THE_CALL


def _as_kept(reply: Reply) -> Reply:
    return Reply(status=reply.status, headers={}, body=reply.body[:KEPT_BODY], truncated=reply.truncated, elapsed_ms=0)


def _reply(attempt: Attempt) -> Reply:
    return Reply(status=attempt.status or 0, headers={}, body=bytes(attempt.reply_body), truncated=False, elapsed_ms=0)


def _dialect(delivery: Delivery) -> Dialect:
    return DIALECTS[delivery.endpoint.dialect]


def order_of(delivery: Delivery) -> Order | None:
    rows = Order.objects.select_related(*_RELATED, "candidate", "application__job", "placed_by")
    return rows.filter(public_id=delivery.event.subject).first()


def _is_newest(delivery: Delivery) -> bool:
    """After a resend, how the older event ended says nothing of the order."""
    newest = Event.objects.filter(subject=delivery.event.subject, topic=delivery.event.topic).order_by("-pk").first()
    return newest is not None and newest.pk == delivery.event_id


def _reason(order: Order, delivery: Delivery) -> str:
    return f"It could not be brought to {order.partner.name}. {delivery.note}".strip()[:500]
