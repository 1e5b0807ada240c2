"""The portal's logs: events; deliveries with their attempts, to be sent again; every call, with its request id."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.models import User
from partners.delivery import outbox, readers
from partners.forms import RedeliverForm
from partners.models import Delivery, Partner
from partners.selectors import deliveries_of, events_of, requests_visible_to
from partners.views.guards import for_members

PER_PAGE = 25


@require_safe
@for_members
def events(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Newest first, whether anybody was to be told or not."""
    rows = events_of(partner).order_by("-pk")
    if topic := request.GET.get("topic", "").strip():
        rows = rows.filter(topic=topic)
    context = {
        "partner": partner,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "topics": sorted(readers.announced(readers.Side.PARTNER)),
        "topic": topic,
    }
    return render(request, "partners/portal/events.html", context)


@require_safe
@for_members
def deliveries(request: HttpRequest, partner: Partner) -> HttpResponse:
    state = request.GET.get("state", "")
    rows: QuerySet[Delivery] = deliveries_of(partner).order_by("-pk")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    context = {
        "partner": partner,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "states": Delivery.State.choices,
        "state": state,
        "redeliver": RedeliverForm(initial={"since": timezone.now() - timedelta(days=1)}),
    }
    return render(request, "partners/portal/deliveries.html", context)


@require_safe
@for_members
def delivery(request: HttpRequest, partner: Partner, delivery_id: str) -> HttpResponse:
    row = get_object_or_404(deliveries_of(partner), public_id=delivery_id)
    attempts = row.attempts.order_by("-number")
    return render(request, "partners/portal/delivery.html", {"partner": partner, "delivery": row, "attempts": attempts})


@require_POST
@for_members
def redeliver(request: HttpRequest, partner: Partner, delivery_id: str) -> HttpResponse:
    row = get_object_or_404(deliveries_of(partner), public_id=delivery_id)
    try:
        outbox.redeliver(row, actor=cast(User, request.user))
        messages.success(request, "It is on its way again, with the same webhook-id.")
    except DomainError as refusal:
        messages.error(request, refusal.detail)
    return redirect("partners:delivery", partner.public_id, delivery_id)


@require_POST
@for_members
def redeliver_failed(request: HttpRequest, partner: Partner) -> HttpResponse:
    form = RedeliverForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say since when, such as 2026-11-23 09:00.")
        return redirect("partners:deliveries", partner.public_id)
    count = outbox.redeliver_failed(
        deliveries_of(partner),
        partner,
        since=form.cleaned_data["since"],
        until=None,
        states=outbox.LOST,
        actor=cast(User, request.user),
    )
    messages.success(request, _due_again(count))
    return redirect("partners:deliveries", partner.public_id)


def _due_again(count: int) -> str:
    if not count:
        return "Nothing failed in that time."
    return f"{count} {'delivery is' if count == 1 else 'deliveries are'} on the way again."


@require_safe
@for_members
def requests(request: HttpRequest, partner: Partner) -> HttpResponse:
    rows = requests_visible_to(partner).order_by("-created_at", "-pk")
    if only_refused := request.GET.get("refused") == "1":
        rows = rows.filter(status__gte=400)
    if wanted := request.GET.get("q", "").strip():
        rows = rows.filter(request_id=wanted)
    context = {
        "partner": partner,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "only_refused": only_refused,
        "wanted": wanted,
    }
    return render(request, "partners/portal/requests.html", context)
