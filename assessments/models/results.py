"""What came back: Result, in numbered revisions, and Attachment."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from assessments.models.catalogue import ResultSchema
from assessments.models.orders import Order, Outcome
from core.ids import public_id
from core.models import Organization


def result_id() -> str:
    return public_id("res")


def attachment_id() -> str:
    return public_id("att")


def attachment_path(attachment: Attachment, _filename: str) -> str:
    """Stored under our own id: nothing of the name a Partner sent reaches the file system."""
    return f"attachments/{attachment.public_id[4:8]}/{attachment.public_id}"


class Result(models.Model):
    """One revision of an Order's accepted document. Never changed afterwards: a correction is a new revision."""

    class Kind(models.TextChoices):
        PARTIAL = "partial", "Partial"
        FINAL = "final", "Final"
        AMENDED = "amended", "Amended"

    public_id = models.CharField(max_length=40, default=result_id, editable=False)
    # The order's own. Checked by the database once more, each row would lock its organization's.
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="results", db_index=False, db_constraint=False
    )
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="results", db_index=False)
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=500, blank=True)
    # The version that validated it; null for a type without a schema.
    result_schema = models.ForeignKey(
        ResultSchema, null=True, blank=True, on_delete=models.PROTECT, related_name="results"
    )
    # The exact text received.
    document = models.TextField()
    # SHA-256 (hex) over the RFC 8785 form of kind, reason and document: the same result told twice is one revision.
    digest = models.CharField(max_length=64)
    # Arrived after the order had ended: kept and shown as late.
    is_late = models.BooleanField(default=False)
    # Promoted by the schema's x-summary, for lists; who may see the score (roles, space separated; empty = all).
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.NONE)
    score = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    score_maximum = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    score_audience = models.CharField(max_length=80, blank=True)
    outcome_audience = models.CharField(max_length=80, blank=True)
    report_url = models.URLField(max_length=1000, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("order", "-revision")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="result_id_once"),
            models.UniqueConstraint(fields=["order", "revision"], name="result_revision_once"),
            models.UniqueConstraint(fields=["order", "digest"], name="result_digest_once"),
        ]

    def __str__(self) -> str:
        return f"revision {self.revision} of {self.order_id}"


class Attachment(models.Model):
    """A report (PDF or PNG) that came with an Order. Its type was read from its content."""

    public_id = models.CharField(max_length=40, unique=True, default=attachment_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="attachments")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="attachments")
    # What the Partner called it; shown, never used as a path or a header as it stands.
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=attachment_path, max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("order", "id")
        constraints = [models.UniqueConstraint(fields=["order", "sha256"], name="attachment_once")]

    def __str__(self) -> str:
        return self.name
