"""A check of a connected partner's protocol: begun by an admin of a sandbox, and its report while it goes on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from assessments.check_report import Step, report
from assessments.models import PartnerCheck
from assessments.selectors import checks_visible_to
from assessments.services import checking
from assessments.views.orders import STOP_POLLING
from core.errors import DomainError
from core.permissions import admin_required
from core.types import MemberRequest
from partners.selectors import installations_visible_to


@require_POST
@admin_required
def begin(request: MemberRequest, installation_id: str) -> HttpResponse:
    rows = installations_visible_to(request.membership).select_related("organization", "partner")
    installation = get_object_or_404(rows, public_id=installation_id)
    try:
        check = checking.begin(installation, actor=request.membership.user)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return redirect("partners:installation", installation_id)
    return redirect("assessments:check", check.public_id)


@require_safe
@admin_required
def detail(request: MemberRequest, check_id: str) -> HttpResponse:
    check = _check(request, check_id)
    return render(request, "assessments/check.html", {**_context(check), "check": check})


@require_safe
@admin_required
def steps(request: MemberRequest, check_id: str) -> HttpResponse:
    """The steps so far, asked for again until the check has ended."""
    check = _check(request, check_id)
    status = STOP_POLLING if check.ended_at else 200
    return render(request, "assessments/_check_steps.html", {**_context(check), "check": check}, status=status)


def _check(request: MemberRequest, check_id: str) -> PartnerCheck:
    return get_object_or_404(checks_visible_to(request.membership), public_id=check_id)


def _context(check: PartnerCheck) -> dict[str, object]:
    found: list[Step] = report(check)
    return {"steps": found, "dialect": checking.dialect_of(check.installation)}
