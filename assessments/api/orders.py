"""Orders as a Partner and as an Organization's own programs read them; the latter place and cancel them, too.

Which orders there are and what is shown of one is decided by who asks: see the selectors and the shapes.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import read
from assessments.api.changes import ORDER_REFERENCE
from assessments.api.host import placing
from assessments.api.host.bodies import CancelBody, PlaceBody
from assessments.api.shapes import CONTACT, ORDER_RELATED, OrderJson, order_json
from assessments.lifecycle import Status
from assessments.models import Order
from assessments.selectors import orders_visible_to, queue_of
from assessments.services import feed, orders
from core.api.feeds import read_feed
from core.api.pagination import paginate
from core.api.parameters import invalid_parameter
from core.api.views import ApiView
from core.errors import NotFound
from core.idempotency import idempotent
from partners.errors import InstallationPaused
from partners.models import Installation
from partners.oauth.permissions import caller, program, viewer
from partners.types import Client

READ, WRITE = ("orders:read",), ("orders:write",)
RESUME = "candidates.resume:read"
FILTERS = {
    "installation": "installation__public_id",
    "candidate": "candidate__public_id",
    "application": "application__public_id",
    "job": "application__job__public_id",
    "assessment_type": "assessment_type__key",
}
# What taking in an update looks at: nothing of the candidate.
_WRITTEN = ("organization", "installation", "partner", "assessment_type", "result_schema")


class OrdersView(ApiView):
    """Oldest first, so that a queue is worked in order; ``?status=``, ``?installation=`` and ids narrow it.

    With ``?since=`` it is the feed of changes: each order once, at its latest change. POST, for organizations:
    201 with the order, which is on its way.
    """

    changes = (ORDER_REFERENCE,)
    required_scopes = {"GET": READ}
    organization_scopes = {"GET": READ, "POST": WRITE}

    def get(self, request: Request) -> Response:
        client = viewer(request)
        rows = _narrowed(queue_of(client), request)

        def shown(row: Order) -> OrderJson:
            return order_json(row, client)

        if "since" in request.query_params:
            return Response(read_feed(feed.FEED, rows, request, dated="updated_at", serialize=shown))
        return Response(paginate(rows, request, serialize=shown, order=("created_at", "id")))

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        order = placing.place(program(request), read(PlaceBody, request))
        return Response(order_json(order, viewer(request)), status=201)


class OrderView(ApiView):
    changes = (ORDER_REFERENCE,)
    required_scopes = {"GET": READ}
    organization_scopes = required_scopes

    def get(self, request: Request, order_id: str) -> Response:
        return Response(order_json(readable(request, order_id), viewer(request)))


class CancelView(ApiView):
    """POST ``{reason?}``: it has ended, and the partner is asked to stop. 409 for one that had ended."""

    changes = (ORDER_REFERENCE,)
    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, order_id: str) -> HttpResponse:
        reason = read(CancelBody, request)["reason"] or ""
        order = orders.cancel(readable(request, order_id), actor=viewer(request).actor, reason=reason)
        return Response(order_json(order, viewer(request)))


class AnyForm(BaseContentNegotiation):
    """For a file: whatever the caller accepts, it gets the file, or a problem."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ResumeView(ApiView):
    """The candidate's résumé, a PDF; to a partner for as long as the scope lets it leave."""

    required_scopes = {"GET": (*READ, RESUME)}
    organization_scopes = {"GET": (*READ, CONTACT)}
    content_negotiation_class = AnyForm

    def get(self, request: Request, order_id: str) -> FileResponse:
        order = readable(request, order_id)
        is_out = isinstance(request.auth, Client) and RESUME not in order.installation.scopes
        if is_out or not order.candidate.resume:
            raise NotFound("There is no résumé that you can see.")
        response = FileResponse(
            order.candidate.resume.open("rb"), as_attachment=True, filename=f"{order.candidate.public_id}.pdf"
        )
        response["Content-Type"] = "application/pdf"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def readable(request: Request, order_id: str) -> Order:
    """The order, or 404. Raises InstallationPaused: no partner reads anything about a candidate during a pause."""
    client = viewer(request)
    rows = orders_visible_to(client, "orders:read").select_related(*ORDER_RELATED)
    order = get_object_or_404(rows, public_id=order_id)
    if isinstance(client, Client) and order.installation.status == Installation.Status.PAUSED:
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
    for name, column in FILTERS.items():
        if value := request.query_params.get(name):
            rows = rows.filter(**{column: value})
    return rows.select_related(*ORDER_RELATED)
