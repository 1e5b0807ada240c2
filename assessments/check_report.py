"""A check of a partner's protocol as a report: each step, what was sent and came back, and which rule it breaks.

Reads only; the walk itself is services.checking.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils import timezone

from assessments import topics
from assessments.diagnosis import SLOW_MS
from assessments.dialects.base import Capability, Dialect
from assessments.dialects.table import DIALECTS
from assessments.lifecycle import PENDING, Status
from assessments.models import Order, OrderUpdate, PartnerCheck
from partners.models import Attempt, Delivery, Event

# Of bodies, for a reader.
SHOWN = 4_000


class Conformance(StrEnum):
    """How the partner keeps to its protocol, by what one step shows."""

    FINE = "fine"
    NOTED = "noted"  #: allowed, and worth a look
    BROKEN = "broken"  #: against the protocol
    SILENT = "silent"  #: nothing came
    WAITING = "waiting"  #: not yet
    ABSENT = "absent"  #: the partner has no address for it


TONES = {
    Conformance.FINE: "good",
    Conformance.NOTED: "fair",
    Conformance.BROKEN: "poor",
    Conformance.SILENT: "poor",
    Conformance.WAITING: "neutral",
    Conformance.ABSENT: "neutral",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step: what was sent and what came back, word for word (cut), and what of it. ``rule`` is the protocol's."""

    title: str
    conformance: str
    sentence: str
    rule: str = ""
    sent: str = ""
    came: str = ""

    @property
    def tone(self) -> str:
        return TONES[Conformance(self.conformance)]


def report(check: PartnerCheck) -> list[Step]:
    """Every step so far, in the order of the conversation; the partner's address for errors comes last."""
    asked = [Step(**step) for step in check.asked or ()]
    steps = [step for step in asked if step.title != ERRORS]
    if check.order is not None:
        steps += _of_order(check, check.order)
    if check.cancelled_order is not None:
        steps.append(_of_cancellation(check, check.cancelled_order))
    return steps + [step for step in asked if step.title == ERRORS]


ERRORS = "The address for errors"


# --- What became of it ------------------------------------------------------------------------------------------------


def _of_order(check: PartnerCheck, order: Order) -> Iterator[Step]:
    rules = _dialect(check).rules
    yield _delivered(check, order, topics.ORDER_PLACED.name, "The order", rules.get(Capability.RECEIPT, ""))
    heard = list(OrderUpdate.objects.filter(order=order).exclude(source=OrderUpdate.Source.PERSON).order_by("pk"))
    told = [row for row in heard if row.source != OrderUpdate.Source.RECEIPT]
    for row in told:
        yield _heard(check, row)
    if order.status in PENDING:
        yield _nothing_yet(check, order, told)


def _of_cancellation(check: PartnerCheck, order: Order) -> Step:
    title, rule = "The cancellation", _dialect(check).rules.get(Capability.CANCEL_ANSWER, "")
    if order.cancellation == Order.Cancellation.NONE:
        conformance, sentence = Conformance.WAITING, "A second order is cancelled as soon as the partner has it."
        if order.status not in (Status.REQUESTED, Status.SENT, Status.STARTED):
            sentence = f"The second order is {order.status}: there was nothing to cancel."
            conformance = Conformance.NOTED
        return Step(title=title, conformance=_or_silent(check, conformance), sentence=sentence, rule=rule)
    step = _delivered(check, order, topics.ORDER_CANCELLED.name, title, rule)
    answer = f"{order.get_cancellation_display()}. {order.cancellation_answer}".strip()
    # Too late is an answer like another.
    is_late = order.cancellation == Order.Cancellation.TOO_LATE
    return replace(
        step, sentence=f"{step.sentence} {answer}", conformance=Conformance.NOTED if is_late else step.conformance
    )


