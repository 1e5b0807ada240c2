"""What a recruiter can pick when sending an assessment: the types of installed Partners, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.models import AssessmentType
from core.models import Membership
from partners.models import Endpoint, Installation, Partner, Purpose
from partners.selectors import installations_visible_to

PAUSED = "Paused by an admin: nothing is sent until it is resumed."
SUSPENDED = "Suspended: this partner takes no orders at the moment."
BROKEN = "The partner cannot be reached at the moment: an order waits until it can."


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One card: a type, whose it is, and its hindrance in a sentence (empty = none)."""

    assessment_type: AssessmentType
    installation: Installation
    hindrance: str

    @property
    def partner(self) -> Partner:
        return self.installation.partner

    @property
    def may_be_sent(self) -> bool:
        """A paused or suspended partner gets nothing; for a broken endpoint the order waits in the outbox."""
        return self.hindrance in ("", BROKEN)

    @property
    def state(self) -> str:
        """The hindrance in a word or three, for a badge."""
        return {PAUSED: "Paused", SUSPENDED: "Suspended", BROKEN: "Not reachable now"}.get(self.hindrance, "")


def offers(membership: Membership) -> list[Offer]:
    """Every type of every installed partner, ready ones first, then by partner and name. Three queries."""
    installations = {
        row.partner_id: row
        for row in installations_visible_to(membership)
        .exclude(status=Installation.Status.REMOVED)
        .select_related("partner", "organization")
    }
    types = AssessmentType.objects.filter(partner__in=installations, retired_at=None).order_by("name")
    broken = _broken_partners(installations)
    shown = [_offer(row, installations[row.partner_id], broken) for row in types]
    return sorted(shown, key=lambda offer: (not offer.may_be_sent, offer.partner.name, offer.assessment_type.name))


def _broken_partners(installations: dict[int, Installation]) -> set[int]:
    """Partners whose endpoint for orders would not take one now: the one that the outbox would choose."""
    chosen: dict[int, Endpoint] = {}
    for endpoint in Endpoint.objects.filter(
        partner__in=installations, purpose__in=[Purpose.ORDER, Purpose.EVENTS]
    ).order_by("id"):
        assert endpoint.partner_id is not None  # filtered for
        installation = installations[endpoint.partner_id]
        if endpoint.environment != installation.environment or endpoint.installation_id not in (None, installation.pk):
            continue
        before = chosen.get(endpoint.partner_id)
        if before is None or _closeness(endpoint) > _closeness(before):
            chosen[endpoint.partner_id] = endpoint
    return {partner for partner, endpoint in chosen.items() if endpoint.is_broken}


def _closeness(endpoint: Endpoint) -> tuple[bool, bool]:
    return endpoint.purpose == Purpose.ORDER, endpoint.installation_id is not None


def _offer(assessment_type: AssessmentType, installation: Installation, broken: set[int]) -> Offer:
    hindrance = ""
    if installation.partner.is_suspended:
        hindrance = SUSPENDED
    elif installation.status == Installation.Status.PAUSED:
        hindrance = PAUSED
    elif assessment_type.partner_id in broken:
        hindrance = BROKEN
    return Offer(assessment_type=assessment_type, installation=installation, hindrance=hindrance)
