"""What happens after an attempt, decided purely: the schedule, and :func:`decide`. No ORM, no clock, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from random import Random

from partners.delivery.readers import Outcome, Reading

# Before which each attempt waits, counted from the one before it: the schedule that Standard Webhooks recommends.
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1
# A partner may ask for patience, but not for more than this.
LONGEST_WAIT = timedelta(hours=24)
# How long the whole schedule lasts. What has been overdue for longer, behind a breaker that never closes, ends too.
LIFETIME = sum(SCHEDULE, timedelta(0)) * (1 + JITTER)

GONE = 410
ASKS_FOR_PATIENCE = frozenset({429, 503})
# Request timeout and conflict: an earlier copy, or this one, may have been taken.
MAY_HAVE_BEEN_TAKEN = frozenset({408, 409})


class State(StrEnum):
    """The states of a Delivery that a decision leads to (the values of ``Delivery.State``)."""

    DUE = "due"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The facts of one attempt: a status with its reading, if it has one, or the failure that came instead.

    ``failure`` is in words ("connection refused"); ``retry_after`` the header's value as it came.
    """

    status: int | None = None
    reading: Reading | None = None
    retry_after: str = ""
    failure: str = ""
    proves_nothing_processed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What the attempt means: for the Delivery (state, next_at, note) and for its Endpoint."""

    state: State
    note: str
    next_at: datetime | None = None
    disable_endpoint: bool = False
    endpoint_failed: bool = False

    @property
    def outcome(self) -> str:
        """The word for the Attempt: a Delivery that stays due was *retried*."""
        return "retried" if self.state is State.DUE else self.state.value


def decide(*, attempt: int, answer: Answer, repeatable: bool, now: datetime, rng: Random) -> Decision:
    """What follows from the attempt with this number (from 1, counted since it was last owed)."""
    if answer.reading and answer.reading.outcome is not Outcome.UNREADABLE:
        return Decision(state=State(answer.reading.outcome.value), note=answer.reading.note)
    if answer.status == GONE:
        note = "The endpoint answered 410 Gone and is disabled; this waits until it is enabled again."
        return Decision(state=State.DUE, note=note, next_at=now, disable_endpoint=True, endpoint_failed=True)
    if not repeatable and not _nothing_was_processed(answer):
        return _never_again(answer)
    return _again(attempt, answer, now, rng)


def _again(attempt: int, answer: Answer, now: datetime, rng: Random) -> Decision:
    if attempt >= len(SCHEDULE):
        note = f"Given up after {attempt} attempts. The last one: {cause(answer)}"
        return Decision(state=State.GIVEN_UP, note=note, endpoint_failed=True)
    wait = SCHEDULE[attempt] * rng.uniform(1 - JITTER, 1 + JITTER)
    # Never sooner than the schedule: a partner that says "in one second" would use it up within seconds.
    if (asked := patience(answer, now)) is not None:
        wait = max(wait, asked * rng.uniform(1, 1 + JITTER))
    return Decision(state=State.DUE, note=cause(answer), next_at=now + wait, endpoint_failed=True)


def _never_again(answer: Answer) -> Decision:
    """For a call without an idempotency key whose failure does not prove that nothing was processed."""
    status = answer.status or 0
    if 400 <= status < 500 and status not in MAY_HAVE_BEEN_TAKEN:
        return Decision(state=State.REFUSED, note=cause(answer))
    note = f"It may have arrived: {cause(answer)} It is not sent again by itself, for that could do it twice."
    return Decision(state=State.UNCLEAR, note=note, endpoint_failed=True)


def _nothing_was_processed(answer: Answer) -> bool:
    return answer.proves_nothing_processed or answer.status in ASKS_FOR_PATIENCE


def patience(answer: Answer, now: datetime) -> timedelta | None:
    """How long a 429 or 503 asks us to wait, at most LONGEST_WAIT; None if it does not say or says nonsense."""
    if answer.status not in ASKS_FOR_PATIENCE or not answer.retry_after:
        return None
    wait = _seconds(answer.retry_after)
    if wait is None:
        wait = _until(answer.retry_after, now)
    return None if wait is None else min(max(wait, timedelta(0)), LONGEST_WAIT)


def _seconds(value: str) -> timedelta | None:
    text = value.strip()
    # Ten digits are three centuries; more would overflow timedelta.
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _until(value: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(value.strip())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def cause(answer: Answer) -> str:
    """The failed attempt in one sentence for a person."""
    if answer.status is None:
        return f"No answer: {answer.failure}."
    if answer.reading:
        return f"It answered {answer.status}, but not in the protocol: {answer.reading.note or 'unreadable'}."
    if 300 <= answer.status < 400:
        return f"It answered {answer.status}, a redirect; redirects are not followed."
    return f"It answered {answer.status}."
