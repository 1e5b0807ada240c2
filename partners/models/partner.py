"""Who a Partner is: Partner, PartnerMember; and the OAuth Application, a Partner's or an Organization's."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AbstractApplication

from core.api.versions import current_version
from core.ids import public_id
from core.models import Organization
from partners import dialects


def partner_id() -> str:
    return public_id("par")


class Partner(models.Model):
    """A company offering assessments. Sandbox: only in its own sandbox Organization; approved: anywhere."""

    class Status(models.TextChoices):
        SANDBOX = "sandbox", "Sandbox"
        APPROVED = "approved", "Approved"
        SUSPENDED = "suspended", "Suspended"

    public_id = models.CharField(max_length=40, unique=True, default=partner_id, editable=False)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    website = models.URLField(blank=True)
    contact_email = models.EmailField(blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.SANDBOX)
    dialect = models.CharField(max_length=40, choices=dialects.choices, default="native")
    # Whose it is alone: one that an organization connected by its protocol. Null: offered to all.
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="own_partners"
    )
    sandbox_organization = models.OneToOneField(
        Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="sandbox_partner"
    )
    created_at = models.DateTimeField(default=timezone.now)
    approved_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    # The last authenticated call; a sandbox Partner that is idle for 90 days goes.
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def is_suspended(self) -> bool:
        return self.status == self.Status.SUSPENDED


class PartnerMember(models.Model):
    """A person of a Partner: may use its portal."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="partner_members")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "user"], name="partner_member_once")]

    def __str__(self) -> str:
        return f"{self.user} of {self.partner}"


_LOOPBACK = re.compile(r"http://(?P<host>127\.0\.0\.1|\[::1\])(?::(?P<port>[0-9]{1,5}))?(?P<path>/[!-~]*|)")


class Environment(models.TextChoices):
    SANDBOX = "sandbox", "Sandbox"
    LIVE = "live", "Live"


class Application(AbstractApplication):
    """An OAuth client: the toolkit's model with its owner. A Partner has one per environment, an Organization as many
    as its host products need (docs/adr/0011).

    The toolkit allows one grant per client; a Partner's does its own work with client credentials and is installed
    with an authorization code, so :meth:`allows_grant_type` names all three. An Organization's has its own work only.
    """

    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.CASCADE, related_name="applications")
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="api_clients"
    )
    environment = models.CharField(max_length=10, choices=Environment.choices)
    # Space separated: what a token of this client may ask for at the most (RFC 7591 `scope`).
    allowed_scopes = models.TextField(blank=True)
    # The dated version that its calls speak when they name none.
    api_version = models.CharField(max_length=10, default=current_version)

    # An Organization's client that ended. The row stays, so that its calls can still be looked at.
    revoked_at = models.DateTimeField(null=True, blank=True)

    # In the toolkit's spelling; to it a refresh token is part of the grant that gave it.
    GRANTS = frozenset({AbstractApplication.GRANT_CLIENT_CREDENTIALS, AbstractApplication.GRANT_AUTHORIZATION_CODE})

    class Meta(AbstractApplication.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "environment"], name="application_per_environment"),
            models.CheckConstraint(
                condition=Q(partner=None, organization__isnull=False) | Q(partner__isnull=False, organization=None),
                name="application_of_one_owner",
            ),
        ]

    def allows_grant_type(self, *grant_types: str) -> bool:
        allowed = self.GRANTS if self.partner_id else {self.GRANT_CLIENT_CREDENTIALS}
        return bool(allowed.intersection(grant_types))

    def redirect_uri_allowed(self, uri: str) -> bool:
        """One that is registered, letter by letter; on loopback the port is free (RFC 8252 section 7.3).

        The toolkit compares what it has taken apart, and so takes other spellings, and ports that there are not.
        """
        registered = self.redirect_uris.split()
        asked = _loopback(uri)
        return uri in registered or (asked is not None and asked in map(_loopback, registered))

    def is_usable(self, request: Any) -> bool:
        """Asked by the toolkit at issue and at each use of a bearer token."""
        return self.revoked_at is None and not (self.partner and self.partner.is_suspended)


def _loopback(uri: str) -> tuple[str, str] | None:
    """Host and path of a loopback URI, without its port; None for any other."""
    found = _LOOPBACK.fullmatch(uri)
    return (found["host"], found["path"]) if found and int(found["port"] or 80) in range(1, 65536) else None
