"""The people of a Partner. New ones come by way of its sandbox: invited there by link, then let into the portal."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.models import User
from partners.models import Partner
from partners.services import onboarding
from partners.views.guards import for_members


@require_safe
@for_members
def index(request: HttpRequest, partner: Partner) -> HttpResponse:
    context = {
        "partner": partner,
        "members": partner.members.select_related("user").order_by("user__name", "pk"),
        "others": _others(partner),
    }
    return render(request, "partners/portal/members.html", context)


@require_POST
@for_members
def add(request: HttpRequest, partner: Partner) -> HttpResponse:
    person = get_object_or_404(_others(partner), email=request.POST.get("person", ""))
    onboarding.add_member(partner, person, actor=cast(User, request.user))
    messages.success(request, f"{person} may use the portal now.")
    return redirect("partners:members", partner.public_id)


@require_POST
@for_members
def remove(request: HttpRequest, partner: Partner) -> HttpResponse:
    member = get_object_or_404(partner.members.select_related("user"), user__email=request.POST.get("person", ""))
    try:
        onboarding.remove_member(member, actor=cast(User, request.user))
        messages.success(request, f"{member.user} no longer has the portal.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    if member.user_id == request.user.pk:
        return redirect("partners:portal")
    return redirect("partners:members", partner.public_id)


def _others(partner: Partner) -> QuerySet[User]:
    """Members of the sandbox who do not have the portal yet."""
    in_sandbox = User.objects.filter(memberships__organization=partner.sandbox_organization_id, is_service=False)
    return in_sandbox.exclude(partner_members__partner=partner).order_by("name")
