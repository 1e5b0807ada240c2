"""A Partner at work in an Organization: Installation."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.fields import SealedTextField
from core.ids import public_id
from core.models import Organization
from partners.models.partner import Environment, Partner


def installation_id() -> str:
    return public_id("ins")


class Installation(models.Model):
    """Consent, scopes, service user, pause. One per Partner and Organization; a second consent updates it."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        REMOVED = "removed", "Removed"

    public_id = models.CharField(max_length=40, unique=True, default=installation_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="installations")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="installations")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    # Space separated and padded (" a b "), so that a query can ask for one scope on every database.
    granted = models.TextField(default=" ")
    # Of a partner connected by its protocol: what our calls are authenticated by (encrypted by core.secrets), and the
    # SHA-256 of the key that we issued for its own calls.
    credential = SealedTextField(default="", blank=True)
    key_hash = models.CharField(max_length=64, default="", blank=True)
    service_user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="installation")
    installed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    installed_at = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("partner__name", "id")
        constraints = [
            models.UniqueConstraint(fields=["partner", "organization"], name="installation_once"),
            models.UniqueConstraint(fields=["key_hash"], condition=~Q(key_hash=""), name="installation_key_once"),
        ]
        indexes = [
            # The integrations of an organization by state: the Send cards, the admin's page.
            models.Index(fields=["organization", "status"], name="installation_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} at {self.organization}"

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.granted.split())

    @scopes.setter
    def scopes(self, names: Iterable[str]) -> None:
        self.granted = f" {' '.join(sorted(set(names)))} "

    @property
    def environment(self) -> Environment:
        return Environment.SANDBOX if self.organization.is_sandbox else Environment.LIVE
