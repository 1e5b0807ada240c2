"""Telling the Partner of an Order, in its dialect, through the outbox. Call it inside the transaction of the deed.

Of an order that it must not learn of, it is told nothing at all.
"""

from __future__ import annotations

import json

from assessments import topics
from assessments.dialects.base import Capability, Dialect, ErasureFacts, OrderFacts
from assessments.dialects.table import DIALECTS
from assessments.models import Erasure, Order
from core.models import Candidate
from partners.delivery import outbox
from partners.delivery.messages import Message
from partners.models import Installation
from partners.scopes import candidate_fields


def ask(order: Order) -> None:
    """Owes the partner the order itself, by a new Event. What was still on its way of it is withdrawn first."""
    outbox.withdraw([order.public_id], *topics.ASKING, note="It was sent again.")
    _owe(order, _dialect(order).order(facts_of(order)))


def cancelled(order: Order) -> None:
    """Owes the partner the news, delivered or not before: it may have read the order by itself."""
    dialect = _dialect(order)
    if Capability.CANCEL in dialect.offers:
        _owe(order, dialect.cancel(facts_of(order)))


def news(order: Order, topic: topics.Topic, **ids: str) -> None:
    """Owes the partner any other news about the order, where its protocol has words for it."""
    dialect = _dialect(order)
    if Capability.EVENTS in dialect.offers:
        _owe(order, dialect.event(topic.name, facts_of(order), **ids))


def erased(erasure: Erasure, installation: Installation) -> bool:
    """Owes the partner the news that it is to erase a candidate too; False where its protocol has no words for it."""
    dialect = DIALECTS[installation.partner.dialect]
    if Capability.EVENTS not in dialect.offers:
        return False
    facts = ErasureFacts(
        erasure=erasure.public_id,
        candidate=erasure.candidate.public_id,
        installation=installation.public_id,
        organization=erasure.organization.public_id,
    )
    outbox.owe(installation, dialect.erased(facts))
    return True


def facts_of(order: Order) -> OrderFacts:
    """The order as a dialect may tell it: of the candidate only what the Installation's scopes let out."""
    job = order.application.job
    values = contact_of(order.candidate)
    return OrderFacts(
        order=order.public_id,
        installation=order.installation.public_id,
        organization=order.organization.public_id,
        assessment_type=order.assessment_type.key,
        reference=order.reference,
        job={"id": job.public_id, "title": job.title},
        candidate={name: values[name] for name in candidate_fields(order.installation.scopes) if name in values},
        fields=json.loads(order.fields),
    )


def contact_of(candidate: Candidate) -> dict[str, str]:
    """The candidate fields that are plain values (the résumé is not), by the names of partners.scopes."""
    is_gone = candidate.erased_at is not None
    return {name: "" if is_gone else getattr(candidate, name) for name in ("first_name", "last_name", "email", "phone")}


def _dialect(order: Order) -> Dialect:
    return DIALECTS[order.partner.dialect]


def _owe(order: Order, message: Message) -> None:
    if order.is_told:
        outbox.owe(order.installation, message)
