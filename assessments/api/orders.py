"""Orders as a Partner reads them: the pull queue, one order, and the résumé that goes with it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.changes import ORDER_REFERENCE
from assessments.api.shapes import ORDER_RELATED, OrderJson, order_json
from assessments.lifecycle import Status
from assessments.models import Order
from assessments.selectors import orders_visible_to, queue_of
from assessments.services import feed
from core.api.feeds import read_feed
from core.api.pagination import invalid_parameter, paginate
from core.api.views import ApiView
from core.errors import NotFound
from partners.errors import InstallationPaused
from partners.models import Installation
from partners.oauth.permissions import caller

READ = ("orders:read",)
RESUME = "candidates.resume:read"
# What taking in an update looks at: nothing of the candidate.
_WRITTEN = ("organization", "installation", "partner", "assessment_type", "result_schema")


class OrdersView(ApiView):
    """Oldest first, so that a queue is worked in order; ``?status=`` and ``?installation=`` narrow it.

    With ``?since=`` it is the feed of changes: each order once, at its latest change.
    """

    changes = (ORDER_REFERENCE,)
    required_scopes = {"GET": READ}

    def get(self, request: Request) -> Response:
        client = caller(request)
        # Theirs they are by their Installations; the partner is named for the indexes, which begin with it.
        rows = _narrowed(queue_of(client).filter(partner=client.partner), request).select_related(*ORDER_RELATED)

        def shown(row: Order) -> OrderJson:
            return order_json(row, client)

        if request.query_params.get("since"):
            return Response(read_feed(feed.FEED, rows, request, dated="updated_at", serialize=shown))
        return Response(paginate(rows, request, serialize=shown, order=("created_at", "id")))


class OrderView(ApiView):
    changes = (ORDER_REFERENCE,)
    required_scopes = {"GET": READ}

    def get(self, request: Request, order_id: str) -> Response:
        return Response(order_json(readable(request, order_id), caller(request)))


class AnyForm(BaseContentNegotiation):
    """For a file: whatever the caller accepts, it gets the file, or a problem."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ResumeView(ApiView):
    """The candidate's résumé, a PDF, for as long as the scope lets it leave."""

    required_scopes = {"GET": (*READ, RESUME)}
    content_negotiation_class = AnyForm

    def get(self, request: Request, order_id: str) -> FileResponse:
        order = readable(request, order_id)
        if RESUME not in order.installation.scopes or not order.candidate.resume:
            raise NotFound("There is no résumé that you can see.")
        response = FileResponse(
            order.candidate.resume.open("rb"), as_attachment=True, filename=f"{order.candidate.public_id}.pdf"
        )
        response["Content-Type"] = "application/pdf"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def readable(request: Request, order_id: str) -> Order:
    """The order, or 404. Raises InstallationPaused: nothing about a candidate is read during a pause."""
    rows = orders_visible_to(caller(request), "orders:read").select_related(*ORDER_RELATED)
    order = get_object_or_404(rows, public_id=order_id)
    if order.installation.status == Installation.Status.PAUSED:
        raise InstallationPaused
    return order


def writable(request: Request, order_id: str, scope: str) -> Order:
    """The order, or 404; paused or not: what was placed before the pause goes on."""
    rows = orders_visible_to(caller(request), scope).select_related(*_WRITTEN)
    return get_object_or_404(rows, public_id=order_id)


def _narrowed(rows: QuerySet[Order], request: Request) -> QuerySet[Order]:
    if status := request.query_params.get("status"):
        if status not in set(Status):
            raise invalid_parameter("status", f"One of {', '.join(Status)}.")
        rows = rows.filter(status=status)
    if installation := request.query_params.get("installation"):
        rows = rows.filter(installation__public_id=installation)
    return rows
