"""How long an organization keeps results: its rules beside what partners allow, tried before they hold."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assessments.models import AssessmentType
from assessments.privacy_forms import DEFAULT, RetentionForm
from assessments.schemas.durations import words
from assessments.services import retention
from core.models import Membership
from core.permissions import admin_required
from core.types import MemberRequest
from partners.models import Installation


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """An assessment type, how long its partner lets it be kept, and how many results would go."""

    type: AssessmentType
    limit: str
    field: forms.BoundField
    going: int


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def index(request: MemberRequest) -> HttpResponse:
    """GET shows the rules, POST tries them: what would go is shown first, and kept only when that is confirmed."""
    organization = request.membership.organization
    types, rules = _types(request.membership), retention.rules_of(organization)
    form = RetentionForm(request.POST or None, types=types, rules=rules)
    if is_tried := request.method == "POST" and form.is_valid():
        rules = form.rules()
    going = retention.preview(organization, rules)
    if is_tried and (request.POST.get("act") == "save" or not going):
        retention.set_rules(organization, rules, actor=request.membership.user)
        messages.success(request, "Saved. What has been kept long enough goes within the hour.")
        return redirect("assessments:retention")
    context = {
        "default": form[DEFAULT],
        "rows": [_row(row, field, going) for row, field in form.rows()],
        "going": sum(going.values()),
        "is_tried": is_tried,
        "form": form,
    }
    return render(request, "assessments/privacy/retention.html", context, status=422 if form.errors else 200)


def _types(membership: Membership) -> list[AssessmentType]:
    """Of partners at work here, and what was ever ordered here."""
    here = Installation.objects.filter(organization=membership.organization).exclude(status=Installation.Status.REMOVED)
    ordered = membership.organization.orders.values("assessment_type")
    rows = AssessmentType.objects.filter(Q(partner__in=here.values("partner"), retired_at=None) | Q(pk__in=ordered))
    return list(rows.select_related("partner").order_by("partner__name", "name", "pk"))


def _row(row: AssessmentType, field: forms.BoundField, going: dict[int, int]) -> Row:
    limit = retention.limit_of(row)
    return Row(type=row, limit=words(limit) if limit else "", field=field, going=going.get(row.pk, 0))
