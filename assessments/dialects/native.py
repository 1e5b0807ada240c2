"""Our own protocol: Standard Webhooks with thin bodies; the partner reads the rest by an authenticated GET.

Oddities: none. A reply of 2xx settles a delivery and says nothing of the order: accepting and declining are calls of
their own, at the doors of the API. So is everything else that the partner tells, and the API answers it by itself.
"""

from __future__ import annotations

from assessments import topics
from assessments.dialects.base import Capability, Mute
from assessments.dialects.values import ErasureFacts, OrderFacts
from partners.delivery.messages import Message, thin


class Native(Mute):
    """Repeatable throughout: every attempt of an event carries the same ``webhook-id``."""

    name = "native"
    label = "Native"
    offers = frozenset({Capability.ORDER, Capability.CANCEL, Capability.EVENTS})

    def order(self, facts: OrderFacts) -> Message:
        return self.event(topics.ORDER_PLACED.name, facts, assessment_type=facts.assessment_type)

    def cancel(self, facts: OrderFacts) -> Message:
        return self.event(topics.ORDER_CANCELLED.name, facts)

    def event(self, topic: str, facts: OrderFacts, **ids: str) -> Message:
        body = thin(topic, order=facts.order, installation=facts.installation, organization=facts.organization, **ids)
        return Message(topic=topic, purpose=topics.TOPICS[topic].purpose, subject=facts.order, body=body)

    def erased(self, facts: ErasureFacts) -> Message:
        topic = topics.CANDIDATE_ERASED
        body = thin(
            topic.name,
            erasure=facts.erasure,
            candidate=facts.candidate,
            installation=facts.installation,
            organization=facts.organization,
        )
        return Message(topic=topic.name, purpose=topic.purpose, subject=facts.candidate, body=body)
