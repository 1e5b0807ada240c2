"""The plain *Connect* button: the content of the consent screen without a partner's redirect."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.permissions import admin_required
from core.types import MemberRequest
from partners.models import Environment, Partner
from partners.oauth.consent import describe
from partners.scopes import allowed_to
from partners.selectors import connectable_partners
from partners.services import installations


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def connect(request: MemberRequest, partner_id: str) -> HttpResponse:
    """GET shows what will be granted, POST grants it: what the Partner's Application may ask for at the most."""
    partner = get_object_or_404(connectable_partners(request.membership), public_id=partner_id)
    organization = request.membership.organization
    scopes = _scopes(partner, Environment.SANDBOX if organization.is_sandbox else Environment.LIVE)
    if request.method != "POST":
        return render(request, "partners/connect.html", {"consent": describe(partner, scopes)})
    try:
        installation = installations.install(partner, organization, scopes=scopes, actor=request.user)
        messages.success(request, f"{partner.name} is connected.")
        return redirect("partners:installation", installation.public_id)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return redirect("partners:installations")


def _scopes(partner: Partner, environment: Environment) -> tuple[str, ...]:
    application = partner.applications.filter(environment=environment).first()
    return allowed_to(application.allowed_scopes if application else "")
