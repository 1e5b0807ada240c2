"""Rows for the delivery tests, made straight: the services that make them in the product have tests of their own."""

from __future__ import annotations

from typing import Any

from core import secrets
from core.models import Organization, User
from partners.delivery import messages, outbox
from partners.delivery.claims import Claim
from partners.delivery.messages import Message
from partners.delivery.sender import Sender
from partners.delivery.settlement import Sent
from partners.delivery.tasks import Engine
from partners.models import Delivery, Endpoint, Environment, Event, Installation, Partner, Purpose, SigningSecret

SECRET = "whsec_" + "Y29kZWZvcmdlIGNvZGVmb3JnZSBjb2RlZm9yZ2UhISE="


def partner(name: str = "CodeForge", **fields: Any) -> Partner:
    return Partner.objects.create(name=name, **{"status": Partner.Status.APPROVED, **fields})


def installation(of: Partner, organization: str = "Acme Robotics", *, sandbox: bool = False) -> Installation:
    host = Organization.objects.create(name=organization, is_sandbox=sandbox)
    user = User.objects.create(email=f"{of.public_id}.{host.public_id}@service.example", is_service=True)
    return Installation.objects.create(partner=of, organization=host, service_user=user)


def endpoint(of: Partner, url: str = "https://codeforge.example/hooks", **fields: Any) -> Endpoint:
    made = Endpoint.objects.create(
        partner=of,
        url=url,
        **{"environment": Environment.LIVE, "purpose": Purpose.EVENTS, **fields},
    )
    SigningSecret.objects.create(endpoint=made, encrypted=secrets.encrypt(SECRET))
    return made


def message(subject: str = "ord_1", **fields: Any) -> Message:
    topic = fields.setdefault("topic", "order.placed")
    fields.setdefault("purpose", "order")
    fields.setdefault("body", messages.thin(topic, order=subject))
    return Message(subject=subject, **fields)


def deliver() -> None:
    """All that is due now, until it is settled, in this thread."""
    Engine().run()


def attempted(*claimed: Claim) -> list[Sent]:
    """One call for each, and what came of it."""
    sender, sent = Sender(), []
    sender.send(claimed)
    while sender.under_way:
        sent += sender.finished(timeout=30)
    return sent


def owed(to: Installation, subject: str = "ord_1", **fields: Any) -> Delivery:
    """One due delivery."""
    event: Event = outbox.owe(to, message(subject, **fields))
    return event.deliveries.get()
