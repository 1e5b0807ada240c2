"""Telling an Organization's own programs what happened: Events with ids, owed with the deed. The rest they read by GET.

Where no client was ever made nobody listens, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assessments import topics
from assessments.models import Order, Result
from core.writing import Writing
from partners.delivery import outbox
from partners.delivery.messages import Message, thin
from partners.models import Endpoint, Event


def told(moved: Iterable[Order], results: Iterable[Result], writing: Writing) -> None:
    """That these orders stand where they stand now, and that these revisions are there; written with the rest."""
    events = [
        *(_event(order, topics.ORDER_STATUS_CHANGED, status=order.status) for order in moved if _is_heard(order)),
        *(_event(row.order, _topic(row), result=row.public_id) for row in results if _is_heard(row.order)),
    ]
    if events:
        writing.insert(events).afterwards(lambda: _deliver(events))


def told_now(order: Order) -> None:
    """That the order stands where it stands now, written at once."""
    if _is_heard(order):
        writing = Writing()
        told([order], [], writing)
        writing.run()


def _is_heard(order: Order) -> bool:
    return order.organization.is_listening


def _topic(result: Result) -> topics.Topic:
    return topics.RESULT_AMENDED if result.kind == Result.Kind.AMENDED else topics.RESULT_RECEIVED


def _event(order: Order, topic: topics.Topic, **more: str) -> Event:
    body = thin(topic.name, order=order.public_id, **more)
    message = Message(topic=topic.name, purpose=topic.purpose, subject=order.public_id, body=body)
    return outbox.told_to(order.organization_id, message)


def _deliver(events: Sequence[Event]) -> None:
    organizations = {event.organization_id for event in events}
    outbox.deliver_to(Endpoint.objects.filter(organization__in=organizations).select_related("organization"), events)
