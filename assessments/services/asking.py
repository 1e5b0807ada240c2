"""Asking partners how orders stand: soon after a nudge, else hourly, as long as it can matter. One row an order.

Many partners nudge before they have saved what they nudge about, and some never do. Never asked inside a request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assessments.dialects.base import Capability, Unreadable
from assessments.lifecycle import ENDED
from assessments.models import Order, OrderUpdate, StatusQuestion
from assessments.services import hearing, leases, telling
from core import http, limits
from core.models import Application
from partners.delivery import asking
from partners.delivery.auth import Unsendable
from partners.delivery.messages import Message
from partners.delivery.wake import Bell
from partners.models import Purpose

log = structlog.get_logger(__name__)

ASK_DUE = "assessments.ask_due"
# After a nudge, from one question to the next; then hourly.
SOON = (timedelta(seconds=0.5), timedelta(seconds=4.5), timedelta(seconds=55))
USUALLY = timedelta(hours=1)
# From the acceptance on.
LONGEST = timedelta(weeks=8)
# So many questions at once in one worker, and so many rounds of them in one run.
WIDTH, ROUNDS = 16, 4
LIMIT = "status_questions"
_RELATED = (
    "organization", "partner", "installation__organization", "installation__partner", "assessment_type",
    "candidate", "application__job", "placed_by", "result_schema",
)  # fmt: skip

_ring = Bell(ASK_DUE).ring


def begin(order: Order, *, soon: bool = False) -> None:
    """From now on it is asked how the order stands, where the protocol can; call it inside the deed's transaction."""
    if not _can_ask(order):
        return
    now = timezone.now()
    StatusQuestion.objects.get_or_create(
        order=order,
        defaults={
            "next_at": now + (SOON[0] if soon else USUALLY),
            "step": 0 if soon else len(SOON),
            "until": now + LONGEST,
        },
    )
    if soon:
        nudge(order)


def nudge(order: Order) -> None:
    """The partner says that there is news: it is asked soon, and again, for it may say so before the news is saved.

    An order that has ended is asked too: there may be a correction.
    """
    if not _can_ask(order):
        return
    now = timezone.now()
    StatusQuestion.objects.update_or_create(
        order=order, defaults={"next_at": now + SOON[0], "step": 0}, create_defaults={
            "next_at": now + SOON[0], "step": 0, "until": now + LONGEST,
        },
    )  # fmt: skip
    transaction.on_commit(_ring_soon)


def ask_due() -> int:
    """Asks what is due, several at once; returns how many. What another worker has is left to it."""
    asked = 0
    for _ in range(ROUNDS):
        claimed = leases.take(StatusQuestion.objects.all(), most=WIDTH)
        questions = [question for pk in claimed if (question := _question(pk)) is not None]
        _each_answered(questions)
        asked += len(questions)
        if len(claimed) < WIDTH:
            break
    return asked


# --- Which, and when --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """One that is to be asked now, with all that needs the database loaded."""

    row: StatusQuestion
    order: Order
    url: str
    message: Message

    def ask(self) -> http.Reply:
        return asking.ask_at(self.url, self.order.installation, self.message)


def _question(pk: int) -> _Question | None:
    """None where it is over, or has to wait; the row says so then."""
    row = StatusQuestion.objects.get(pk=pk)
    order = Order.objects.select_related(*_RELATED).get(pk=row.order_id)
    if _is_over(row, order):
        _put(row, next_at=None)
        return None
    endpoint = asking.address_of(order.installation, Purpose.STATUS)
    if endpoint is None or not endpoint.enabled or not order.reference:
        trouble = "" if order.reference else "The partner's id of the order is not known yet."
        _put(row, next_at=_next(row), step=_step(row), trouble=trouble or "There is no address for it.")
        return None
    if order.installation.partner.is_suspended:
        _put(row, next_at=_next(row), step=_step(row), trouble="The partner is suspended.")
        return None
    standing = limits.use(LIMIT, order.installation.public_id)
    if standing is not None and standing.is_over:
        _put(row, next_at=timezone.now() + timedelta(seconds=standing.reset_in))
        return None
    message = telling.dialect_of(order).ask_status(telling.facts_of(order))
    return _Question(row=row, order=order, url=endpoint.url, message=message)


def _is_over(row: StatusQuestion, order: Order) -> bool:
    """A nudge is followed up whatever the order's state: what comes late is kept, and shown as late."""
    if row.step < len(SOON):
        return False
    is_closed = order.application.status != Application.Status.ACTIVE
    return order.status in ENDED or is_closed or timezone.now() >= row.until


def _next(row: StatusQuestion) -> datetime:
    following = row.step + 1
    return timezone.now() + (SOON[following] if following < len(SOON) else USUALLY)


def _step(row: StatusQuestion) -> int:
    return min(row.step + 1, len(SOON))


def _put(row: StatusQuestion, **columns: object) -> None:
    """Ends the lease; the rest only if no nudge came meanwhile."""
    mine = StatusQuestion.objects.filter(pk=row.pk)
    if not mine.filter(next_at=row.next_at).update(claimed_until=None, **columns):
        mine.update(claimed_until=None)


def _can_ask(order: Order) -> bool:
    dialect = telling.dialect_of(order)
    return Capability.STATUS in dialect.offers and bool(dialect.addresses)


# --- Answers ----------------------------------------------------------------------------------------------------------


def _each_answered(questions: list[_Question]) -> None:
    """The network in threads, the database here; one that breaks costs no other its answer."""
    if not questions:
        return
    with ThreadPoolExecutor(WIDTH, thread_name_prefix="ask") as threads:
        under_way = [(question, threads.submit(question.ask)) for question in questions]
        for question, future in under_way:
            trouble = _trouble_of(question, future.result)
            _asked(question.row, trouble)


def _trouble_of(question: _Question, answer: Callable[[], http.Reply]) -> str:
    """Takes the answer; why it brought nothing, in words, where it should have."""
    try:
        return _take(question.order, answer())
    except http.Failure as failure:
        return f"No answer: {failure}."
    except Unsendable as problem:
        return str(problem)
    except Exception:
        log.exception("status_answer_broke", order=question.order.public_id)
        return "Something broke on our side."


def _take(order: Order, reply: http.Reply) -> str:
    if not 200 <= reply.status < 300:
        return f"It answered {reply.status}."
    source = OrderUpdate.Source.ASKED
    try:
        read = telling.dialect_of(order).read_status(reply)
    except Unreadable as error:
        hearing.unreadable(order, error, raw=reply.body, source=source)
        return error.sentence[:300]
    if read is not None:
        hearing.hear(order, [read], raw=reply.body, source=source)
    return ""


def _asked(row: StatusQuestion, trouble: str) -> None:
    now = timezone.now()
    StatusQuestion.objects.filter(pk=row.pk).update(asked=F("asked") + 1, asked_at=now, trouble=trouble)
    order = Order.objects.select_related("application").get(pk=row.order_id)
    after = StatusQuestion(pk=row.pk, step=_step(row), until=row.until)
    _put(row, next_at=None if _is_over(after, order) else _next(row), step=after.step)


def _ring_soon() -> None:
    """The sweep would find it too; this is a second or two sooner, and may be lost."""
    timer = threading.Timer(SOON[0].total_seconds(), _ring)
    timer.daemon = True
    timer.start()
