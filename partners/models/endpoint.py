"""Where somebody is reached: Endpoint (one URL per purpose) and its SigningSecrets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.fields import SealedTextField
from core.ids import public_id
from core.models import Organization
from partners.models.installation import Installation
from partners.models.partner import Environment, Partner


def endpoint_id() -> str:
    return public_id("ep")


class Purpose(models.TextChoices):
    ORDER = "order", "Orders"
    CANCEL = "cancel", "Cancellations"
    STATUS = "status", "Status questions"
    CATALOGUE = "catalogue", "Catalogue"
    FIELDS = "fields", "Order form"
    COMPLAINT = "complaint", "Complaints"
    # Whatever has no endpoint of its own goes here.
    EVENTS = "events", "Events"


class Endpoint(models.Model):
    """A URL for one purpose: of a Partner in one environment, of one Installation; or an Organization's for events."""

    public_id = models.CharField(max_length=40, unique=True, default=endpoint_id, editable=False)
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.CASCADE, related_name="endpoints")
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="endpoints"
    )
    environment = models.CharField(max_length=10, choices=Environment.choices)
    installation = models.ForeignKey(
        Installation, null=True, blank=True, on_delete=models.CASCADE, related_name="endpoints"
    )
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    url = models.URLField(max_length=500)
    enabled = models.BooleanField(default=True)
    # The topics that it wants; empty: all that its purpose brings.
    topics = models.JSONField(default=list, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    # The circuit breaker: after several failures in a row nothing is sent before this moment.
    consecutive_failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("partner", "environment", "purpose")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "environment", "purpose"],
                condition=Q(installation=None),
                name="endpoint_per_purpose",
            ),
            models.UniqueConstraint(
                fields=["installation", "purpose"],
                condition=Q(installation__isnull=False),
                name="endpoint_per_installation_purpose",
            ),
            models.UniqueConstraint(
                fields=["organization", "purpose"],
                condition=Q(organization__isnull=False),
                name="endpoint_per_organization_purpose",
            ),
            models.CheckConstraint(
                condition=Q(partner=None, organization__isnull=False, installation=None)
                | Q(partner__isnull=False, organization=None),
                name="endpoint_of_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.partner or self.organization}"

    def wants(self, topic: str) -> bool:
        """Whether events of this topic are owed to it."""
        return not self.topics or topic in self.topics

    @property
    def owner(self) -> Partner | Organization:
        """Whose it is."""
        owner = self.partner or self.organization
        assert owner is not None
        return owner

    @property
    def dialect(self) -> str:
        """The protocol in which it is called."""
        return self.partner.dialect if self.partner else "native"

    @property
    def is_broken(self) -> bool:
        """True while it is disabled or the circuit breaker is open: nothing would arrive now."""
        return not self.enabled or (self.open_until is not None and self.open_until > timezone.now())


class SigningSecret(models.Model):
    """A webhook secret (encrypted). Two are live during a rotation, and both sign."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets")
    # The whole `whsec_…` text, encrypted by core.secrets.
    encrypted = SealedTextField()
    created_at = models.DateTimeField(default=timezone.now)
    # Set by a rotation: until then this older secret signs too.
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"], condition=Q(expires_at=None), name="one_current_secret_per_endpoint"
            ),
        ]

    def __str__(self) -> str:
        return f"secret of {self.endpoint_id}"
