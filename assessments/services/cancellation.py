"""Cancelling is a conversation: what a Partner's answers make of ``Order.cancellation``. Decides; writes nothing."""

from __future__ import annotations

from typing import Any

from assessments.models import Order, OrderUpdate

State = Order.Cancellation
Kind = OrderUpdate.Kind

# What each kind of update answers. A note is part of the conversation, and leaves it open.
_ANSWERS: dict[str, State] = {Kind.CANCELLED: State.ACKNOWLEDGED, Kind.CANCEL_REFUSED: State.TOO_LATE}


def is_asked(order: Order) -> bool:
    """Whether our side asked the partner to stop. What the partner cancelled by itself is no conversation."""
    return order.cancellation != State.NONE


def answered(order: Order, kind: str, words: str) -> dict[str, Any]:
    """The columns that this update changes; empty where it answers nothing. The last answer counts."""
    if not is_asked(order):
        return {}
    if kind == Kind.NOTE:
        return {"cancellation_answer": words[:500]} if order.cancellation == State.ASKED else {}
    if (state := _ANSWERS.get(kind)) is None:
        return {}
    return {"cancellation": state, **({"cancellation_answer": words[:500]} if words else {})}


def is_answered_anew(order: Order, kind: str) -> bool:
    """Whether this, said before, would be another answer than the one that stands."""
    return is_asked(order) and _ANSWERS.get(kind, order.cancellation) != order.cancellation


def overtaken_by_result(order: Order) -> dict[str, Any]:
    """The columns that a late result changes: who delivers all the same says that it was too late."""
    if order.cancellation == State.ACKNOWLEDGED:
        # The words that it had stopped would contradict what stands above them.
        return {"cancellation": State.TOO_LATE, "cancellation_answer": ""}
    return {"cancellation": State.TOO_LATE} if order.cancellation == State.ASKED else {}
