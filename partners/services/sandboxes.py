"""What a sandbox Organization holds at its beginning, and the end of sandboxes nobody uses. All of it is fictional."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit
from core.models import Application, Candidate, Job, Organization, Stage
from partners.models import Application as ApiClient
from partners.models import Endpoint, Installation, Partner
from partners.services import clients, installations

IDLE_FOR = timedelta(days=90)
RETIRED = "This sandbox was not used for 90 days."

STAGES = ("Applied", "Screening", "Assessment", "Interview", "Offer")
# Given name, family name, telephone, place, time zone; the numbers are of the range set aside for fiction.
PEOPLE = (
    ("Robin", "Ashcombe", "+44 20 7946 0101", "Leeds, United Kingdom", "Europe/London"),
    ("Noor", "El-Amin", "+44 20 7946 0102", "Rotterdam, Netherlands", "Europe/Amsterdam"),
    ("Mateus", "Figueira", "+44 20 7946 0103", "Porto, Portugal", "Europe/Lisbon"),
    ("Ingrid", "Solheim", "", "Bergen, Norway", "Europe/Oslo"),
)


# Of the first of them.
RESUME = Path(__file__).resolve().parents[1] / "assets" / "resume.pdf"


def furnish(organization: Organization) -> None:
    """One job with its stages, and four candidates who applied for it, the first with a résumé."""
    job = Job.objects.create(organization=organization, title="Software engineer", location="Remote")
    stages = Stage.objects.bulk_create(
        Stage(job=job, name=name, position=position) for position, name in enumerate(STAGES)
    )
    people = [_candidate(organization, *person) for person in PEOPLE]
    people[0].resume = ContentFile(RESUME.read_bytes(), RESUME.name)
    Candidate.objects.bulk_create(people)
    Application.objects.bulk_create(
        Application(organization=organization, candidate=candidate, job=job, stage=stages[min(place, len(stages) - 1)])
        for place, candidate in enumerate(people)
    )


def replace(candidate: Candidate) -> Candidate:
    """A new candidate like this one, at the same place among the others: for a sandbox whose candidate is erased."""
    again = Candidate(
        organization=candidate.organization,
        **{name: getattr(candidate, name) for name in ("first_name", "last_name", "email", "phone", "location")},
        time_zone=candidate.time_zone,
    )
    if candidate.resume:
        again.resume = ContentFile(RESUME.read_bytes(), RESUME.name)
    again.save()
    for application in candidate.applications.all():
        Application.objects.create(
            organization=candidate.organization,
            candidate=again,
            job_id=application.job_id,
            stage_id=application.stage_id,
            applied_at=application.applied_at,
        )
    return again


def _candidate(organization: Organization, first: str, last: str, phone: str, place: str, zone: str) -> Candidate:
    return Candidate(
        organization=organization,
        first_name=first,
        last_name=last,
        email=f"{first}.{last}@candidates.example".lower(),
        phone=phone,
        location=place,
        time_zone=zone,
    )


def retire_idle() -> int:
    """Retires every sandbox Partner that made no call for 90 days; returns how many."""
    idle = Partner.objects.filter(status=Partner.Status.SANDBOX, last_seen_at__lt=timezone.now() - IDLE_FOR)
    return sum(_retire(partner) for partner in idle.order_by("pk").iterator())


@transaction.atomic
def _retire(partner: Partner) -> bool:
    """Its credentials and tokens go, its Installation ends, its endpoints are disabled; what was exchanged stays.

    False for one that was seen again in the meantime.
    """
    row = Partner.objects.filter(pk=partner.pk, status=Partner.Status.SANDBOX, last_seen_at=partner.last_seen_at)
    if not row.update(status=Partner.Status.SUSPENDED, suspended_at=timezone.now()):
        return False
    for installation in Installation.objects.filter(partner=partner):
        installations.remove(installation, actor="beat")
    partner.applications.all().delete()
    sandbox = partner.sandbox_organization
    for client in ApiClient.objects.filter(organization=sandbox, revoked_at=None).exclude(organization=None):
        clients.revoke(client, actor="beat")
    theirs = Q(partner=partner) | Q(organization=sandbox, organization__isnull=False)
    Endpoint.objects.filter(theirs).update(enabled=False, disabled_reason=RETIRED)
    audit.record("partner.retired", actor="beat", subject=partner.public_id, organization=partner.sandbox_organization)
    return True
