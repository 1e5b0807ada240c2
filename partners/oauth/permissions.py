"""What a token may do: scopes. Whose rows it reaches is decided by selectors, not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import InsufficientScope, NotAuthenticated
from partners.errors import OtherClientNeeded, OwnCredentialsNeeded
from partners.types import Caller, Client, OrganizationClient


class ScopeRequired(BasePermission):
    """The call is for callers of this kind, and the token carries every scope that the view names for the method.

    A view declares ``required_scopes = {"GET": ["orders:read"], "POST": []}`` for partners, and the like in
    ``organization_scopes`` for programs of organizations; a method it answers and declares for neither is a
    programming error, so that nothing is open by omission. Raises OtherClientNeeded and InsufficientScope.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        client = viewer(request)
        needed = _needed(str(request.method), view, client)
        if missing := [scope for scope in needed if scope not in client.scopes]:
            raise InsufficientScope(f"The token does not carry the scope {missing[0]}.", required=" ".join(needed))
        return True


class OwnCredentials(ScopeRequired):
    """Scopes, and a token of the client credentials grant: for what concerns the Partner as a whole."""

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        client = viewer(request)
        if isinstance(client, Client) and client.installation is not None:
            raise OwnCredentialsNeeded
        return True


def viewer(request: Request) -> Caller:
    """Who makes a request that passed the permission, a partner or an organization."""
    if not isinstance(request.auth, Caller):
        raise NotAuthenticated
    return request.auth


def caller(request: Request) -> Client:
    """The partner, where the permission lets nobody else pass."""
    client = viewer(request)
    if not isinstance(client, Client):
        raise OtherClientNeeded
    return client


def program(request: Request) -> OrganizationClient:
    """The organization's program, where the permission lets nobody else pass."""
    client = viewer(request)
    if not isinstance(client, OrganizationClient):
        raise OtherClientNeeded
    return client


def scopes_of(view: Any, kind: type[Caller]) -> Mapping[str, Sequence[str]]:
    """Method → scopes: what a view asks of callers of this kind."""
    name = "organization_scopes" if kind is OrganizationClient else "required_scopes"
    declared: Mapping[str, Sequence[str]] = getattr(view, name, {})
    return declared


def _needed(method: str, view: Any, client: Caller) -> Sequence[str]:
    declared = scopes_of(view, type(client))
    key = "GET" if method == "HEAD" else method
    if key in declared:
        return declared[key]
    if any(key in scopes_of(view, kind) for kind in (Client, OrganizationClient)):
        raise OtherClientNeeded
    # OPTIONS describes the view; a method without an answer goes on to its 405.
    if key == "OPTIONS" or not hasattr(view, key.lower()):
        return []
    raise ImproperlyConfigured(f"{type(view).__name__} answers {key} without declaring its required_scopes.")
