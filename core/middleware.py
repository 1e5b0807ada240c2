"""Which Organization a signed-in person looks at: sets ``request.membership`` and ``request.memberships``."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.models import Membership

SESSION_KEY = "organization"


class MembershipMiddleware:
    """``membership`` is the one chosen in the session, else the first; None for strangers and for partners' people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        mine = memberships_of(request)
        chosen = request.session.get(SESSION_KEY) if len(mine) > 1 else None
        current = next((row for row in mine if row.organization.public_id == chosen), mine[0] if mine else None)
        request.memberships = mine  # type: ignore[attr-defined]  # typed where it is promised: core.types.MemberRequest
        request.membership = current  # type: ignore[attr-defined]  # the same
        return self.get_response(request)


def memberships_of(request: HttpRequest) -> list[Membership]:
    """One query for a signed-in person; none for a call without a session, so that the API pays nothing."""
    if not request.user.is_authenticated:
        return []
    return list(Membership.objects.filter(user=request.user.pk).select_related("organization", "user"))
