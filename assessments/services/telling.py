"""Telling the Partner of an Order, in its dialect, through the outbox. Call it inside the transaction of the deed.

Of an order that it must not learn of, it is told nothing at all.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from assessments import topics
from assessments.dialects.base import Capability, Dialect
from assessments.dialects.table import DIALECTS
from assessments.dialects.values import ErasureFacts, Links, OrderFacts
from assessments.models import Callback, Erasure, Order
from assessments.services import resumes
from core.ids import fresh_token, token_hash
from core.models import Candidate
from partners.delivery import outbox
from partners.delivery.asking import address_of
from partners.delivery.messages import Message
from partners.models import Installation, Purpose
from partners.scopes import candidate_fields

log = structlog.get_logger(__name__)

TOKEN_BITS = 128


def ask(order: Order) -> None:
    """Owes the partner the order itself, by a new Event. What was still on its way of it is withdrawn first."""
    outbox.withdraw([order.public_id], *topics.ASKING, note="It was sent again.")
    if order.is_told:
        dialect = dialect_of(order)
        _owe(order, dialect.order(facts_of(order, callback=_callback(order, dialect))), topics.ORDER_PLACED.name)


def cancelled(order: Order) -> None:
    """Owes the partner the news, delivered or not before: it may have read the order by itself."""
    if can_cancel(order):
        _owe(order, dialect_of(order).cancel(facts_of(order)), topics.ORDER_CANCELLED.name)


def can_cancel(order: Order) -> bool:
    """Whether the partner can be told that an order is cancelled: its protocol has words for it, and here an address.

    A protocol that names its orders by the partner's id has none for an order that was not answered yet.
    """
    dialect = dialect_of(order)
    if not dialect.addresses:
        return Capability.CANCEL in dialect.offers
    return Capability.CANCEL in dialect.offers and bool(order.reference) and _is_reached(order, Purpose.CANCEL)


def news(order: Order, topic: topics.Topic, *, expires_at: datetime | None = None, **ids: str) -> None:
    """Owes the partner any other news about the order, where its protocol has words for it."""
    if hears_news(order):
        message = dialect_of(order).event(topic.name, facts_of(order), **ids)
        _owe(order, replace(message, expires_at=expires_at), topic.name)


def hears_news(order: Order) -> bool:
    """Whether the partner's protocol has words for what happens to an order beside its being placed and cancelled."""
    return Capability.EVENTS in dialect_of(order).offers


def complain(order: Order, sentence: str) -> None:
    """Owes the partner word of what it sent and nobody can read, where it wants to hear that. Never breaks anything."""
    dialect = dialect_of(order)
    if Capability.COMPLAIN not in dialect.offers or not _is_reached(order, Purpose.COMPLAINT):
        return
    try:
        with transaction.atomic():
            _owe(order, dialect.complain(facts_of(order), sentence), topics.COMPLAINT)
    except Exception:
        log.exception("complaint_failed", order=order.public_id)


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


def facts_of(order: Order, *, callback: str = "") -> OrderFacts:
    """The order as a dialect may tell it: of the candidate only what the Installation's scopes let out."""
    job = order.application.job
    return OrderFacts(
        order=order.public_id,
        installation=order.installation.public_id,
        organization=order.organization.public_id,
        assessment_type=order.assessment_type.key,
        assessment_name=order.assessment_type.name,
        reference=order.reference,
        status=order.status,
        placed_at=order.created_at,
        placed_by=order.placed_by.email if order.placed_by else "",
        candidate_id=order.candidate.public_id,
        application=order.application.public_id,
        job={"id": job.public_id, "title": job.title, "location": job.location},
        candidate=_leaving(order),
        fields=json.loads(order.fields),
        links=Links(
            candidate=f"{settings.PUBLIC_URL}/candidates/{order.candidate.public_id}",
            job=f"{settings.PUBLIC_URL}/jobs/{job.public_id}",
            callback=callback,
        ),
    )


def contact_of(candidate: Candidate) -> dict[str, str]:
    """The candidate fields that are plain values (the résumé is not), by the names of partners.scopes."""
    is_gone = candidate.erased_at is not None
    return {name: "" if is_gone else getattr(candidate, name) for name in ("first_name", "last_name", "email", "phone")}


def dialect_of(order: Order) -> Dialect:
    return DIALECTS[order.partner.dialect]


def _leaving(order: Order) -> dict[str, str]:
    """What the scopes let out and the protocol carries. The résumé is a link of ours that works for some days."""
    values, dialect = contact_of(order.candidate), dialect_of(order)
    carried = dialect.requires | dialect.carries
    allowed = [name for name in candidate_fields(order.installation.scopes) if name in carried or not dialect.addresses]
    found = {name: values[name] for name in allowed if values.get(name)}
    if "resume_url" in allowed and dialect.addresses and order.candidate.resume:
        found["resume_url"] = resumes.link(order.installation, order.candidate)
    return found


def _callback(order: Order, dialect: Dialect) -> str:
    """A fresh URL at which the partner tells of this order; those given before live on."""
    door = next((door for door in dialect.doors if "{token}" in door.path), None)
    if door is None:
        return ""
    token = fresh_token(TOKEN_BITS)
    Callback.objects.create(order=order, token_hash=token_hash(token))
    return f"{settings.PUBLIC_URL}/{door.path.replace('{token}', token)}"


def _is_reached(order: Order, purpose: str) -> bool:
    endpoint = address_of(order.installation, purpose)
    return endpoint is not None and endpoint.enabled


def _owe(order: Order, message: Message, topic: str) -> None:
    """By our topic, whatever a dialect calls it: that is who reads the reply."""
    if order.is_told:
        outbox.owe(order.installation, replace(message, topic=topic, subject=order.public_id))
