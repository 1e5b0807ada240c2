"""What a token may do: scopes. Whose rows it reaches is decided by selectors, not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import InsufficientScope, NotAuthenticated
from partners.errors import OwnCredentialsNeeded
from partners.types import Client


class ScopeRequired(BasePermission):
    """The token carries every scope that the view names for the method.

    A view declares ``required_scopes = {"GET": ["orders:read"], "POST": []}``; a method it answers and does not
    declare is a programming error, so that nothing is open by omission.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        client = caller(request)
        needed = _needed(str(request.method), view)
        if missing := [scope for scope in needed if scope not in client.scopes]:
            raise InsufficientScope(f"The token does not carry the scope {missing[0]}.", required=" ".join(needed))
        return True


class OwnCredentials(ScopeRequired):
    """Scopes, and a token of the client credentials grant: for what concerns the Partner as a whole."""

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        if caller(request).installation is not None:
            raise OwnCredentialsNeeded
        return True


def caller(request: Request) -> Client:
    """The Client of a request that passed the permission."""
    if not isinstance(request.auth, Client):
        raise NotAuthenticated
    return request.auth


def _needed(method: str, view: Any) -> Sequence[str]:
    declared: Mapping[str, Sequence[str]] = view.required_scopes
    key = "GET" if method == "HEAD" else method
    if key in declared:
        return declared[key]
    # OPTIONS describes the view; a method without an answer goes on to its 405.
    if key == "OPTIONS" or not hasattr(view, key.lower()):
        return []
    raise ImproperlyConfigured(f"{type(view).__name__} answers {key} without declaring its required_scopes.")
