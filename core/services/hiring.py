"""What people and programs do with candidates, applications and jobs. Every deed is audited in its own transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import transaction

from core import audit
from core.errors import CandidateErased
from core.models import Application, Candidate, FormerContact, Job, Organization, Stage, User
from core.secrets import decrypt, encrypt

CONTACT = ("first_name", "last_name", "email", "phone")


@transaction.atomic
def add_candidate(candidate: Candidate, stage: Stage, *, actor: User | str) -> Candidate:
    """Saves a new candidate of the stage's organization, with an application at that stage."""
    candidate.organization = stage.job.organization
    register(candidate, actor=actor)
    apply(candidate, stage, actor=actor)
    return candidate


@transaction.atomic
def register(candidate: Candidate, *, actor: User | str) -> Candidate:
    """Saves a new candidate who has not applied for anything yet."""
    candidate.save()
    audit.record("candidate.added", actor=actor, organization=candidate.organization, subject=candidate.public_id)
    return candidate


@transaction.atomic
def change_contact(candidate: Candidate, *, was: Candidate, changed: Iterable[str], actor: User | str) -> Candidate:
    """Saves what a form changed, and remembers what ``was``, the row before. The audit names the fields alone.

    A new address concerns whoever was told the old one: pages change it by way of the floor above.
    """
    before = _contact(was)
    candidate.save()
    if before != _contact(candidate):
        FormerContact.objects.create(candidate=candidate, was=encrypt(json.dumps(before)))
    audit.record(
        "candidate.changed",
        actor=actor,
        organization=candidate.organization,
        subject=candidate.public_id,
        fields=sorted(changed),
    )
    return candidate


def contacts_of(candidate: Candidate) -> list[dict[str, str]]:
    """What the candidate is called and how they are reached, now and before: CONTACT of each."""
    former = candidate.former_contacts.order_by("-pk").values_list("was", flat=True)
    return [_contact(candidate), *(json.loads(decrypt(text)) for text in former)]


def _contact(row: Candidate) -> dict[str, str]:
    return {name: getattr(row, name) for name in CONTACT}


@transaction.atomic
def apply(candidate: Candidate, stage: Stage, *, actor: User | str) -> Application:
    """A candidate for the stage's job: the application that exists, else a new one. Raises CandidateErased."""
    if Candidate.objects.select_for_update(no_key=True).get(pk=candidate.pk).erased_at is not None:
        raise CandidateErased
    application, is_new = Application.objects.get_or_create(
        candidate=candidate, job=stage.job, defaults={"stage": stage, "organization": candidate.organization}
    )
    if is_new:
        _record("application.added", application, actor, stage=stage.public_id)
    return application


@transaction.atomic
def move(application: Application, stage: Stage, *, actor: User | str) -> Application:
    """To another stage of the same job."""
    application.stage = stage
    application.save(update_fields=["stage"])
    _record("application.moved", application, actor, stage=stage.public_id)
    return application


@transaction.atomic
def decide(application: Application, status: Application.Status, *, actor: User | str) -> Application:
    """Hired, rejected, withdrawn, or active again."""
    application.status = status
    application.save(update_fields=["status"])
    _record("application.decided", application, actor, status=str(status))
    return application


@transaction.atomic
def open_job(organization: Organization, *, title: str, location: str, stages: Iterable[str], actor: User | str) -> Job:
    """A new job with its stages, in the order given."""
    job = Job.objects.create(organization=organization, title=title, location=location)
    Stage.objects.bulk_create(
        Stage(job=job, name=name, position=position) for position, name in enumerate(stages, start=1)
    )
    audit.record("job.opened", actor=actor, organization=organization, subject=job.public_id)
    return job


@transaction.atomic
def set_job_status(job: Job, status: Job.Status, *, actor: User | str) -> Job:
    job.status = status
    job.save(update_fields=["status"])
    audit.record(
        f"job.{'reopened' if status == Job.Status.OPEN else 'closed'}",
        actor=actor,
        organization=job.organization,
        subject=job.public_id,
    )
    return job


def _record(verb: str, application: Application, actor: User | str, **facts: str) -> None:
    audit.record(verb, actor=actor, organization=application.organization, subject=application.public_id, **facts)
