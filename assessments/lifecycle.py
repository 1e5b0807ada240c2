"""The life of an Order, decided purely: a literal table and :func:`advance`. Nothing here writes or reads a row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    REQUESTED = "requested"  #: placed; the Partner has not answered yet
    SENT = "sent"  #: the Partner accepted it
    STARTED = "started"  #: the candidate has begun
    COMPLETED = "completed"  #: a final result is there
    DECLINED = "declined"  #: the Partner will not do it
    CANCELLED = "cancelled"  #: withdrawn by either side
    EXPIRED = "expired"  #: the deadline passed
    FAILED = "failed"  #: it could not be brought to the Partner


class Trigger(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    STARTED = "started"
    COMPLETED = "completed"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    GAVE_UP = "gave_up"
    RESENT = "resent"


class Verdict(StrEnum):
    MOVED = "moved"  #: the Order takes the new status
    STALE = "stale"  #: true once, overtaken since: noted, nothing changes
    KEPT = "kept"  #: too late to change the status; a result is kept as a late revision
    ILLEGAL = "illegal"  #: contradicts what happened


STALE, KEPT, ILLEGAL = Verdict.STALE, Verdict.KEPT, Verdict.ILLEGAL
S = Status

# Where nothing more is expected from anybody.
ENDED = frozenset({S.COMPLETED, S.DECLINED, S.CANCELLED, S.EXPIRED})
OPEN = frozenset({S.REQUESTED, S.SENT, S.STARTED, S.FAILED})
# No result has come: whatever leads here comes from here.
UNANSWERED = frozenset({S.REQUESTED, S.SENT, S.FAILED})
# What is under way with the Partner: for the warning before ordering the same again.
PENDING = frozenset({S.REQUESTED, S.SENT, S.STARTED})

_COLUMNS = tuple(Trigger)
_ENDED_ROW = (STALE, STALE, STALE, KEPT, KEPT, STALE, STALE, STALE, ILLEGAL)
_ROWS: dict[Status, tuple[Status | Verdict, ...]] = {
    # columns: accepted, declined, started, completed, amended, cancelled, expired, gave_up, resent
    # A Partner may answer before our own call has returned, so `requested` takes started and completed.
    S.REQUESTED: (
        S.SENT, S.DECLINED, S.STARTED, S.COMPLETED, ILLEGAL, S.CANCELLED, S.EXPIRED, S.FAILED, S.REQUESTED,
    ),
    S.SENT: (
        STALE, S.DECLINED, S.STARTED, S.COMPLETED, ILLEGAL, S.CANCELLED, S.EXPIRED, STALE, S.REQUESTED,
    ),
    S.STARTED: (
        STALE, S.DECLINED, STALE, S.COMPLETED, ILLEGAL, S.CANCELLED, S.EXPIRED, STALE, ILLEGAL,
    ),
    S.COMPLETED: (
        STALE, ILLEGAL, STALE, STALE, S.COMPLETED, KEPT, STALE, STALE, ILLEGAL,
    ),
    S.CANCELLED: _ENDED_ROW,
    S.EXPIRED: _ENDED_ROW,
    S.DECLINED: _ENDED_ROW,
    S.FAILED: (
        S.SENT, S.DECLINED, S.STARTED, S.COMPLETED, ILLEGAL, S.CANCELLED, STALE, STALE, S.REQUESTED,
    ),
}  # fmt: skip

TABLE: dict[tuple[Status, Trigger], Status | Verdict] = {
    (status, trigger): cell for status, row in _ROWS.items() for trigger, cell in zip(_COLUMNS, row, strict=True)
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """What a trigger does to an Order in a status: the verdict and the status it has afterwards."""

    verdict: Verdict
    status: Status


def advance(status: Status, trigger: Trigger) -> Transition:
    """The cell of the table, as a value."""
    cell = TABLE[status, trigger]
    if isinstance(cell, Status):
        return Transition(verdict=Verdict.MOVED, status=cell)
    return Transition(verdict=cell, status=status)


def may(status: Status, trigger: Trigger) -> bool:
    """Whether a person should be offered this: the cell moves the Order."""
    return advance(status, trigger).verdict is Verdict.MOVED
