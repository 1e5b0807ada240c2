"""``manage.py demo``: the demo world, once. History goes through the services that a live order uses."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from assessments.demo import connected, history, people
from assessments.demo.reports import report
from assessments.models import AssessmentType, Order
from assessments.services import attachments, backfill, catalogue, orders, results, updates
from assessments.services.backfill import Told
from core.models import Application, Candidate, Job, Membership, Organization, Stage, User
from partners.models import Environment, Installation, Partner
from partners.scopes import ALL
from partners.services import credentials, installations, onboarding

PASSWORD = "demo"  # noqa: S105  known to everybody: the demo profile only
EXAMPLES = settings.BASE_DIR / "examples" / "partners"


class Command(BaseCommand):
    help = "Seed the demo world, or, where it is there, see that its vendors have their ports. Only with DEMO=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("People with a known password are for the demo only: set DEMO=1.")
        if Organization.objects.filter(name="Acme Robotics").exists():
            return connected.find_ports()
        with transaction.atomic():
            # One hash for all, because hashing is slow on purpose: it is one password.
            hashed = make_password(PASSWORD)
            acme = seed_people(hashed)
            types = {entry[2]: seed_partner(hashed, acme, *entry) for entry in people.PARTNERS}
            seed_history(acme, types)
            seed_without_orders(acme, types)
            for ours in connected.connect(acme):
                write_credentials(ours.pop("folder"), ours)


def seed_people(hashed: str) -> Organization:
    """The organizations with their people, jobs and candidates; Acme."""
    User.objects.create(
        email="support@assay.example", name="Support", password=hashed, is_staff=True, is_superuser=True
    )
    acme = Organization.objects.create(name="Acme Robotics")
    globex = Organization.objects.create(name="Globex")
    for address, name, organization, role in people.PEOPLE:
        user = User.objects.create(email=address, name=name, password=hashed)
        place = acme if organization == acme.name else globex
        Membership.objects.create(user=user, organization=place, role=role)
    seed_hiring(acme, people.JOBS, tuple(zip(people.FIRST, people.LAST, strict=True)))
    seed_hiring(globex, (people.GLOBEX_JOB,), people.GLOBEX)
    return acme


def seed_hiring(
    organization: Organization, jobs: tuple[tuple[str, str], ...], names: tuple[tuple[str, str], ...]
) -> None:
    opened = [Job.objects.create(organization=organization, title=title, location=place) for title, place in jobs]
    stages = {
        job.pk: [Stage.objects.create(job=job, name=name, position=at) for at, name in enumerate(people.STAGES)]
        for job in opened
    }
    candidates = Candidate.objects.bulk_create(
        Candidate(
            organization=organization,
            first_name=first,
            last_name=last,
            email=f"{first}.{last}@people.example".lower().replace(" ", ""),
            phone=f"+1 555 01{index:02}",
            location=people.PLACES[index % len(people.PLACES)],
        )
        for index, (first, last) in enumerate(names)
    )
    Application.objects.bulk_create(
        Application(
            organization=organization,
            candidate=candidate,
            job=opened[index % len(opened)],
            stage=stages[opened[index % len(opened)].pk][index // len(opened) % len(people.STAGES)],
        )
        for index, candidate in enumerate(candidates)
    )


def seed_partner(
    hashed: str, acme: Organization, folder: str, name: str, key: str, title: str, kind: str, elsewhere: tuple[str, ...]
) -> AssessmentType:
    """Registers, is approved, declares itself and is installed; its live credentials go into a file of its own."""
    address = f"dev@{folder}.example"
    developer = User.objects.create(email=address, name=f"{name} developer", password=hashed)
    partner = onboarding.register_partner(name=name, contact_email=address, person=developer).partner
    onboarding.approve(partner, actor="demo")
    application, secret = credentials.issue(partner, Environment.LIVE, actor="demo")
    for organization in (acme, *Organization.objects.filter(name__in=elsewhere)):
        installations.install(partner, organization, scopes=ALL, actor="demo")
    write_credentials(folder, {"client_id": application.client_id, "client_secret": secret})
    return declare(partner, folder, key, title, kind)


def declare(partner: Partner, folder: str, key: str, title: str, kind: str) -> AssessmentType:
    """The same files that the partner's program declares by itself a moment later."""
    order_schema = json.dumps(json.loads((EXAMPLES / folder / "order_schema.json").read_text()), ensure_ascii=False)
    row, _ = catalogue.put_type(partner, key, name=title, description="", kind=kind, order_schema_text=order_schema)
    catalogue.publish(catalogue.draft_schema(row, (EXAMPLES / folder / "schema.json").read_text()))
    return row


def write_credentials(folder: str, ours: dict[str, Any]) -> None:
    """Mode 0600 from the first byte on."""
    file: Path = settings.DATA_DIR / "partners" / f"{folder}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps({"platform_url": settings.PUBLIC_URL, **ours}, indent=2))


def seed_history(acme: Organization, types: dict[str, AssessmentType]) -> None:
    recruiter = User.objects.get(email="recruiter@acme.example")
    applications = list(Application.objects.filter(organization=acme).select_related("candidate").order_by("id"))
    for position, key, steps in history.ORDERS:
        installation = Installation.objects.get(partner=types[key].partner, organization=acme)
        order = orders.place(
            application=applications[position],
            installation=installation,
            assessment_type=types[key],
            fields=history.FIELDS[key],
            placed_by=recruiter,
        )
        for step, said in steps:
            tell(order, step, said, recruiter)


def tell(order: Order, step: str, said: dict[str, Any], recruiter: User) -> None:
    """One step of the script, through the service that a live one goes through."""
    raw = json.dumps({"kind": step, **said}, ensure_ascii=False).encode()
    order.refresh_from_db()
    if step == "cancel":
        orders.cancel(order, actor=recruiter, reason="The job was filled.")
    elif step == "report":
        attachments.store(order, name="Report.pdf", content=report(order.assessment_type.name, order.public_id))
    elif "document" in said:
        text = json.dumps(said["document"], ensure_ascii=False)
        results.record(
            order,
            kind=step,
            document_text=text,
            document=said["document"],
            occurred_at=None,
            reason=said.get("reason", ""),
            raw=raw,
        )
    else:
        updates.record(order, kind=step, occurred_at=None, raw=raw, **said)


def seed_without_orders(acme: Organization, types: dict[str, AssessmentType]) -> None:
    for candidate, key, document in history.WITHOUT_AN_ORDER:
        schema = catalogue.current_schema(types[key])
        assert schema is not None  # declared above
        told = Told(
            assessment_type=types[key],
            result_schema=schema,
            candidate=candidate,
            document_text=json.dumps(document, ensure_ascii=False),
            document=document,
            occurred_at=timezone.now() - timedelta(days=200),
            reason="Moved over from our archive.",
        )
        installation = Installation.objects.get(partner=types[key].partner, organization=acme)
        backfill.receive(installation, told, raw=told.document_text.encode())
    backfill.match_due()
