"""Links to a résumé for partners that cannot call our API: signed, for some days, and only while they may read it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing

from core.models import Candidate
from partners.models import Installation, Partner

LIFETIME = timedelta(days=7)
SCOPE = "candidates.resume:read"
_SALT = "assessments.resume"


def link(installation: Installation, candidate: Candidate) -> str:
    """An absolute URL that answers for LIFETIME."""
    token = signing.dumps([installation.public_id, candidate.public_id], salt=_SALT)
    return f"{settings.PUBLIC_URL}/resumes/{token}"


def candidate_of(token: str) -> Candidate | None:
    """Whose résumé the link is for, if it may still be read: signed by us, not too old, by an active Installation
    with the scope, of a Partner that is not suspended, that has an order of this candidate.
    """
    try:
        installation, candidate = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Candidate.objects.filter(
        public_id=candidate,
        orders__installation__public_id=installation,
        orders__installation__status=Installation.Status.ACTIVE,
        orders__installation__partner__status__in=[Partner.Status.SANDBOX, Partner.Status.APPROVED],
        orders__installation__granted__contains=f" {SCOPE} ",
    )
    return rows.exclude(resume="").distinct().first()