def _delivered(check: PartnerCheck, order: Order, topic: str, title: str, rule: str) -> Step:
    """How a call of ours went, by its delivery and the last attempt."""
    event = Event.objects.filter(subject=order.public_id, topic=topic).order_by("-pk").first()
    delivery = event.deliveries.select_related("endpoint").first() if event else None
    if event is None or delivery is None:
        return Step(title=title, conformance=Conformance.ABSENT, sentence="There is no address for it.", rule=rule)
    last = Attempt.objects.filter(delivery=delivery).order_by("-number").first()
    conformance, sentence = _BROUGHT[Delivery.State(delivery.state)]
    if order.status == Status.DECLINED:
        conformance, sentence = Conformance.NOTED, f"Declined, in the partner's words: {order.reason or '(none)'}"
    slow = last is not None and last.duration_ms > SLOW_MS and conformance == Conformance.FINE
    return Step(
        title=title,
        conformance=Conformance.NOTED if slow else _or_silent(check, conformance),
        sentence=" ".join(part for part in (sentence, delivery.note, _SLOW if slow else "") if part),
        rule=rule,
        sent=call_text(delivery.method, delivery.endpoint.url, event.body),
        came=answer_text(last.status, bytes(last.reply_body)) if last else "",
    )


_SLOW = "It took more than four seconds."
_BROUGHT = {
    Delivery.State.DUE: (Conformance.WAITING, "It is on its way."),
    Delivery.State.DELIVERED: (Conformance.FINE, "It was taken."),
    Delivery.State.REFUSED: (Conformance.BROKEN, "It was refused."),
    Delivery.State.UNCLEAR: (Conformance.BROKEN, "Whether it arrived is not clear."),
    Delivery.State.GIVEN_UP: (Conformance.BROKEN, "It could not be brought."),
    Delivery.State.WITHDRAWN: (Conformance.FINE, "The partner had answered it before."),
}


def _heard(check: PartnerCheck, row: OrderUpdate) -> Step:
    """One thing that the partner told, and whether it counted."""
    was_asked = row.source == OrderUpdate.Source.ASKED
    rule = _dialect(check).rules.get(Capability.STATUS if was_asked else Capability.UPDATE, "")
    conformance, sentence = _HEARD[OrderUpdate.Outcome(row.outcome)]
    problems = "; ".join(f"{problem['pointer'] or '/'}: {problem['message']}" for problem in row.problems)
    return Step(
        title=f"{'Asked for' if was_asked else 'Told by the partner'}: {row.get_kind_display().lower()}",
        conformance=conformance,
        sentence=" ".join(part for part in (sentence, problems) if part),
        rule=rule,
        came=_text(bytes(row.raw)),
    )


_HEARD = {
    OrderUpdate.Outcome.APPLIED: (Conformance.FINE, "It counted."),
    OrderUpdate.Outcome.IGNORED: (Conformance.NOTED, "It changed nothing: older than what was known, or told before."),
    OrderUpdate.Outcome.REFUSED: (Conformance.BROKEN, "It contradicts the state of the order."),
    OrderUpdate.Outcome.REJECTED: (Conformance.BROKEN, "It could not be taken."),
}


def _nothing_yet(check: PartnerCheck, order: Order, told: list[OrderUpdate]) -> Step:
    dialect = _dialect(check)
    rule = dialect.rules.get(Capability.UPDATE) or dialect.rules.get(Capability.NUDGE, "")
    sentence = "No result yet." if told else "The partner has told nothing yet."
    return Step(title="The result", conformance=_or_silent(check, Conformance.WAITING), sentence=sentence, rule=rule)


def _or_silent(check: PartnerCheck, conformance: Conformance) -> Conformance:
    """What is still waited for when the time is over did not come."""
    is_over = check.ended_at is not None or timezone.now() >= check.until
    return Conformance.SILENT if is_over and conformance == Conformance.WAITING else conformance


# --- For a reader -----------------------------------------------------------------------------------------------------


def call_text(method: str, url: str, body: str) -> str:
    return f"{method} {url}" + (f"\n\n{_pretty(body)[:SHOWN]}" if body else "")


def answer_text(status: int | None, body: bytes) -> str:
    return f"{status or 'no answer'}" + (f"\n\n{_text(body)}" if body else "")


def _text(raw: bytes) -> str:
    return _pretty(raw.decode("utf-8", "replace").replace("\x00", "\ufffd"))[:SHOWN]


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text


def _dialect(check: PartnerCheck) -> Dialect:
    return DIALECTS[check.installation.partner.dialect]
