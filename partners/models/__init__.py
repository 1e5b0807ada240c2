"""The models of floor 2: partners, endpoints, installations, the outbox."""

from __future__ import annotations

from partners.models.delivery import Attempt, Delivery, Event
from partners.models.endpoint import Endpoint, Purpose, SigningSecret
from partners.models.installation import Installation
from partners.models.partner import Application, Environment, Partner, PartnerMember

__all__ = [
    "Application",
    "Attempt",
    "Delivery",
    "Endpoint",
    "Environment",
    "Event",
    "Installation",
    "Partner",
    "PartnerMember",
    "Purpose",
    "SigningSecret",
]
