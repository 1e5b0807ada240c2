"""What every request goes through here: NUL is refused, old sessions end, and the person's Organization is found."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.api.problems import is_api_path
from core.models import Membership

SESSION_KEY = "organization"
# Seconds since 1970, in the session: when it began, and when its person was seen, written every five minutes at most.
_BEGAN, _SEEN = "began_at", "seen_at"
_SEEN_EVERY = 300


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


class SessionLifeMiddleware:
    """A session ends after ``SESSION_IDLE`` without a sign of its person, and after ``SESSION_LONGEST`` in any case.

    What a page asks for by itself, again and again, is no sign of a person.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            _end_or_renew(request, int(time.time()))
        return self.get_response(request)


def _end_or_renew(request: HttpRequest, now: int) -> None:
    session = request.session
    began, seen = session.setdefault(_BEGAN, now), session.setdefault(_SEEN, now)
    if now - began >= settings.SESSION_LONGEST.total_seconds() or now - seen >= settings.SESSION_IDLE.total_seconds():
        logout(request)
    elif now - seen >= _SEEN_EVERY and not (request.method == "GET" and "Assay-Polls" in request.headers):
        session[_SEEN] = now


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
    """Those of a signed-in person, who mostly brings them; none for a call without a session."""
    if not request.user.is_authenticated:
        return []
    known = request.user.memberships_read
    return list(request.user.memberships.all()) if known is None else known
