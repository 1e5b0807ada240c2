"""The team of an Organization, for its admins: roles, invitations, leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.forms import InvitationForm
from core.models import Membership, Role
from core.permissions import admin_required
from core.selectors import invitations_visible_to, memberships_visible_to
from core.services import team
from core.types import MemberRequest


@require_safe
@admin_required
def index(request: MemberRequest) -> HttpResponse:
    return _page(request, InvitationForm())


@never_cache
@require_POST
@admin_required
def invite(request: MemberRequest) -> HttpResponse:
    """Answers with the link, this once: only its hash is kept."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        invitation, token = team.invite(request.membership.organization, **form.cleaned_data, actor=request.user)
    except DomainError as refusal:
        form.add_error("email", refusal.detail)
        return _page(request, form, status=422)
    link = request.build_absolute_uri(reverse("core:invitation", args=[token]))
    return render(request, "core/team/invited.html", {"invitation": invitation, "link": link})


@require_POST
@admin_required
def revoke(request: MemberRequest, invitation_id: str) -> HttpResponse:
    invitation = get_object_or_404(invitations_visible_to(request.membership), public_id=invitation_id)
    team.revoke(invitation, actor=request.user)
    messages.success(request, f"The link for {invitation.email} no longer works.")
    return redirect("core:team")


@require_POST
@admin_required
def change_role(request: MemberRequest) -> HttpResponse:
    member = _member(request, request.POST.get("member", ""))
    role = request.POST.get("role", "")
    if role not in Role:
        raise Http404
    try:
        team.change_role(member, role, actor=request.user)
        messages.success(request, f"{member.user} is now {member.get_role_display().lower()}.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return redirect("core:team" if member.user_id != request.user.pk else "core:home")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def remove(request: MemberRequest) -> HttpResponse:
    """GET asks, POST removes."""
    member = _member(request, (request.POST or request.GET).get("member", ""))
    if request.method != "POST":
        return render(request, "core/team/remove.html", {"member": member})
    try:
        team.remove(member, actor=request.user)
        messages.success(request, f"{member.user} no longer belongs to {member.organization}.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return redirect("core:team" if member.user_id != request.user.pk else "core:home")


def _member(request: MemberRequest, email: str) -> Membership:
    """By address: a Membership has no public id, and integers never leave the database."""
    rows = memberships_visible_to(request.membership).select_related("user", "organization")
    return get_object_or_404(rows, user__email=email)


def _page(request: MemberRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    invitations = invitations_visible_to(request.membership).select_related("invited_by")
    context = {
        "form": form,
        "members": memberships_visible_to(request.membership).select_related("user").order_by("user__name"),
        "invitations": invitations.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()),
        "roles": Role.choices,
    }
    return render(request, "core/team/index.html", context, status=status)
