"""The verbs on an Organization's API clients: create, rename, issue a new secret, revoke. A secret is shown once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core import audit
from core.errors import NotFound
from core.ids import fresh_token, public_id
from core.models import Organization, User
from partners.errors import TooManyClients, UnknownScope
from partners.models import Application, Environment
from partners.scopes import ORGANIZATION_SCOPES, allowed_to
from partners.services.credentials import fresh_secret

MOST_CLIENTS = 20
LONGEST_NAME = 80
SANDBOX_NAME = "Trying the host’s side"


@transaction.atomic
def create(
    organization: Organization, *, name: str, scopes: Iterable[str] = (), actor: User | str | None
) -> tuple[Application, str]:
    """A new client and its secret, which is stored hashed only; no scopes means all. Raises UnknownScope, and
    TooManyClients: revoked ones do not count.
    """
    # The row lock makes two calls at once take turns, so that the limit is decided once.
    organization = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if organization.api_clients.filter(revoked_at=None).count() >= MOST_CLIENTS:
        raise TooManyClients
    if not organization.is_listening:
        organization.is_listening = True
        organization.save(update_fields=["is_listening"])
    secret = fresh_secret()
    client = Application.objects.create(
        organization=organization,
        client_id=public_id("cli"),
        environment=Environment.SANDBOX if organization.is_sandbox else Environment.LIVE,
        name=name,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        allowed_scopes=" ".join(_checked(scopes)),
    )
    _record("client.created", client, actor, scopes=allowed_of(client))
    return client, secret


@transaction.atomic
def rename(client: Application, name: str, *, actor: User | str | None) -> Application:
    client.name = name
    client.save(update_fields=["name", "updated"])
    _record("client.renamed", client, actor)
    return client


@transaction.atomic
def issue(client: Application, *, actor: User | str | None) -> str:
    """A new secret. The old one dies at once, and with it the tokens that were had with it. Raises NotFound."""
    client = _live(client)
    secret = fresh_secret()
    client.client_secret = secret
    client.save()
    AccessToken.objects.filter(application=client).delete()
    _record("client.issued", client, actor)
    return secret


@transaction.atomic
def revoke(client: Application, *, actor: User | str | None) -> None:
    """Ends it with all of its tokens. One that is being issued at this moment is refused when it is used.

    The row stays: its calls can still be looked at. Raises NotFound for one that has ended.
    """
    client = _live(client)
    client.revoked_at = timezone.now()
    client.save(update_fields=["revoked_at", "updated"])
    AccessToken.objects.filter(application=client).delete()
    _record("client.revoked", client, actor)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """The client of a sandbox with a token. ``secret`` and ``token`` are known here and nowhere else."""

    client: Application
    scope: str
    secret: str = field(repr=False)
    token: str = field(repr=False)


@transaction.atomic
def in_sandbox(organization: Organization, *, lives: timedelta, actor: User | str | None) -> Tried:
    """For a Partner that tries the other side: the one client of that name, with a new secret, and a token at once."""
    assert organization.is_sandbox
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    known = organization.api_clients.filter(name=SANDBOX_NAME, revoked_at=None).first()
    if known is None:
        client, secret = create(organization, name=SANDBOX_NAME, actor=actor)
    else:
        client, secret = known, issue(known, actor=actor)
    token, scope = fresh_token(), " ".join(allowed_of(client))
    expires = timezone.now() + lives
    AccessToken.objects.create(application=client, scope=scope, expires=expires, token=token)
    return Tried(client=client, scope=scope, secret=secret, token=token)


def allowed_of(client: Application) -> list[str]:
    """What its tokens may carry."""
    return list(allowed_to(client.allowed_scopes, table=ORGANIZATION_SCOPES))


def _live(client: Application) -> Application:
    """The row as it is now, held."""
    rows = Application.objects.select_for_update(no_key=True, of=("self",)).filter(revoked_at=None)
    found = rows.select_related("organization").filter(pk=client.pk).first()
    if found is None:
        raise NotFound("This client is revoked.")
    return found


def _checked(scopes: Iterable[str]) -> list[str]:
    """In the order of the table; none where all of them are meant."""
    wanted = set(scopes)
    if unknown := sorted(wanted - ORGANIZATION_SCOPES.keys()):
        raise UnknownScope(f"There is no scope {unknown[0]!r}.")
    return [] if wanted == ORGANIZATION_SCOPES.keys() else [scope for scope in ORGANIZATION_SCOPES if scope in wanted]


def _record(verb: str, client: Application, actor: User | str | None, **facts: Any) -> None:
    audit.record(
        verb, actor=actor, subject=client.client_id, organization=client.organization, name=client.name, **facts
    )
