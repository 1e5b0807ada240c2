"""Shapes that several modules of this floor share: Client, the partner's side of a call. No behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import User
from partners.models import Application, Installation, Partner


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """Who makes a call of the API: ``request.auth`` behind a bearer token.

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
    def counted_as(self) -> str:
        """Whose calls these are to the limits: an installation's own, else the application's."""
        return self.installation.public_id if self.installation else self.application.client_id
