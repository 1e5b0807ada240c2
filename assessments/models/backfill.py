"""Backfill: a result that came without an order, until its candidate is found. Written by services.backfill alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessments.models.catalogue import AssessmentType, ResultSchema
from assessments.models.orders import Order
from assessments.models.results import Result
from core.ids import public_id
from core.models import Organization
from partners.models import Installation, Partner


def backfill_id() -> str:
    return public_id("bf")


class Backfill(models.Model):
    """One result without an order, as it came, and what became of it."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"  # nobody looked for its candidate yet
        WAITING = "waiting", "Waits for a person"
        ATTACHED = "attached", "Attached"
        DISMISSED = "dismissed", "Dismissed"
        REJECTED = "rejected", "Rejected"  # the document breaks its schema

    class Cause(models.TextChoices):
        NONE = "", "—"
        UNMATCHED = "unmatched", "No candidate fits"
        AMBIGUOUS = "ambiguous", "Several fit, or none that is open"

    public_id = models.CharField(max_length=40, unique=True, default=backfill_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="backfills")
    installation = models.ForeignKey(Installation, on_delete=models.PROTECT, related_name="backfills")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="backfills")
    assessment_type = models.ForeignKey(AssessmentType, on_delete=models.PROTECT, related_name="backfills")
    # The version that checked it.
    result_schema = models.ForeignKey(ResultSchema, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    # Why it waits for a person.
    cause = models.CharField(max_length=10, choices=Cause.choices, default=Cause.NONE, blank=True)
    # Whom the partner means: one of our id, its own reference of an earlier order, and an address; perhaps a name too.
    candidate = models.CharField(max_length=40, blank=True)
    candidate_reference = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    # The partner's own id of what it tells of.
    reference = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    # The exact text received: the document, and the whole body, capped.
    document = models.TextField()
    raw = models.BinaryField(default=bytes)
    # SHA-256 (hex) of all that was told: the same told twice is one row.
    digest = models.CharField(max_length=64)
    # Why it was rejected: [{"pointer", "code", "message", "schema_pointer"}].
    problems = models.JSONField(default=list, blank=True)
    request_id = models.CharField(max_length=60, blank=True)
    # What was made of it; it goes with them.
    order = models.OneToOneField(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="backfill")
    result = models.OneToOneField(Result, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Why a person dismissed it.
    note = models.CharField(max_length=500, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    # When what it held was deleted.
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-received_at", "-id")
        constraints = [models.UniqueConstraint(fields=["installation", "digest"], name="backfill_once")]
        indexes = [
            # Whose candidate is to be looked for.
            models.Index(fields=["id"], condition=Q(state="received"), name="backfill_received"),
            # What waits for a person, oldest first.
            models.Index(fields=["organization", "id"], condition=Q(state="waiting"), name="backfill_waiting"),
            # A partner's list.
            models.Index(fields=["installation", "-received_at", "-id"], name="backfill_list"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_type} {self.public_id}"

    @property
    def is_told(self) -> bool:
        """Whether the partner may learn what becomes of it.

        Not where it named an address: the answer would tell who is a candidate here (docs/adr/0007).
        """
        return not self.email

    @property
    def told_state(self) -> str:
        """Where it stands, as far as the partner may learn it."""
        return self.state if self.is_told or self.state == self.State.REJECTED else self.State.RECEIVED.value

    @classmethod
    def told_as(cls, state: str) -> Q:
        """Those whose ``told_state`` it is."""
        if state == cls.State.REJECTED:
            return Q(state=state)
        hidden = ~Q(email="") & ~Q(state=cls.State.REJECTED)
        return Q(state=state) | hidden if state == cls.State.RECEIVED else Q(state=state, email="")

    @property
    def named(self) -> str:
        """Whom the partner means, in its own words."""
        name = f"{self.first_name} {self.last_name}".strip()
        return name or self.email or self.candidate_reference or self.candidate
