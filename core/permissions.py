"""Who may do what on a page, by role at an Organization. What partners may do is a matter of their scopes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh

from core.models import Membership, Role
from core.types import MemberRequest

P = ParamSpec("P")
MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# An interviewer reads; a recruiter works with candidates; an admin decides who and what is connected as well.
WORKING = frozenset({Role.ADMIN, Role.RECRUITER})


def may_order(membership: Membership) -> bool:
    """Send, cancel and resend assessments."""
    return membership.role in WORKING


def may_edit(membership: Membership) -> bool:
    """Add candidates, change their contact, move them between stages."""
    return membership.role in WORKING


def may_administer(membership: Membership) -> bool:
    """Invite and remove colleagues, connect and remove partners."""
    return membership.role == Role.ADMIN


def member_required(view: MemberView[P]) -> View[P]:
    """Only for members of an Organization: strangers sign in first; for people without one there is nothing (404)."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in_first(request)
        if getattr(request, "membership", None) is None:
            raise Http404
        return view(cast(MemberRequest, request), *args, **kwargs)

    return guarded


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """A fragment whose session ended makes its page load again: the log-in must not land inside a card."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())


def permitted(allows: Callable[[Membership], bool]) -> Callable[[MemberView[P]], View[P]]:
    """A decorator: members whom ``allows`` lets pass, 403 for the others. Brings :func:`member_required` along."""

    def decorate(view: MemberView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not allows(request.membership):
                raise PermissionDenied("Your role at this organization does not include this.")
            return view(request, *args, **kwargs)

        return member_required(guarded)

    return decorate


def role_required(*roles: Role | str) -> Callable[[MemberView[P]], View[P]]:
    """Members in one of these roles; 403 for the others."""
    return permitted(lambda membership: membership.role in roles)


def admin_required(view: MemberView[P]) -> View[P]:
    return permitted(may_administer)(view)


def editor_required(view: MemberView[P]) -> View[P]:
    return permitted(may_edit)(view)


def orderer_required(view: MemberView[P]) -> View[P]:
    return permitted(may_order)(view)
