"""Who calls the API: from a bearer token to one of :mod:`partners.types`, in a query or two. No scope is checked here.

The tokens are the toolkit's; its own authentication class asks several queries and oauthlib's whole validation for
each call, which costs several times what the view does, so the one question that matters here is asked directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone
from oauth2_provider.models import AccessToken
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core.api.request_log import note_client
from core.errors import InvalidToken
from core.ids import token_hash
from core.models import Organization, User
from core.prepared import Prepared
from partners.errors import PartnerSuspended
from partners.models import Application, Installation, Partner
from partners.types import Caller, Client, OrganizationClient

# A partner's last call is written down at most so often: not every read is to be a write.
SEEN_EVERY = timedelta(hours=1)


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer …`` only: a token in a query or a form ends up in logs.

    Raises InvalidToken (unknown, expired, revoked, meant for another resource) and PartnerSuspended.
    """

    def authenticate(self, request: Request) -> tuple[User | None, Caller] | None:
        token = bearer_token(request.META)
        if token is None:
            return None
        row = _load(token)
        if row is None or row.application is None or not _is_good(row, request):
            raise InvalidToken
        application = row.application
        if application.partner is None:
            return None, _program(request, row, application)
        client = _client(row, application, application.partner)
        _note(request, client)
        if client.partner.is_suspended:
            raise PartnerSuspended
        _note_seen(client.partner)
        return client.user, client

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def bearer_token(meta: Mapping[str, str]) -> str | None:
    """The token of the Authorization header of a ``META``: "" where its scheme stands alone; None for another."""
    scheme, _, token = meta.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _load(token: str) -> AccessToken | None:
    return _tokens.first(token_hash(token))


# Columns cost as much as rows do. Whoever asks for another all the same gets it, by a query.
_READ = (
    "expires",
    "resource",
    "scope",
    "application__api_version",
    "application__client_id",
    "application__environment",
    "application__name",
    "application__organization_id",
    "application__revoked_at",
    "application__partner__contact_email",
    "application__partner__description",
    "application__partner__dialect",
    "application__partner__last_seen_at",
    "application__partner__name",
    "application__partner__public_id",
    "application__partner__sandbox_organization_id",
    "application__partner__status",
    "application__partner__suspended_at",
    "application__partner__website",
    "user__is_active",
    "user__is_service",
    "user__installation__granted",
    "user__installation__partner_id",
    "user__installation__public_id",
    "user__installation__status",
    "user__installation__organization__is_listening",
    "user__installation__organization__is_sandbox",
    "user__installation__organization__name",
    "user__installation__organization__public_id",
)
_tokens: Prepared[AccessToken] = Prepared(
    lambda checksum: (
        AccessToken.objects.select_related("application__partner", "user__installation__organization")
        .only(*_READ)
        .filter(token_checksum=checksum)
    )
)


def _is_good(row: AccessToken, request: Request) -> bool:
    """Not expired, and not restricted to another resource (RFC 8707)."""
    is_meant = not row.resource or row.allows_audience(request.build_absolute_uri(request.path))
    return bool(is_meant and row.is_valid())


def _client(row: AccessToken, application: Application, partner: Partner) -> Client:
    """Raises InvalidToken for a service user that was deactivated: the second lock, should a row have been left."""
    user: User | None = row.user
    installation: Installation | None = None
    if user is not None:
        installation = getattr(user, "installation", None)
        if not user.is_active or installation is None:
            raise InvalidToken
        if installation.partner_id == partner.pk:
            installation.partner = partner
    return Client(
        partner=partner,
        application=application,
        scopes=frozenset(row.scope.split()),
        installation=installation,
        user=user,
    )


# Asked for a program of an organization alone: partners, who post results, pay for no further join.
_organizations: Prepared[Organization] = Prepared(lambda pk: Organization.objects.filter(pk=pk))


def _program(request: Request, row: AccessToken, application: Application) -> OrganizationClient:
    """Raises InvalidToken for a client that was revoked: its tokens went with it, but for one that was being issued."""
    organization = _organizations.first(application.organization_id or 0)
    assert organization is not None  # an application has one of two owners
    client = OrganizationClient(organization=organization, application=application, scopes=frozenset(row.scope.split()))
    note_client(request, client_id=application.client_id, organization=client.organization.public_id)
    if application.revoked_at is not None:
        raise InvalidToken
    if client.organization.is_sandbox:
        _note_seen_in(client.organization)
    return client


def _note(request: Request, client: Client) -> None:
    """For the request log: a refused call is in its partner's log too."""
    organization = client.installation.organization.public_id if client.installation else ""
    note_client(
        request,
        client_id=client.application.client_id,
        partner=client.partner.public_id,
        organization=organization,
    )


def _note_seen(partner: Partner) -> None:
    now = timezone.now()
    if partner.last_seen_at < now - SEEN_EVERY:
        Partner.objects.filter(pk=partner.pk, last_seen_at__lt=now - SEEN_EVERY).update(last_seen_at=now)


def _note_seen_in(sandbox: Organization) -> None:
    """A sandbox is in use, whichever of its two sides calls."""
    now = timezone.now()
    owner = Partner.objects.filter(sandbox_organization=sandbox, last_seen_at__lt=now - SEEN_EVERY)
    owner.update(last_seen_at=now)
