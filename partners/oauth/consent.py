"""What an admin reads before a partner comes in: scopes as sentences, the fields that leave, a sample."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.db.models import Q, QuerySet

from core.models import Membership, Organization, Role, User
from partners.models import Application, Environment, Partner
from partners.scopes import CANDIDATE_FIELDS, SCOPES, candidate_fields

# Leaves always: it tells orders of one candidate from those of another, and means nothing elsewhere.
SAMPLE_ID = "cand_06h0kvd00kaqnabijin4q1k5p0"
# A person who does not exist; the telephone number is of the range set aside for fiction.
SAMPLE_CANDIDATE = {
    "first_name": "Robin",
    "last_name": "Ashcombe",
    "email": "robin.ashcombe@candidates.example",
    "phone": "+44 20 7946 0101",
    "resume_url": "https://candidates.example/robin-ashcombe.pdf",
}
FIELD_NAMES = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail address",
    "phone": "Phone number",
    "resume_url": "Résumé",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """The content of the consent screen, of the Connect page and of an installation's page."""

    partner: Partner
    # (name, sentence), in the order of the table.
    scopes: tuple[tuple[str, str], ...]
    # In words, those that leave and those that stay.
    leaving: tuple[str, ...]
    staying: tuple[str, ...]
    # JSON, indented.
    sample: str


def describe(partner: Partner, scopes: Iterable[str]) -> Consent:
    """What these scopes mean for the candidates of an organization."""
    granted = frozenset(scopes)
    leaving = candidate_fields(granted)
    return Consent(
        partner=partner,
        scopes=tuple((name, sentence) for name, sentence in SCOPES.items() if name in granted),
        leaving=tuple(FIELD_NAMES[field] for field in leaving),
        staying=tuple(FIELD_NAMES[field] for field in CANDIDATE_FIELDS if field not in leaving),
        sample=json.dumps(
            {"candidate": {"id": SAMPLE_ID, **{field: SAMPLE_CANDIDATE[field] for field in leaving}}}, indent=2
        ),
    )


def organizations_for(person: User, application: Application) -> QuerySet[Organization]:
    """Where the person is admin and the Application may be installed: its own sandbox, or live organizations.

    The sandbox Application only ever reaches its Partner's sandbox; the live one of an approved Partner the rest.
    """
    partner = application.partner
    assert partner is not None  # an organization's client has no consent to ask for
    if application.environment == Environment.SANDBOX:
        allowed = Q(pk=partner.sandbox_organization_id)
    else:
        allowed = Q(is_sandbox=False) if partner.status == Partner.Status.APPROVED else Q(pk=None)
    administered = Membership.objects.filter(user=person, role=Role.ADMIN).values("organization")
    return Organization.objects.filter(allowed, pk__in=administered)


def origin_of(uri: str) -> str:
    """``scheme://host[:port]`` of an absolute URI: for the admin's eyes and for CSP."""
    parts = urlsplit(uri)
    # What was registered before hosts were looked at must not write into the policy either.
    host = quote(parts.hostname or "", safe=":")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
