"""Orders as people see them: the list, one order with its timeline, and the acts on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from assessments.schemas.order_schema import form_fields
from assessments.selectors import orders_visible_to
from core.errors import DomainError
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.cards import card
from assessments.lifecycle import Status
from assessments.models import Order
from assessments.services import orders as service
from assessments.timeline import timeline
from core.models import Membership, Role, User
from core.permissions import may_order, member_required, orderer_required
from core.types import MemberRequest
from partners.models import Delivery

# The toolkit of htmx: this status makes a polling element stop.
STOP_POLLING = 286


@member_required
@require_GET
def index(request: MemberRequest) -> HttpResponse:
    """All orders of the organization, newest first, filtered by status."""
    chosen = request.GET.get("status", "")
    rows = orders_visible_to(request.membership).select_related(
        "candidate", "assessment_type", "partner", "application__job"
    )
    if chosen in set(Status):
        rows = rows.filter(status=chosen)
    page = Paginator(rows.order_by("-created_at", "-id"), 25).get_page(request.GET.get("page"))
    context = {"page": page, "statuses": list(Status), "chosen": chosen}
    return render(request, "assessments/orders.html", context)


@member_required
@require_GET
def detail(request: MemberRequest, order_id: str) -> HttpResponse:
    """One order: its state, its result, its timeline; raw forms for admins."""
    order = _order(request.membership, order_id)
    is_admin = request.membership.role == Role.ADMIN
    context = {
        "card": card(order, request.membership.role),
        "order": order,
        "entries": timeline(order, with_raw=is_admin),
        "is_admin": is_admin,
        "may_order": may_order(request.membership),
        "unclear": _unclear(order),
        "answers": _answers(order),
        "candidate_host": urlsplit(order.candidate_url).hostname,
        "attachments": order.attachments.all(),
    }
    return render(request, "assessments/order.html", context)


@member_required
@require_GET
def progress(request: MemberRequest, order_id: str) -> HttpResponse:
    """The card of one order, polled while it is live: 304 while nothing changed, 286 with the last form of it."""
    order = _order(request.membership, order_id)
    shown = card(order, request.membership.role)
    if request.headers.get("If-None-Match") == shown.etag:
        return HttpResponse(status=304, headers={"ETag": shown.etag})
    status = 200 if shown.is_live else STOP_POLLING
    response = render(request, "assessments/_card.html", {"card": shown, "open": True}, status=status)
    response["ETag"] = shown.etag
    response["Cache-Control"] = "private, no-cache"
    return response


@orderer_required
@require_http_methods(["GET", "POST"])
def cancel(request: MemberRequest, order_id: str) -> HttpResponse:
    """GET asks, POST cancels."""
    order = _order(request.membership, order_id)
    if request.method == "GET":
        return render(request, "assessments/order_cancel.html", {"order": order})
    reason = request.POST.get("reason", "")[:500]

    def act(order: Order, *, actor: User) -> Order:
        return service.cancel(order, actor=actor, reason=reason)

    return _act(request, order, act, "Cancelled. The partner is told.")


@orderer_required
@require_POST
def resend(request: MemberRequest, order_id: str) -> HttpResponse:
    """Send the same order again: a new event, the same order."""
    return _act(request, _order(request.membership, order_id), service.resend, "Sent again.")


@orderer_required
@require_POST
def confirm_sent(request: MemberRequest, order_id: str) -> HttpResponse:
    """After an unclear delivery: a person knows that the partner has it."""
    return _act(request, _order(request.membership, order_id), service.confirm_sent, "Noted: the partner has it.")


def _order(membership: Membership, order_id: str) -> Order:
    rows = orders_visible_to(membership).select_related(
        "candidate",
        "application__job",
        "application__stage",
        "assessment_type",
        "partner",
        "result_schema",
        "placed_by",
    )
    return get_object_or_404(rows, public_id=order_id)


def _answers(order: Order) -> list[tuple[str, str]]:
    """What the recruiter filled in, labelled by the order schema; what it no longer knows keeps its own name."""
    text = order.assessment_type.order_schema
    labels = {field.name: field.label for field in form_fields(json.loads(text))} if text else {}
    filled: dict[str, object] = json.loads(order.fields)
    return [(labels.get(name, name), _words(value)) for name, value in filled.items()]


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "Yes", False: "No"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _unclear(order: Order) -> bool:
    """Whether nobody can tell if the partner has this order: a person has to choose."""
    newest = (
        Delivery.objects.filter(event__subject=order.public_id, event__topic="order.placed").order_by("-id").first()
    )
    return order.status == Status.REQUESTED and newest is not None and newest.state == Delivery.State.UNCLEAR


def _act(request: MemberRequest, order: Order, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(order, actor=request.membership.user)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, said)
    return redirect("assessments:order", order.public_id)
