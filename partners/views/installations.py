"""The admin's page of integrations: which partners are at work here and how they do; pause, resume, remove."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.permissions import admin_required
from core.types import MemberRequest
from partners import health
from partners.models import Delivery, Installation
from partners.oauth.consent import describe
from partners.selectors import connectable_partners, deliveries_visible_to, events_visible_to, installations_visible_to
from partners.services import installations

SHOWN = 20


@require_safe
@admin_required
def index(request: MemberRequest) -> HttpResponse:
    rows = installations_visible_to(request.membership).select_related("organization")
    current = [row for row in rows if row.status != Installation.Status.REMOVED]
    context = {
        "rows": health.of(current),
        "removed": [row for row in rows if row.status == Installation.Status.REMOVED],
        "connectable": connectable_partners(request.membership),
    }
    return render(request, "partners/installations.html", context)


@require_safe
@admin_required
def detail(request: MemberRequest, installation_id: str) -> HttpResponse:
    installation = _installation(request, installation_id)
    events = events_visible_to(request.membership).filter(installation=installation)
    context = {
        "installation": installation,
        "health": health.of([installation])[0],
        "consent": describe(installation.partner, installation.scopes),
        "events": events.order_by("-pk").prefetch_related("deliveries__endpoint")[:SHOWN],
        "troubled": _troubled(request, installation),
    }
    return render(request, "partners/installation.html", context)


@require_POST
@admin_required
def pause(request: MemberRequest, installation_id: str) -> HttpResponse:
    return _done(request, installation_id, installations.pause, "{} is paused: nothing new is sent to it.")


@require_POST
@admin_required
def resume(request: MemberRequest, installation_id: str) -> HttpResponse:
    return _done(request, installation_id, installations.resume, "{} is at work again.")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def remove(request: MemberRequest, installation_id: str) -> HttpResponse:
    """GET asks, POST removes."""
    if request.method == "POST":
        return _done(request, installation_id, installations.remove, "{} is removed; its access has ended.")
    installation = _installation(request, installation_id)
    return render(request, "partners/remove.html", {"installation": installation})


def _done(
    request: MemberRequest, installation_id: str, verb: Callable[..., Installation], sentence: str
) -> HttpResponse:
    installation = _installation(request, installation_id)
    try:
        verb(installation, actor=request.user)
        messages.success(request, sentence.format(installation.partner.name))
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return redirect("partners:installations")


def _installation(request: MemberRequest, installation_id: str) -> Installation:
    rows = installations_visible_to(request.membership).select_related("organization", "installed_by")
    return get_object_or_404(rows, public_id=installation_id)


def _troubled(request: MemberRequest, installation: Installation) -> list[Delivery]:
    rows = deliveries_visible_to(request.membership).filter(event__installation=installation, state__in=health.FAILED)
    return list(rows.order_by("-pk")[:SHOWN])
