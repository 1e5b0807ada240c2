"""Orders as people see them: the list, one order with its timeline, and the acts on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.cards import card
from assessments.forms import ExtendForm
from assessments.lifecycle import Status
from assessments.models import Order
from assessments.schemas.order_schema import form_fields
from assessments.selectors import backfills_to_review, orders_visible_to
from assessments.services import deadlines, telling
from assessments.services import orders as service
from assessments.timeline import timeline
from assessments.zones import reads, zone_of
from core.errors import DomainError
from core.models import Membership, Role, User
from core.permissions import may_order, member_required, orderer_required
from core.selectors import candidates_visible_to
from core.types import MemberRequest

# htmx: this status makes a polling element stop.
STOP_POLLING = 286
NOT_TOLD = "The partner cannot be told in its protocol: the candidate may still take it."
# Where a whole result is shown: in the profile's open card, on the order's page.
OPEN = ("1", "page")


@require_safe
@member_required
def index(request: MemberRequest) -> HttpResponse:
    """All orders of the organization, newest first, by status or of one candidate."""
    chosen = request.GET.get("status", "")
    rows = orders_visible_to(request.membership)
    if chosen in set(Status):
        rows = rows.filter(status=chosen)
    candidate = None
    if wanted := request.GET.get("candidate"):
        candidate = get_object_or_404(candidates_visible_to(request.membership), public_id=wanted)
        rows = rows.filter(candidate=candidate)
    rows = rows.select_related("candidate", "assessment_type", "partner", "application__job")
    page = Paginator(rows.order_by("-created_at", "-id"), 25).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"page": page, "statuses": list(Status), "chosen": chosen, "of": candidate}
    if may_order(request.membership):
        context |= {"to_review": backfills_to_review(request.membership).count()}
    return render(request, "assessments/orders.html", context)


@require_safe
@member_required
def detail(request: MemberRequest, order_id: str) -> HttpResponse:
    """One order: its state, its result, its timeline; raw forms for admins."""
    order = _order(request.membership, order_id)
    context = {
        "card": card(order, request.membership),
        "order": order,
        "entries": timeline(order, request.membership),
        "is_admin": request.membership.role == Role.ADMIN,
        "answers": _answers(order),
        "candidate_host": _host(order.candidate_url),
        "deadline": _deadline(order),
        "may_extend": may_order(request.membership) and deadlines.may_extend(order),
    }
    return render(request, "assessments/order.html", context)


@require_safe
@member_required
def progress(request: MemberRequest, order_id: str) -> HttpResponse:
    """The card of one order, polled while it is live: 304 while nothing changed, 286 with the last form of it."""
    shown = card(_order(request.membership, order_id), request.membership)
    headers = {"ETag": shown.etag, "Cache-Control": "private, no-cache"}
    if shown.is_live and request.headers.get("If-None-Match") == shown.etag:
        return HttpResponse(status=304, headers=headers)
    place = request.GET.get("open", "")
    context = {"card": shown, "open": place if place in OPEN else ""}
    status = 200 if shown.is_live else STOP_POLLING
    response = render(request, "assessments/_card.html", context, status=status)
    for name, value in headers.items():
        response[name] = value
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@orderer_required
def cancel(request: MemberRequest, order_id: str) -> HttpResponse:
    """GET asks, POST cancels."""
    order = _order(request.membership, order_id)
    reason = request.POST.get("reason", "").replace("\0", "")[:500]

    def act(order: Order, *, actor: User) -> Order:
        return service.cancel(order, actor=actor, reason=reason)

    is_told = telling.can_cancel(order)
    if request.method == "POST":
        return _act(request, order, act, f"Cancelled. {'The partner is told.' if is_told else NOT_TOLD}")
    context = {"order": order, "not_told": "" if is_told else NOT_TOLD}
    return render(request, "assessments/order_cancel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@orderer_required
def extend(request: MemberRequest, order_id: str) -> HttpResponse:
    """GET asks until when, POST puts the deadline off."""
    order = _order(request.membership, order_id)
    form = ExtendForm(request.POST or None, zone=zone_of(order.candidate.time_zone))

    def act(order: Order, *, actor: User) -> Order:
        return deadlines.extend(order, deadline_at=form.cleaned_data["deadline"], actor=actor)

    if request.method == "POST" and form.is_valid():
        return _act(request, order, act, "The deadline is put off.")
    context = {"order": order, "form": form, "deadline": _deadline(order)}
    return render(request, "assessments/order_extend.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@orderer_required
def resend(request: MemberRequest, order_id: str) -> HttpResponse:
    """GET asks, POST sends the same order again: a new event, the same order."""
    order = _order(request.membership, order_id)
    if request.method == "POST":
        return _act(request, order, service.resend, "Sent again.")
    return render(request, "assessments/order_resend.html", {"order": order})


@require_POST
@orderer_required
def confirm_sent(request: MemberRequest, order_id: str) -> HttpResponse:
    """After an unclear delivery: a person knows that the partner has it, and perhaps its id there."""
    reference = request.POST.get("reference", "").replace("\0", "").strip()[:200]

    def act(order: Order, *, actor: User) -> Order:
        return service.confirm_sent(order, actor=actor, reference=reference)

    return _act(request, _order(request.membership, order_id), act, "Noted: the partner has it.")


def _order(membership: Membership, order_id: str) -> Order:
    rows = orders_visible_to(membership).select_related(
        "organization",
        "candidate",
        "application__job",
        "assessment_type",
        "installation__organization",
        "installation__partner",
        "partner",
        "result_schema",
        "placed_by",
        "backfill__decided_by",
    )
    return get_object_or_404(rows, public_id=order_id)


def _answers(order: Order) -> list[tuple[str, str]]:
    """What the recruiter filled in, labelled by the order schema; what it no longer knows keeps its own name."""
    text = order.assessment_type.order_schema
    asked = {field.name: field for field in form_fields(json.loads(text))} if text else {}
    filled: dict[str, object] = json.loads(order.fields)
    return [
        (asked[name].label, _words(value, dict(asked[name].choices))) if name in asked else (name, _words(value, {}))
        for name, value in filled.items()
    ]


def _words(value: object, choices: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(choices.get(str(part), str(part)) for part in (value if isinstance(value, list) else [value]))


def _deadline(order: Order) -> dict[str, str] | None:
    """The deadline by the candidate's clock, and which clock that is."""
    if order.deadline_at is None:
        return None
    zone = zone_of(order.candidate.time_zone)
    return {"there": reads(order.deadline_at, zone), "zone": zone.key}


def _host(url: str) -> str:
    """Only https pages become links; everything else has no host here."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme == "https" else ""


def _act(request: MemberRequest, order: Order, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(order, actor=request.membership.user)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, said)
    return redirect("assessments:order", order.public_id)
