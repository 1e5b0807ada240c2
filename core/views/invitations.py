"""Accepting an invitation: for somebody new, and for somebody who has an account. Which of them, no page tells."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.forms import JoinForm
from core.ids import token_hash
from core.middleware import SESSION_KEY
from core.models import Invitation, Membership, User
from core.services import team
from core.services.account import LogInTaken
from core.views.limits import limited


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@limited("accept_invitation")
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link. Whoever holds the link is whom the admin invited; unknown and closed look alike."""
    rows = Invitation.objects.select_related("organization", "invited_by")
    invitation = rows.filter(token_hash=token_hash(token)).first()
    if invitation is None or not team.is_open(invitation):
        return render(request, "core/invitation_closed.html", status=404)
    if request.user.is_authenticated:
        return _accept_as_oneself(request, invitation, request.user)
    return _accept_as_new(request, invitation)


def _accept_as_oneself(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    # Who signs in by name has no address, and may have to do with several sandboxes.
    is_for_me = invitation.organization.is_sandbox or user.email == invitation.email
    if request.method == "POST" and is_for_me:
        return _joined(request, invitation, lambda: team.join(invitation, User.objects.get(pk=user.pk)))
    return render(request, "core/invitation.html", {"invitation": invitation, "is_for_me": is_for_me})


def _accept_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and form.is_valid():
        try:
            return _joined(request, invitation, lambda: team.join_as_new_person(invitation, **form.cleaned_data))
        except LogInTaken as refusal:
            is_by_name = "sign_in_name" in form.fields
            form.add_error("sign_in_name" if is_by_name else None, refusal.detail if is_by_name else _SIGN_IN)
    status = 422 if form.errors else 200
    return render(request, "core/invitation.html", {"invitation": invitation, "form": form}, status=status)


_SIGN_IN = (
    "No account could be made. If you have one already, sign in to join; if that is not so, ask the colleague who "
    "invited you: the support of this site can help."
)


def _joined(request: HttpRequest, invitation: Invitation, join: Callable[[], Membership]) -> HttpResponse:
    try:
        membership = join()
    except team.InvitationClosed:
        return render(request, "core/invitation_closed.html", status=404)
    if not request.user.is_authenticated:
        login(request, membership.user)
    request.session[SESSION_KEY] = invitation.organization.public_id
    messages.success(request, f"Welcome to {invitation.organization.name}.")
    return redirect("core:home")
