"""Erasures of an organization, and the receipt of each: to print, and as JSON."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from assessments.models import Erasure
from assessments.selectors import erasures_visible_to
from assessments.services import receipts
from core.permissions import admin_required
from core.types import MemberRequest

PER_PAGE = 25


@require_safe
@admin_required
def index(request: MemberRequest) -> HttpResponse:
    """Newest first, with how many partners have answered."""
    rows = erasures_visible_to(request.membership).select_related("candidate")
    rows = rows.annotate(
        told=Count("notices"), answered=Count("notices", filter=Q(notices__acknowledged_at__isnull=False))
    )
    page = Paginator(rows.order_by("-erased_at", "-id"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assessments/privacy/erasures.html", {"page": page})


@require_safe
@admin_required
def detail(request: MemberRequest, erasure_id: str) -> HttpResponse:
    """What was deleted, who was told and what they said, and where that is sealed."""
    erasure = _erasure(request, erasure_id)
    receipt = receipts.receipt(erasure)
    context = {
        "erasure": erasure,
        "receipt": receipt,
        "counts": [(name.replace("_", " "), count) for name, count in erasure.counts.items()],
        "notices": erasure.notices.select_related("partner").order_by("id"),
    }
    return render(request, "assessments/privacy/erasure.html", context)


@require_safe
@admin_required
def download(request: MemberRequest, erasure_id: str) -> JsonResponse:
    """The receipt as JSON; the digest is over its ``statement``."""
    erasure = _erasure(request, erasure_id)
    response = JsonResponse(receipts.receipt(erasure), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{erasure.public_id}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


def _erasure(request: MemberRequest, erasure_id: str) -> Erasure:
    rows = erasures_visible_to(request.membership).select_related("candidate", "organization", "asked_by")
    return get_object_or_404(rows, public_id=erasure_id)
