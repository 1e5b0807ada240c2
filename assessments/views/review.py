"""Results that came without an order and fit nobody for certain: a person says whose they are, or dismisses them."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assessments.forms import DismissForm
from assessments.models import Backfill
from assessments.rendering.builder import build
from assessments.selectors import backfills_to_review, backfills_visible_to
from assessments.services import attaching
from assessments.services.backfill import candidates_named
from core.errors import DomainError
from core.models import Application, User
from core.permissions import orderer_required
from core.selectors import applications_visible_to, candidates_called
from core.types import MemberRequest

PER_PAGE = 25
# Whoever sees more of them searches with one more word.
MOST_SHOWN = 20


@require_safe
@orderer_required
def index(request: MemberRequest) -> HttpResponse:
    """What waits, oldest first."""
    rows = backfills_to_review(request.membership).select_related("assessment_type", "partner")
    page = Paginator(rows.defer("raw", "document"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "to_review": page.paginator.count}
    return render(request, "assessments/review/index.html", context)


@require_safe
@orderer_required
def detail(request: MemberRequest, backfill_id: str) -> HttpResponse:
    """One of them with its result, and the applications that it may belong to."""
    row = _row(request, backfill_id)
    if row.state != Backfill.State.WAITING:
        return _decided(request, row)
    wanted = request.GET.get("q", "").strip()
    applications = list(_applications(request, row, wanted)[: MOST_SHOWN + 1])
    context = {
        "backfill": row,
        "view": build(json.loads(row.result_schema.text), json.loads(row.document), request.membership.role),
        "wanted": wanted,
        "applications": applications[:MOST_SHOWN],
        "has_more": len(applications) > MOST_SHOWN,
    }
    return render(request, "assessments/review/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@orderer_required
def attach(request: MemberRequest, backfill_id: str, application_id: str) -> HttpResponse:
    """GET asks, POST attaches it to the application."""
    row = _row(request, backfill_id)
    if row.state != Backfill.State.WAITING:
        return _decided(request, row)
    rows = applications_visible_to(request.membership).select_related("candidate", "job", "stage", "organization")
    application = get_object_or_404(rows, public_id=application_id)
    if request.method == "POST":
        said = f"It is in the profile of {application.candidate.name} now."
        return _act(request, row, lambda actor: attaching.attach(row, application, actor=actor), said)
    return render(request, "assessments/review/attach.html", {"backfill": row, "application": application})


@require_http_methods(["GET", "HEAD", "POST"])
@orderer_required
def dismiss(request: MemberRequest, backfill_id: str) -> HttpResponse:
    """GET asks why, POST dismisses it."""
    row = _row(request, backfill_id)
    if row.state != Backfill.State.WAITING:
        return _decided(request, row)
    form = DismissForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        said = "Dismissed. It is kept, and shown nowhere."
        return _act(request, row, lambda actor: attaching.dismiss(row, reason=reason, actor=actor), said)
    context = {"backfill": row, "form": form}
    return render(request, "assessments/review/dismiss.html", context, status=422 if form.errors else 200)


def _row(request: MemberRequest, backfill_id: str) -> Backfill:
    rows = backfills_visible_to(request.membership).select_related(
        "organization", "assessment_type", "partner", "result_schema", "order"
    )
    return get_object_or_404(rows.defer("raw"), public_id=backfill_id)


def _applications(request: MemberRequest, row: Backfill, wanted: str) -> QuerySet[Application]:
    """Of those who are called so; without a search, of those whom the partner's words name."""
    people = candidates_called(request.membership, wanted) if wanted else candidates_named(row)
    rows = applications_visible_to(request.membership).filter(candidate__in=people.values("pk"))
    return rows.select_related("candidate", "job", "stage").order_by("candidate__last_name", "candidate", "-pk")


def _act(request: MemberRequest, row: Backfill, act: Callable[[User], object], said: str) -> HttpResponse:
    try:
        act(request.membership.user)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, said)
    row.refresh_from_db()
    return _onward(row)


def _decided(request: MemberRequest, row: Backfill) -> HttpResponse:
    """Most often a colleague was faster."""
    messages.info(request, f"Nothing is to be decided about this result: it is {row.get_state_display().lower()}.")
    return _onward(row)


def _onward(row: Backfill) -> HttpResponse:
    return redirect("assessments:order", row.order.public_id) if row.order else redirect("assessments:review")
