"""What is written down and never changed: AuditRecord with its AuditHead, RememberedReply, RequestLog."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.fields import SealedBytesField
from core.models.people import Organization


class AuditRecord(models.Model):
    """Who did what to which thing, and when. Written by ``core.audit`` in the transaction of the deed.

    After the commit ``core.audit_chain`` gives it its place in a chain of digests, once.
    """

    occurred_at = models.DateTimeField(default=timezone.now)
    # Not checked by the database: each deed would lock the row of its person and of its organization.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    # Who it was when no person: a partner's public id, "beat", "command".
    actor_label = models.CharField(max_length=120, blank=True)
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    facts = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=60, blank=True)
    # 1, 2, 3 … in the order of sealing, and SHA-256 (hex) over this record and the seal before; null until sealed.
    position = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)
    seal = models.CharField(max_length=64, blank=True, editable=False)
    # Whose keys were sealed: the rows of people and organizations may go, and take the references along.
    sealed_actor = models.BigIntegerField(null=True, blank=True, editable=False)
    sealed_organization = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-occurred_at", "-id")
        indexes = [
            # The history of one thing.
            models.Index(fields=["subject", "occurred_at"], name="audit_subject"),
            # What is still to be sealed.
            models.Index(fields=["id"], condition=models.Q(position=None), name="audit_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class AuditHead(models.Model):
    """How far the audit log is sealed: one row, held by whoever seals; without it a cut-off end would not be missed."""

    position = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.position}:{self.seal}"


class RememberedReply(models.Model):
    """The answer given to a write that carried an Idempotency-Key, kept for 24 hours."""

    # The application and the organization that it acts in, if in one; hashed where that is long.
    client = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    # SHA-256 (hex) of method, path and body: the same key with another request is refused.
    fingerprint = models.CharField(max_length=64)
    # Null only inside the transaction that is computing the answer.
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    # One of the two: sealed, because an answer may hold a secret that is shown once; in clear where none can.
    body = SealedBytesField(default=bytes)
    clear = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="remembered_reply_once")]
        indexes = [
            # Forgetting what is older than a day.
            models.Index(fields=["created_at"], name="remembered_reply_age"),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.key}"


class RequestLog(models.Model):
    """One call of the API: what was sent (redacted, capped) and what was answered."""

    request_id = models.CharField(max_length=60)
    # The caller's own trace, where it sent a traceparent.
    trace_id = models.CharField(max_length=32, blank=True)
    client_id = models.CharField(max_length=120, blank=True)
    partner = models.CharField(max_length=40, blank=True)
    organization = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=500)
    # Redacted and capped, like what of a refusal and of a body is kept.
    query = models.TextField(blank=True, default="", db_default="")
    status = models.PositiveSmallIntegerField()
    latency_ms = models.PositiveIntegerField()
    problem_code = models.CharField(max_length=60, blank=True)
    # Of a refusal: its detail and its problems, as JSON.
    problem = models.TextField(blank=True, default="", db_default="")
    request_body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [models.UniqueConstraint(fields=["request_id"], name="request_log_once")]
        indexes = [
            # A partner's own log, newest first.
            models.Index(fields=["partner", "-created_at", "-id"], name="request_log_partner"),
            # That of one program of an organization, newest first.
            models.Index(
                fields=["client_id", "-created_at", "-id"],
                condition=models.Q(partner="") & ~models.Q(organization=""),
                name="request_log_client",
            ),
            # Pruning.
            models.Index(fields=["created_at"], name="request_log_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

    @property
    def told(self) -> dict[str, Any] | None:
        """What is kept of a refusal."""
        return json.loads(self.problem) if self.problem else None
