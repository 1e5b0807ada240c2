"""Shapes that several modules of this floor share. No behaviour."""

from __future__ import annotations

from typing import Any, Protocol

from django.http import HttpRequest

from core.models import Membership, User


class AtOrganization(Protocol):
    """Whoever looks at an Organization from inside: a Membership, or a program of its own."""

    @property
    def organization_id(self) -> int: ...


class MemberRequest(HttpRequest):
    """What a page behind :func:`core.permissions.member_required` gets: a signed-in person at an Organization."""

    user: User
    membership: Membership
    memberships: list[Membership]
    htmx: Any
