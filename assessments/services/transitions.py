"""The only writer of ``Order.status``: the table decides, a conditional update writes, the audit log remembers."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from assessments import topics
from assessments.lifecycle import Status, Step, Trigger, Verdict, advance
from assessments.models import Order
from assessments.services import feed
from core import audit
from core.models import User
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
    "updated_at",
)
VERBS = {Trigger.GAVE_UP: "order.failed"}
# With these the partner has it, or need not have it any more: an `order.placed` that is still on its way is withdrawn.
_OVERTAKES_THE_ORDER = frozenset(
    {Trigger.ACCEPTED, Trigger.DECLINED, Trigger.STARTED, Trigger.COMPLETED, Trigger.CANCELLED, Trigger.EXPIRED}
)


@transaction.atomic(savepoint=False)
def move(order: Order, trigger: Trigger, *, actor: User | str | None, verb: str = "", **changes: Any) -> Step:
    """What the trigger does to the order, done: with a new status the ``changes`` (column values) are written too.

    Where the verdict is not *moved*, nothing is written. ``order`` is brought up to date either way. ``verb`` is for
    the audit log, where the trigger does not say it well.
    """
    step, is_written = _attempt(order, trigger, changes)
    if not is_written:
        # Somebody was faster. Under the lock nobody can be so again.
        lock(order)
        step, is_written = _attempt(order, trigger, changes)
        assert is_written
    if step.verdict is Verdict.MOVED:
        _follow(order, trigger, actor, verb or VERBS.get(trigger, f"order.{trigger}"))
    return step


def lock(order: Order) -> None:
    """Holds the row until the transaction ends, and reads again what may have changed."""
    # Not FOR UPDATE: rows that refer to this one may be written meanwhile.
    rows = Order.objects.select_for_update(no_key=True)
    order.refresh_from_db(fields=CHANGING, from_queryset=rows)


def touch(order: Order, **changes: Any) -> None:
    """Writes columns beside the status, and that something of the order changed."""
    changes |= feed.changed()
    Order.objects.filter(pk=order.pk).update(**changes)
    _adopt(order, changes)


def _attempt(order: Order, trigger: Trigger, changes: dict[str, Any]) -> tuple[Step, bool]:
    """The step, and whether it stands: False if the row was no longer as it was read."""
    before = Status(order.status)
    step = advance(before, trigger)
    if step.verdict is not Verdict.MOVED:
        return step, True
    values = {**changes, "status": step.status.value, **feed.changed()}
    if not Order.objects.filter(pk=order.pk, status=before.value).update(**values):
        return step, False
    _adopt(order, values)
    return step, True


def _adopt(order: Order, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(order, name, value)


def _follow(order: Order, trigger: Trigger, actor: User | str | None, verb: str) -> None:
    if trigger in _OVERTAKES_THE_ORDER:
        outbox.withdraw(order.public_id, topics.ORDER_PLACED.name, note=f"The order is {order.status} by now.")
    audit.record(verb, actor=actor, subject=order.public_id, organization=order.organization, status=order.status)
