"""What an admin does with everything held about one candidate: export it, hold it, erase it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.holdings import KINDS, Kind
from assessments.models import Erasure
from assessments.privacy_forms import EraseForm, HoldForm
from assessments.services import erasures, exports, holds
from assessments.trails import Trail, named_backfills, trail_of
from core.errors import DomainError
from core.models import Candidate
from core.permissions import admin_required
from core.selectors import candidates_visible_to
from core.types import MemberRequest

# What an erasure leaves as it is says nothing of it: how it is told, and that it was done.
_OWN_RECORDS = frozenset({"erasures", "erasure_notices", "replies"})

# What becomes of rows, and how it looks.
DELETED, EMPTIED, STAYS = ("Deleted", "tone-poor"), ("Emptied", "tone-poor"), ("Stays", "tone-neutral")


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """How many rows of a kind there are, and what becomes of them."""

    label: str
    count: int
    fate: str
    tone: str
    why: str


@require_safe
@admin_required
def index(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """What is held, the hold that stands, and what may be done."""
    candidate = _candidate(request, candidate_id)
    return render(request, "assessments/privacy/candidate.html", _context(candidate, HoldForm()))


@require_POST
@admin_required
def hold(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """Places a legal hold."""
    candidate, form = _candidate(request, candidate_id), HoldForm(request.POST)
    if not form.is_valid():
        return render(request, "assessments/privacy/candidate.html", _context(candidate, form), status=422)
    try:
        holds.place(candidate, reason=form.cleaned_data["reason"], actor=request.membership.user)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, "The legal hold stands: nothing of this candidate is deleted.")
    return redirect("assessments:privacy", candidate.public_id)


@require_POST
@admin_required
def lift(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """Ends the legal hold."""
    candidate = _candidate(request, candidate_id)
    holds.lift(candidate, actor=request.membership.user)
    messages.success(request, "The legal hold is lifted. What retention rules kept waiting goes within the hour.")
    return redirect("assessments:privacy", candidate.public_id)


@require_POST
@admin_required
def export(request: MemberRequest, candidate_id: str) -> StreamingHttpResponse:
    """Everything held, as a ZIP. A POST, because it is a deed that is written down."""
    candidate = _candidate(request, candidate_id)
    response = StreamingHttpResponse(
        exports.export(candidate, actor=request.membership.user), content_type="application/zip"
    )
    response["Content-Disposition"] = f'attachment; filename="{exports.file_name(candidate)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def erase(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """GET says exactly what goes and what stays, POST does it."""
    candidate = _candidate(request, candidate_id)
    if known := Erasure.objects.filter(candidate=candidate).first():
        return redirect("assessments:erasure", known.public_id)
    form = EraseForm(request.POST or None, candidate=candidate)
    if request.method == "POST" and form.is_valid():
        return _erase(request, candidate, form)
    context = {**_context(candidate, HoldForm()), "form": form, "partners": _partners(candidate)}
    return render(request, "assessments/privacy/erase.html", context, status=422 if form.errors else 200)


def _erase(request: MemberRequest, candidate: Candidate, form: EraseForm) -> HttpResponse:
    values = form.cleaned_data
    try:
        erasure = erasures.erase(
            candidate, ground=values["ground"], reference=values["reference"], actor=request.membership.user
        )
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return redirect("assessments:privacy", candidate.public_id)
    messages.success(request, "The candidate is erased. This is the receipt.")
    return redirect("assessments:erasure", erasure.public_id)


def _candidate(request: MemberRequest, candidate_id: str) -> Candidate:
    rows = candidates_visible_to(request.membership).select_related("organization")
    return get_object_or_404(rows, public_id=candidate_id)


def _context(candidate: Candidate, form: HoldForm) -> dict[str, object]:
    trail = trail_of(candidate, named_backfills(candidate))
    held = [_held(kind, trail) for kind in KINDS if kind.name not in _OWN_RECORDS]
    return {
        "candidate": candidate,
        "hold": holds.standing_on(candidate),
        "hold_form": form,
        "erasure": Erasure.objects.filter(candidate=candidate).first(),
        "held": [kind for kind in held if kind.count],
    }


def _held(kind: Kind, trail: Trail) -> Held:
    fate, tone = DELETED if kind.goes else EMPTIED if kind.emptied else STAYS
    return Held(label=kind.label, count=kind.rows(trail).count(), fate=fate, tone=tone, why=kind.why)


def _partners(candidate: Candidate) -> dict[str, list[str]]:
    """By name: who is told of an erasure, and who must not be, because it never learnt whose its results are."""
    orders = candidate.orders.order_by("partner__name")
    told = list(orders.filter(is_told=True).values_list("partner__name", flat=True).distinct())
    untold = orders.filter(is_told=False).exclude(partner__name__in=told)
    return {"told": told, "untold": list(untold.values_list("partner__name", flat=True).distinct())}
