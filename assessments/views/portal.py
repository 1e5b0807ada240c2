"""The portal's catalogue page: what a Partner sells, the orders it got, and what it sent that did not fit."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessments.lifecycle import Status
from assessments.models import AssessmentType, OrderUpdate, ResultSchema
from assessments.selectors import orders_of
from partners.models import Partner
from partners.views.guards import for_members

PER_PAGE = 25
# Older ones are found through the order's updates in the API.
MOST_REJECTED = 20


@require_safe
@for_members
def catalogue(request: HttpRequest, partner: Partner) -> HttpResponse:
    """For the partner's own people, of both environments. Nothing of a candidate is on it."""
    status = request.GET.get("status", "")
    orders = orders_of(partner).select_related("assessment_type", "result_schema", "organization")
    if status in set(Status):
        orders = orders.filter(status=status)
    versions = ResultSchema.objects.defer("text").order_by("-version")
    types = AssessmentType.objects.filter(partner=partner).prefetch_related(Prefetch("result_schemas", versions))
    context = {
        "partner": partner,
        "types": types.order_by("retired_at", "name"),
        "page": Paginator(orders.order_by("-created_at", "-id"), PER_PAGE).get_page(request.GET.get("page")),
        "statuses": list(Status),
        "status": status,
        "rejected": _rejected(partner),
    }
    return render(request, "assessments/portal/catalogue.html", context)


def _rejected(partner: Partner) -> list[OrderUpdate]:
    rows = OrderUpdate.objects.filter(order__in=orders_of(partner), outcome=OrderUpdate.Outcome.REJECTED)
    return list(rows.select_related("order__assessment_type").order_by("-received_at", "-id")[:MOST_REJECTED])
