"""The only writer of ``Order.status``: the table decides, a conditional update writes, the audit log remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from assessments import topics
from assessments.lifecycle import Status, Transition, Trigger, Verdict, advance
from assessments.models import Order
from assessments.services import feed, programs
from core import audit
from core.models import User
from core.prepared import Prepared
from core.writing import Writing
from partners.delivery import outbox

# What may change in an order's life; all that a re-read has to bring.
CHANGING = (
    "status",
    "cancellation",
    "cancellation_answer",
    "reference",
    "candidate_url",
    "reason",
    "progress",
    "outcome",
    "deadline_at",
    "started_at",
    "completed_at",
    "purged_at",
    "updated_at",
)
_WRITTEN = (*CHANGING, "position")
VERBS = {Trigger.GAVE_UP: "order.failed"}
# With these the partner has it, or need not have it any more: what would still ask for it is withdrawn.
_OVERTAKES_THE_ORDER = frozenset(
    {Trigger.ACCEPTED, Trigger.DECLINED, Trigger.STARTED, Trigger.COMPLETED, Trigger.CANCELLED, Trigger.EXPIRED}
)


@transaction.atomic(savepoint=False)
def move(order: Order, trigger: Trigger, *, actor: User | str | None, verb: str = "", **changes: Any) -> Transition:
    """What the trigger does to the order, done: with a new status the ``changes`` (column values) are written too.

    Where the verdict is not *moved*, nothing is written. ``order`` is brought up to date either way. ``verb`` is for
    the audit log, where the trigger does not say it well.
    """
    transition, is_written = _attempt(order, trigger, changes)
    if not is_written:
        # Somebody was faster. Under the lock nobody can be so again.
        lock(order)
        transition, is_written = _attempt(order, trigger, changes)
        assert is_written
    if transition.verdict is Verdict.MOVED:
        _follow(order, trigger, actor, verb or VERBS.get(trigger, f"order.{trigger}"))
    return transition


def lock(*orders: Order) -> None:
    """Holds the rows until the transaction ends, and reads again what may have changed."""
    assert connection.in_atomic_block
    now = {pk: values for pk, *values in _locked.all([order.pk for order in orders])}
    for order in orders:
        _adopt(order, dict(zip(CHANGING, now[order.pk], strict=True)))


# In the order in which everybody takes several.
_locked: Prepared[tuple[Any, ...]] = Prepared(
    lambda pks: (
        Order.objects.filter(pk__in=pks)
        .order_by("public_id")
        .select_for_update(no_key=True)
        .values_list("pk", *CHANGING)
    )
)


def touch(order: Order, **changes: Any) -> None:
    """Writes columns beside the status, and that something of the order changed."""
    changes |= feed.changed()
    Order.objects.filter(pk=order.pk).update(**changes)
    _adopt(order, changes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What becomes of an order that is locked: a trigger, or none, and columns to write beside the status."""

    order: Order
    trigger: Trigger | None
    values: dict[str, Any]


def settle(changes: Sequence[Change], writing: Writing, *, actor: str) -> list[Order]:
    """For many orders, each locked and there once, what :func:`move` does, and :func:`touch` where it would not move.

    Written with ``writing``, in as many statements as for one; the orders are up to date at once. Returns those that
    moved: telling the organization's programs is the caller's, together with what else there is to tell.
    """
    moved = [change for change in changes if _apply(change)]
    writing.update([change.order for change in changes], _WRITTEN)
    _follow_with(writing, moved, actor)
    return [change.order for change in moved]


def settle_unlocked(change: Change, writing: Writing, *, actor: str) -> None:
    """The same for an order that nobody holds: ``writing`` writes nothing if it is no longer as it was read."""
    order = change.order
    was = {"status": order.status, "updated_at": order.updated_at}
    moved = [change] if _apply(change) else []
    writing.update_unchanged(order, _WRITTEN, **was)
    _follow_with(writing, moved, actor)


def _follow_with(writing: Writing, moved: Sequence[Change], actor: str) -> None:
    writing.then(feed.ring)
    writing.insert(
        [
            audit.entry(
                f"order.{change.trigger}",
                actor=actor,
                subject=change.order.public_id,
                organization_id=change.order.organization_id,
                status=change.order.status,
            )
            for change in moved
        ]
    )
    overtaken = [change.order.public_id for change in moved if change.trigger in _OVERTAKES_THE_ORDER]
    outbox.withdraw_with(writing, overtaken, *topics.ASKING, note="The partner has answered it by now.")


def _apply(change: Change) -> bool:
    """Brings the order up to date; whether it moved."""
    order = change.order
    _adopt(order, {**change.values, **feed.columns()})
    if change.trigger is None:
        return False
    transition = advance(Status(order.status), change.trigger)
    if transition.verdict is Verdict.MOVED:
        order.status = transition.status.value
    return transition.verdict is Verdict.MOVED


def _attempt(order: Order, trigger: Trigger, changes: dict[str, Any]) -> tuple[Transition, bool]:
    """The transition, and whether it stands: False if the row was no longer as it was read."""
    before = Status(order.status)
    transition = advance(before, trigger)
    if transition.verdict is not Verdict.MOVED:
        return transition, True
    values = {**changes, "status": transition.status.value, **feed.changed()}
    if not Order.objects.filter(pk=order.pk, status=before.value).update(**values):
        return transition, False
    _adopt(order, values)
    return transition, True


def _adopt(order: Order, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(order, name, value)


def _follow(order: Order, trigger: Trigger, actor: User | str | None, verb: str) -> None:
    if trigger in _OVERTAKES_THE_ORDER:
        outbox.withdraw([order.public_id], *topics.ASKING, note=f"The order is {order.status} by now.")
    audit.record(verb, actor=actor, subject=order.public_id, organization=order.organization, status=order.status)
    programs.told_now(order)
