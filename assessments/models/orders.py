"""Order: one assessment asked for; OrderUpdate: what the Partner (or a person) told us about it, raw and normalised."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessments.lifecycle import Status
from assessments.models.catalogue import AssessmentType, ResultSchema
from core.ids import public_id
from core.models import Application, Candidate, Organization
from partners.models import Installation, Partner


def order_id() -> str:
    return public_id("ord")


def update_id() -> str:
    return public_id("upd")


class Outcome(models.TextChoices):
    """What the result says, never what the process did."""

    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    REVIEW = "review", "To review"
    NONE = "none", "No outcome"


class Order(models.Model):
    """One Candidate, one Application, one AssessmentType, asked of one Installation.

    ``status`` is written by ``services.transitions.move`` alone.
    """

    class Cancellation(models.TextChoices):
        NONE = "none", "Not asked"
        ASKED = "asked", "Asked"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        TOO_LATE = "too_late", "Too late"

    class Purge(models.TextChoices):
        RETENTION = "retention", "The retention rule"
        ERASURE = "erasure", "The erasure of the candidate"

    # Keys without an index of their own lead one of those below, and ids are unique by a constraint, which spares the
    # second index that PostgreSQL would get for LIKE: each index is written with every change of a row.
    public_id = models.CharField(max_length=40, default=order_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="orders", db_index=False)
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="orders", db_index=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="orders", db_index=False)
    installation = models.ForeignKey(Installation, on_delete=models.PROTECT, related_name="orders", db_index=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="orders", db_index=False)
    assessment_type = models.ForeignKey(AssessmentType, on_delete=models.PROTECT, related_name="orders", db_index=False)
    # The version in force when it was placed; null for a type without a schema.
    result_schema = models.ForeignKey(
        ResultSchema, null=True, blank=True, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    status = models.CharField(
        max_length=20,
        choices=[(s.value, s.value.capitalize()) for s in Status],
        default=Status.REQUESTED.value,
    )
    cancellation = models.CharField(max_length=20, choices=Cancellation.choices, default=Cancellation.NONE)
    # The Partner's own words to a cancellation that our side asked for.
    cancellation_answer = models.CharField(max_length=500, blank=True)
    # What the recruiter filled in, as JSON text.
    fields = models.TextField(default="{}")
    # The Partner's own id of this order, and the page where the candidate takes it.
    reference = models.CharField(max_length=200, blank=True)
    candidate_url = models.URLField(max_length=500, blank=True)
    # The newest update (its key) when the candidate's address changed last: links that were told until then are void.
    links_void_until = models.BigIntegerField(null=True, editable=False)
    # Why it was declined, cancelled, expired or failed, in words for the recruiter.
    reason = models.CharField(max_length=500, blank=True)
    # 0–100 while under way, when the Partner says.
    progress = models.PositiveSmallIntegerField(null=True, blank=True)
    # Promoted from the current result, for lists and filters.
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.NONE)
    # False: the Partner must not learn of it. It came of a back-fill that named its candidate by an address.
    is_told = models.BooleanField(default=True)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    deadline_at = models.DateTimeField(null=True, blank=True)
    # When the partner is asked next to remind the candidate; null = not any more. How often it was.
    remind_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    # When what the order held was deleted, and by what; its skeleton stays (assessments.holdings).
    purged_at = models.DateTimeField(null=True, blank=True)
    purged_by = models.CharField(max_length=10, choices=Purge.choices, blank=True)
    # Changes with everything a page shows of it: the ETag of the progress fragment.
    updated_at = models.DateTimeField(default=timezone.now)
    # Its place in the feed of changes; null from a change until it is given a new one (services.feed).
    position = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="order_id_once"),
            models.UniqueConstraint(
                fields=["position"], condition=Q(position__isnull=False), name="order_position_once"
            ),
        ]
        indexes = [
            # The panel on the candidate profile.
            models.Index(fields=["candidate", "-created_at", "-id"], name="order_candidate"),
            # A partner's pull queue.
            models.Index(fields=["installation", "status", "created_at", "id"], name="order_queue"),
            models.Index(fields=["partner", "created_at", "id"], name="order_partner"),
            # The same by status.
            models.Index(fields=["partner", "status", "created_at", "id"], name="order_partner_status"),
            # The feed: of a partner, and by a token of one installation.
            models.Index(fields=["partner", "position"], condition=Q(position__isnull=False), name="order_feed"),
            models.Index(
                fields=["installation", "position"], condition=Q(position__isnull=False), name="order_feed_installed"
            ),
            # The list and the feed of an organization's own programs.
            models.Index(fields=["organization", "created_at", "id"], name="order_organization"),
            models.Index(
                fields=["organization", "position"],
                condition=Q(position__isnull=False),
                name="order_feed_organization",
            ),
            # What waits for its position.
            models.Index(fields=["id"], condition=Q(position=None), name="order_unnumbered"),
            # The candidate list filtered by assessment status.
            models.Index(fields=["organization", "status"], name="order_organization_status"),
            # Orders whose deadline passed.
            models.Index(
                fields=["deadline_at"],
                condition=Q(status__in=["requested", "sent", "started"]),
                name="order_deadline",
            ),
            # Candidates to be reminded.
            models.Index(
                fields=["remind_at"],
                condition=Q(status__in=["requested", "sent"], remind_at__isnull=False),
                name="order_reminder",
            ),
            # What has been kept long enough.
            models.Index(
                fields=["assessment_type", "completed_at"],
                condition=Q(purged_at=None),
                name="order_retention",
            ),
            # Support: a partner reference.
            models.Index(fields=["reference"], name="order_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_type} {self.public_id}"


class OrderUpdate(models.Model):
    """Something told to us about an Order. Nothing told is ever dropped: refused and ignored ones are rows too."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        STARTED = "started", "Started"
        PROGRESS = "progress", "Progress"
        NOTE = "note", "Note"
        CANCELLED = "cancelled", "Cancelled"
        CANCEL_REFUSED = "cancel_refused", "Too late to cancel"
        EXPIRED = "expired", "Expired"
        DEADLINE = "deadline", "Deadline put off"
        RESULT = "result", "Result"
        UNREADABLE = "unreadable", "Something that cannot be read"

    class Outcome(models.TextChoices):
        APPLIED = "applied", "Applied"
        IGNORED = "ignored", "Ignored"  # stale or kept
        REFUSED = "refused", "Refused"  # contradicts the lifecycle
        REJECTED = "rejected", "Rejected"  # the document breaks its schema, or nobody can read it

    class Source(models.TextChoices):
        PARTNER = "partner", "Partner"
        PERSON = "person", "Person"
        RECEIPT = "receipt", "Reply to a delivery"
        ASKED = "asked", "Answer to our question"

    public_id = models.CharField(max_length=40, default=update_id, editable=False)
    # The order's own. Checked by the database once more, each row would lock its organization's.
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="updates", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    source = models.CharField(max_length=20, choices=Source.choices, default=Source.PARTNER)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    # The exact body received, capped.
    raw = models.BinaryField(default=bytes)
    # In our words, as JSON text: {"kind", "occurred_at", "note"?, "progress"?, …}.
    normalised = models.TextField(default="{}")
    # SHA-256 of the normalised form: the same update told twice is one row.
    digest = models.CharField(max_length=64)
    # Why it was refused or rejected: [{"pointer", "code", "message", "schema_pointer"}].
    problems = models.JSONField(default=list, blank=True)
    request_id = models.CharField(max_length=60, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("order", "id")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="order_update_id_once"),
            models.UniqueConstraint(fields=["order", "digest"], name="order_update_once"),
        ]
        indexes = [
            # Support: rejected documents, newest first.
            models.Index(fields=["outcome", "-received_at"], name="order_update_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
