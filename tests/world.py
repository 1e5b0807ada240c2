"""The one world of the suite: Acme with an admin, a recruiter and an interviewer; Globex with Mallory, who must see
nothing of Acme's. Built by the ``world`` fixture in ``tests.conftest``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.models import Application, Candidate, Job, Membership, Organization, Role, Stage, User

PASSWORD = "correct horse battery"
APPLIED_AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class World:
    """Memberships are the viewers; their ``user`` signs in with ``PASSWORD``."""

    acme: Organization
    admin: Membership
    recruiter: Membership
    interviewer: Membership
    job: Job
    stages: list[Stage]
    other_job: Job
    ada: Candidate
    bram: Candidate
    application: Application
    globex: Organization
    mallory: Membership
    globex_job: Job
    globex_stage: Stage
    globex_candidate: Candidate
    globex_application: Application


def make_world() -> World:
    acme = Organization.objects.create(name="Acme Robotics")
    globex = Organization.objects.create(name="Globex")
    job, stages = make_job(acme, "Back-end engineer", ["Applied", "Assessment", "Interview"])
    other_job, _ = make_job(acme, "Field technician", ["Applied", "Offer"])
    globex_job, globex_stages = make_job(globex, "Chemist", ["Applied", "Laboratory"])
    ada = make_candidate(acme, "Ada", "Okafor", location="Lagos", phone="+234 1 555 0100")
    bram = make_candidate(acme, "Bram", "Lindqvist")
    stranger = make_candidate(globex, "Gwen", "Sorel")
    return World(
        acme=acme,
        admin=make_member(acme, Role.ADMIN, "Ines Almeida", "admin@acme.example"),
        recruiter=make_member(acme, Role.RECRUITER, "Jonas Weber", "recruiter@acme.example"),
        interviewer=make_member(acme, Role.INTERVIEWER, "Priya Natarajan", "interviewer@acme.example"),
        job=job,
        stages=stages,
        other_job=other_job,
        ada=ada,
        bram=bram,
        application=make_application(ada, stages[1]),
        globex=globex,
        mallory=make_member(globex, Role.ADMIN, "Mallory Finch", "mallory@globex.example"),
        globex_job=globex_job,
        globex_stage=globex_stages[0],
        globex_candidate=stranger,
        globex_application=make_application(stranger, globex_stages[0]),
    )


def make_member(organization: Organization, role: Role, name: str, email: str) -> Membership:
    user = User.objects.create_user(email, PASSWORD, name=name)
    return Membership.objects.create(user=user, organization=organization, role=role)


def make_job(organization: Organization, title: str, stages: list[str]) -> tuple[Job, list[Stage]]:
    job = Job.objects.create(organization=organization, title=title, location="Lisbon")
    rows = [Stage(job=job, name=name, position=at) for at, name in enumerate(stages, start=1)]
    return job, Stage.objects.bulk_create(rows)


def make_candidate(organization: Organization, first_name: str, last_name: str, **fields: str) -> Candidate:
    """With an address made of the name."""
    email = fields.pop("email", f"{first_name}.{last_name}@mail.example".lower())
    return Candidate.objects.create(
        organization=organization, first_name=first_name, last_name=last_name, email=email, **fields
    )


def make_application(candidate: Candidate, stage: Stage) -> Application:
    return Application.objects.create(
        organization=candidate.organization, candidate=candidate, job=stage.job, stage=stage, applied_at=APPLIED_AT
    )
