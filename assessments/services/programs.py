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


def told_of(orders: Iterable[Order], writing: Writing) -> None:
    """That these orders stand where they stand now, written with the rest."""
    _add([_event(order, topics.ORDER_STATUS_CHANGED, status=order.status) for order in _heard(orders)], writing)


def told_of_results(results: Iterable[Result], writing: Writing) -> None:
    """That these revisions, of which ids are known and no keys, are there; written with the rest."""
    _add(
        [
            _event(result.order, _topic(result), result=result.public_id)
            for result in results
            if result.order.organization.is_listening
        ],
        writing,
    )


def told_now(order: Order) -> None:
    """That the order stands where it stands now, written at once."""
    writing = Writing()
    told_of([order], writing)
    writing.run()


def _heard(orders: Iterable[Order]) -> list[Order]:
    return [order for order in orders if order.organization.is_listening]


def _topic(result: Result) -> topics.Topic:
    return topics.RESULT_AMENDED if result.kind == Result.Kind.AMENDED else topics.RESULT_RECEIVED


def _event(order: Order, topic: topics.Topic, **more: str) -> Event:
    body = thin(topic.name, order=order.public_id, **more)
    message = Message(topic=topic.name, purpose=topic.purpose, subject=order.public_id, body=body)
    return outbox.told_to(order.organization_id, message)


def _add(events: Sequence[Event], writing: Writing) -> None:
    if events:
        writing.insert(events).afterwards(lambda: _deliver(events))


def _deliver(events: Sequence[Event]) -> None:
    organizations = {event.organization_id for event in events}
    outbox.deliver_to(Endpoint.objects.filter(organization__in=organizations).select_related("organization"), events)
