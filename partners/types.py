"""Shapes that several modules of this floor share: who makes a call of the API, a partner or an organization."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import Organization, User
from partners.models import Application, Installation, Partner


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A Partner that makes a call of the API: ``request.auth`` behind its bearer token.

    ``scopes`` are the token's; on an organization's data they count only together with what the Installation grants
    (:mod:`partners.selectors`). ``installation`` is set where the token came from a consent: it then reaches that
    one Installation, and ``user`` is its service user. Client credentials have neither.
    """

    partner: Partner
    application: Application
    scopes: frozenset[str]
    installation: Installation | None = None
    user: User | None = None

    @property
    def api_version(self) -> str:
        """The dated version that the application is pinned to."""
        return self.application.api_version

    @property
    def owner(self) -> Partner:
        """Whose program it is."""
        return self.partner

    @property
    def actor(self) -> str:
        """Who it is to the audit log."""
        return self.partner.public_id

    @property
    def counted_as(self) -> str:
        """Whose calls these are to the limits: an installation's own, else the application's."""
        return self.installation.public_id if self.installation else self.application.client_id


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizationClient:
    """A program of an Organization that makes a call of the API: ``request.auth`` behind its bearer token.

    It sees what an admin of the organization sees, as far as its ``scopes`` go.
    """

    organization: Organization
    application: Application
    scopes: frozenset[str]

    @property
    def organization_id(self) -> int:
        return self.organization.pk

    @property
    def api_version(self) -> str:
        """The dated version that the application is pinned to."""
        return self.application.api_version

    @property
    def owner(self) -> Organization:
        """Whose program it is."""
        return self.organization

    @property
    def actor(self) -> str:
        """Who it is to the audit log."""
        return self.application.client_id

    @property
    def counted_as(self) -> str:
        """Whose calls these are to the limits."""
        return self.application.client_id


Caller = Client | OrganizationClient
