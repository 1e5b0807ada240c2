"""What is kept for how long, and what had to go: RetentionRule, LegalHold, Erasure, ErasureNotice, DoomedFile."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessments.models.catalogue import AssessmentType
from core.fields import SealedTextField
from core.ids import public_id
from core.models import Candidate, Organization
from partners.models import Installation, Partner

# How long a partner has to say that it erased what it holds.
ANSWERED_WITHIN = timedelta(days=30)


def erasure_id() -> str:
    return public_id("era")


class RetentionRule(models.Model):
    """For how many months an Organization keeps results: of one AssessmentType, or of all without a rule of theirs."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="retention_rules")
    # Null: the default.
    assessment_type = models.ForeignKey(
        AssessmentType, null=True, blank=True, on_delete=models.CASCADE, related_name="retention_rules"
    )
    # Null: for good, as far as the organization is concerned.
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "assessment_type"], name="retention_rule_once"),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(assessment_type=None), name="retention_default_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.assessment_type_id} {self.months}"


class LegalHold(models.Model):
    """While it stands, nothing of the Candidate is purged or erased."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(max_length=500, blank=True)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-placed_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["candidate"], condition=Q(lifted_at=None), name="one_hold_per_candidate")
        ]

    def __str__(self) -> str:
        return f"hold on {self.candidate_id}"


class Erasure(models.Model):
    """That a Candidate was erased: when, by whom, on which ground, and how much that was. It names nobody erased."""

    class Ground(models.TextChoices):
        ASKED = "asked", "The candidate asked for it"
        CONSENT = "consent_withdrawn", "The candidate withdrew their consent"
        NOT_NEEDED = "not_needed", "The data is no longer needed"
        UNLAWFUL = "unlawful", "The data should not have been kept"
        OBLIGATION = "obligation", "A law or an authority obliges us"

    public_id = models.CharField(max_length=40, unique=True, default=erasure_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="erasures")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="erasure")
    ground = models.CharField(max_length=20, choices=Ground.choices)
    # The organization's own id of the request; it stays, so it may name nobody.
    reference = models.CharField(max_length=80, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # Rows by kind, as assessments.holdings names them.
    counts = models.JSONField(default=dict)
    # SHA-256 (hex) of what the receipt states (services.receipts); it stands in the audit log too, sealed.
    digest = models.CharField(max_length=64)
    # What traces in logs and replies are found by, until they were looked through (services.traces); then empty.
    traced_by = SealedTextField(blank=True)
    swept_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-erased_at", "-id")
        indexes = [
            # What was not looked through to its end yet.
            models.Index(fields=["id"], condition=Q(swept_at=None), name="erasure_unswept"),
        ]

    def __str__(self) -> str:
        return self.public_id


class ErasureNotice(models.Model):
    """That a Partner which had received the Candidate was told, and what it said to it."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="notices")
    installation = models.ForeignKey(Installation, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="erasure_notices")
    # The public ids of the orders by which it knows the candidate.
    orders = models.JSONField(default=list)
    # False: its protocol has no word for it, so that a person has to tell it.
    is_told = models.BooleanField(default=True)
    told_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    # When it erased, and its words, as it says.
    erased_at = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("erasure", "id")
        constraints = [models.UniqueConstraint(fields=["erasure", "installation"], name="erasure_notice_once")]
        indexes = [
            # A partner's list.
            models.Index(fields=["partner", "-told_at", "-id"], name="erasure_notice_partner"),
        ]

    def __str__(self) -> str:
        return f"{self.erasure} for {self.partner_id}"

    @property
    def is_overdue(self) -> bool:
        return self.acknowledged_at is None and self.told_at + ANSWERED_WITHIN < timezone.now()


class DoomedFile(models.Model):
    """A stored file whose row is gone: written in the transaction that removed it, deleted once the file is."""

    path = models.CharField(max_length=200, unique=True)
    doomed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"file {self.pk}"
