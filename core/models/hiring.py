"""Hiring: Candidate (with FormerContact), Job, Stage, Application.

Each row carries its Organization, so that tenancy is one filter.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from core.fields import SealedTextField
from core.ids import public_id
from core.models.people import Organization


def candidate_id() -> str:
    return public_id("cand")


def job_id() -> str:
    return public_id("job")


def stage_id() -> str:
    return public_id("stg")


def application_id() -> str:
    return public_id("app")


def resume_path(candidate: Candidate, _filename: str) -> str:
    """Résumés are stored under our own names: nothing of the uploaded name reaches the file system."""
    return f"resumes/{candidate.public_id}/{public_id('doc')}.pdf"


class Candidate(models.Model):
    """A person whom an Organization considers."""

    public_id = models.CharField(max_length=40, unique=True, default=candidate_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="candidates")
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True)
    location = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    resume = models.FileField(upload_to=resume_path, blank=True, max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    # When everything about the person was deleted; the row stays, and names nobody.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = [
            # The candidate list, newest first.
            models.Index(fields=["organization", "-created_at", "-id"], name="candidate_list"),
            # A person found by address: search, support, matching.
            models.Index(Lower("email"), name="candidate_email"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper()


class FormerContact(models.Model):
    """What a Candidate was called and how they were reached before a change: what came then is found by it."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="former_contacts")
    # Sealed JSON: first_name, last_name, email and phone.
    was = SealedTextField()
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"before {self.changed_at:%Y-%m-%d}, of {self.candidate_id}"


class Job(models.Model):
    """An opening."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    public_id = models.CharField(max_length=40, unique=True, default=job_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="jobs")
    title = models.CharField(max_length=120)
    location = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("title", "id")

    def __str__(self) -> str:
        return self.title


class Stage(models.Model):
    """A step of a Job's hiring plan."""

    public_id = models.CharField(max_length=40, unique=True, default=stage_id, editable=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("job", "position")
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="stage_position_once")]

    def __str__(self) -> str:
        return self.name


class Application(models.Model):
    """A Candidate for a Job, at a Stage. (An OAuth application is ``partners.Application``.)"""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        HIRED = "hired", "Hired"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    public_id = models.CharField(max_length=40, unique=True, default=application_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="applications")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="applications")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="applications")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="applications")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    applied_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-applied_at", "-id")
        constraints = [models.UniqueConstraint(fields=["candidate", "job"], name="application_once")]
        indexes = [
            # The candidate list filtered by job and stage.
            models.Index(fields=["job", "stage"], name="application_job_stage"),
            # The list of the API.
            models.Index(fields=["organization", "id"], name="application_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} for {self.job}"
