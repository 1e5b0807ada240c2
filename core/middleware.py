"""What every request goes through here: NUL is refused, and the person's Organization is found."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.api.problems import is_api_path
from core.models import Membership

SESSION_KEY = "organization"


class RefuseNulMiddleware:
    """A page's path, query or plain form with a NUL byte is a bad request: no database stores it, PostgreSQL cannot
    even look for it, and a view that passed it on would answer 500. What programs send is looked at by the API and
    OAuth themselves, so that the answer is in their words.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api_path(request.path) and _holds_nul(request):
            raise BadRequest("There is a NUL byte in it.")
        return self.get_response(request)


def _holds_nul(request: HttpRequest) -> bool:
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    is_form = request.method == "POST" and request.content_type == "application/x-www-form-urlencoded"
    return is_form and any("\x00" in value for values in request.POST.lists() for value in values[1])


class MembershipMiddleware:
    """Sets ``request.membership`` and ``request.memberships``.

    ``membership`` is the one chosen in the session, else the first; None for strangers and for partners' people.
    """

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
