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
ORDER_DEADLINE_CHANGED = Topic(
    name="order.deadline_changed",
    purpose="events",
    sentence="An order’s deadline was put off on the organization’s side; read the order for the new one.",
)
ORDER_REMINDER_DUE = Topic(
    name="order.reminder_due",
    purpose="events",
    sentence="A candidate has not started: remind them now, it is a good hour where they are.",
)
CANDIDATE_CONTACT_CHANGED = Topic(
    name="candidate.contact_changed",
    purpose="events",
    sentence="The candidate of an order has a new e-mail address: read the order, and accept it again with a new link.",
)
CANDIDATE_ERASED = Topic(
    name="candidate.erased",
    purpose="events",
    sentence="A candidate you had orders for was erased: erase what you hold of them, and acknowledge it.",
)
RESULT_REJECTED = Topic(
    name="result.rejected",
    purpose="events",
    sentence="A result you posted broke its schema, or changed another without a reason; it was kept, not shown.",
)

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        ORDER_PLACED,
        ORDER_CANCELLED,
        ORDER_EXPIRED,
        ORDER_DEADLINE_CHANGED,
        ORDER_REMINDER_DUE,
        CANDIDATE_CONTACT_CHANGED,
        CANDIDATE_ERASED,
        RESULT_REJECTED,
    )
}

# What an organization's own programs are told.
ORDER_STATUS_CHANGED = Topic(
    name="order.status_changed",
    purpose="events",
    sentence="An order of yours was placed, or stands otherwise than before: `status` says how.",
)
RESULT_RECEIVED = Topic(
    name="result.received",
    purpose="events",
    sentence="A result came for an order of yours: read its newest revision.",
)
RESULT_AMENDED = Topic(
    name="result.amended",
    purpose="events",
    sentence="The result of an order of yours was changed, with a reason: read its newest revision.",
)

ORGANIZATION_TOPICS: dict[str, Topic] = {
    topic.name: topic for topic in (ORDER_STATUS_CHANGED, RESULT_RECEIVED, RESULT_AMENDED)
}

# No topic that anybody subscribes to: what is told at the address for complaints, where a protocol has one.
COMPLAINT = "order.complaint"

# What asks the partner for something: any answer of its overtakes that, as long as it is on its way.
ASKING = (ORDER_PLACED.name, ORDER_REMINDER_DUE.name)
