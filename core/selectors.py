"""Visibility: every read of floor 1 for a person or a program starts here. What is not visible does not exist (404)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core.models import Application, Candidate, Invitation, Job, Membership
from core.types import AtOrganization

# A search of more words than these names nobody.
MOST_WORDS = 6


def candidates_visible_to(viewer: AtOrganization) -> QuerySet[Candidate]:
    return Candidate.objects.filter(organization=viewer.organization_id)


def candidates_called(viewer: AtOrganization, words: str) -> QuerySet[Candidate]:
    """Those whose names or address have every word in them."""
    rows = candidates_visible_to(viewer)
    for word in words.split()[:MOST_WORDS]:
        rows = rows.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word))
    return rows


def jobs_visible_to(viewer: AtOrganization) -> QuerySet[Job]:
    return Job.objects.filter(organization=viewer.organization_id)


def applications_visible_to(viewer: AtOrganization) -> QuerySet[Application]:
    return Application.objects.filter(organization=viewer.organization_id)


def memberships_visible_to(viewer: Membership) -> QuerySet[Membership]:
    """Colleagues; the service users of installed partners are no colleagues."""
    return Membership.objects.filter(organization=viewer.organization_id, user__is_service=False)


def invitations_visible_to(viewer: Membership) -> QuerySet[Invitation]:
    return Invitation.objects.filter(organization=viewer.organization_id)
