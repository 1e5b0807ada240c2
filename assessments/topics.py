"""The topics of Events, dotted and past tense, each with the purpose of the Endpoint it goes to and its sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    name: str
    purpose: str
    sentence: str


ORDER_PLACED = Topic(
    name="order.placed",
    purpose="order",
    sentence="An organization asks you for an assessment of a candidate.",
)
ORDER_CANCELLED = Topic(
    name="order.cancelled", purpose="cancel", sentence="An order was cancelled on the organization’s side."
)
ORDER_EXPIRED = Topic(
    name="order.expired",
    purpose="events",
    sentence="An order’s deadline passed before a final result arrived.",
)
RESULT_REJECTED = Topic(
    name="result.rejected",
    purpose="events",
    sentence="A result you posted broke its schema; it was kept, not shown.",
)

TOPICS: dict[str, Topic] = {
    topic.name: topic for topic in (ORDER_PLACED, ORDER_CANCELLED, ORDER_EXPIRED, RESULT_REJECTED)
}
