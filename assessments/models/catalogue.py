"""What a Partner sells: AssessmentType, and the ResultSchemas that say what its results look like."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from core.ids import public_id
from partners.models import Partner


def assessment_type_id() -> str:
    return public_id("at")


class AssessmentType(models.Model):
    """What a recruiter can pick from a Partner's catalogue."""

    class Kind(models.TextChoices):
        CODING = "coding", "Coding test"
        LANGUAGE = "language", "Language test"
        BACKGROUND_CHECK = "background_check", "Background check"
        REFERENCE_CHECK = "reference_check", "Reference check"
        INTERVIEW = "interview", "Interview"
        PERSONALITY = "personality", "Personality test"
        SKILLS = "skills", "Skills test"
        OTHER = "other", "Other"

    class Counts(models.TextChoices):
        """Which of several attempts counts."""

        LATEST = "latest", "The latest attempt counts"
        BEST = "best", "The best attempt counts"
        FIRST = "first", "The first attempt counts"

    public_id = models.CharField(max_length=40, unique=True, default=assessment_type_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="assessment_types")
    # The Partner's own name for it, in URLs.
    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    # The exact text received; empty = nothing to fill in.
    order_schema = models.TextField(blank=True)
    # How long a candidate has, unless the recruiter says otherwise; null = no deadline.
    deadline_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # From one attempt to the next; 0 = at once.
    cool_down_days = models.PositiveSmallIntegerField(default=0)
    counts = models.CharField(max_length=10, choices=Counts.choices, default=Counts.LATEST)
    # For how long a result says something; null = for good.
    valid_months = models.PositiveSmallIntegerField(null=True, blank=True)
    # For how long a result may be kept at most: an ISO 8601 duration; empty = as long as the organization likes.
    retention = models.CharField(max_length=20, blank=True)
    # From the order to the first reminder, and from that to the second; 0 = never.
    remind_after_days = models.PositiveSmallIntegerField(default=3)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("partner", "name", "id")
        constraints = [models.UniqueConstraint(fields=["partner", "key"], name="assessment_type_key_once")]

    def __str__(self) -> str:
        return self.name


class ResultSchema(models.Model):
    """A numbered declaration of a result's shape; immutable once published."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    assessment_type = models.ForeignKey(AssessmentType, on_delete=models.CASCADE, related_name="result_schemas")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    # The exact text received.
    text = models.TextField()
    # SHA-256 (hex) of its RFC 8785 form.
    digest = models.CharField(max_length=64)
    # Promoted at its publication: each x-retention in it, with spaces between, and whether there is an x-audience.
    retention = models.TextField(default="", blank=True)
    restricts = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("assessment_type", "-version")
        constraints = [
            models.UniqueConstraint(fields=["assessment_type", "version"], name="result_schema_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_type} v{self.version}"
