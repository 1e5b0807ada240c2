"""What is asked of a partner by us, and by which secret it answers: Callback, EarlyCall, StatusQuestion,
CatalogueRefresh, ReportToFetch. What is work owed is taken by a lease; services.asking, refreshing and fetching write
it alone.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessments.models.orders import Order
from partners.models import Installation


class Callback(models.Model):
    """The secret last segment of a URL at which a partner tells of one Order; several live side by side."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="callbacks")
    # SHA-256 of 128 random bits; the token itself is in the partner's hands only.
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("order", "id")

    def __str__(self) -> str:
        return f"callback of {self.order_id}"


class EarlyCall(models.Model):
    """A call that names an order by an id of the partner's which we do not know yet: its answer is still on its way,
    or was lost. It is heard when the id is known.
    """

    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="early_calls")
    reference = models.CharField(max_length=200)
    raw = models.BinaryField()
    # SHA-256 (hex) of it: the same call again is one row.
    digest = models.CharField(max_length=64)
    request_id = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("installation", "id")
        constraints = [models.UniqueConstraint(fields=["installation", "reference", "digest"], name="early_call_once")]

    def __str__(self) -> str:
        return f"early call of {self.installation_id}"


class StatusQuestion(models.Model):
    """How an Order stands is asked of its partner from time to time, and soon after a nudge."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="question")
    # Null: it is not asked any more.
    next_at = models.DateTimeField(null=True, blank=True)
    # Which of the questions soon after a nudge is the next (asking.SOON); past the last of them it is asked hourly.
    step = models.PositiveSmallIntegerField()
    # From then on it is not asked without a nudge.
    until = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    # Why the last one brought nothing, in words for support.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            # What is due.
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="status_question_due"),
        ]

    def __str__(self) -> str:
        return f"question of {self.order_id}"


class CatalogueRefresh(models.Model):
    """When a connected partner's catalogue was last asked for, or told, and what came of it."""

    class Outcome(models.TextChoices):
        NEVER = "", "Not asked yet"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    installation = models.OneToOneField(Installation, on_delete=models.CASCADE, related_name="catalogue_refresh")
    # Null: the partner tells it by itself.
    next_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.NEVER, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    # What came of it, in words for an admin.
    sentence = models.CharField(max_length=500, blank=True)
    # The last one that was taken.
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # What is due.
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="catalogue_refresh_due"),
        ]

    def __str__(self) -> str:
        return f"catalogue of {self.installation_id}"


class ReportToFetch(models.Model):
    """A report that a partner named by its URL, until it is stored as an Attachment or given up."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="reports_to_fetch")
    url = models.CharField(max_length=500)
    name = models.CharField(max_length=200)
    # Null: stored, or given up.
    next_at = models.DateTimeField(null=True, default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # Why it is not there, in words for support.
    trouble = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("order", "id")
        constraints = [models.UniqueConstraint(fields=["order", "url"], name="report_to_fetch_once")]
        indexes = [
            # What is due.
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="report_to_fetch_due"),
        ]

    def __str__(self) -> str:
        return f"report of {self.order_id}"
