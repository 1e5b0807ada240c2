"""What a Partner tells about an order: accept, decline, updates. All are kept; the answer says what they did."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import AcceptBody, DeclineBody, UpdateBody, read
from assessments.api.changes import ORDER_REFERENCE
from assessments.api.orders import READ, readable, writable
from assessments.api.shapes import update_json
from assessments.errors import IllegalTransition
from assessments.models import Order, OrderUpdate
from assessments.services import updates
from core.api.pagination import paginate
from core.api.problems import problem_response
from core.api.request_log import current_request_id
from core.api.views import ApiView
from core.idempotency import idempotent

WRITE = "orders:write"
_Kind = OrderUpdate.Kind


class AcceptView(ApiView):
    """POST ``{reference?, candidate_url?}``."""

    changes = (ORDER_REFERENCE,)
    required_scopes = {"POST": (WRITE,)}

    @idempotent
    def post(self, request: Request, order_id: str) -> HttpResponse:
        order = writable(request, order_id, WRITE)
        return _tell(request, order, kind=_Kind.ACCEPTED, occurred_at=None, **_words(read(AcceptBody, request)))


class DeclineView(ApiView):
    """POST ``{message}``: the recruiter reads it."""

    required_scopes = {"POST": (WRITE,)}

    @idempotent
    def post(self, request: Request, order_id: str) -> HttpResponse:
        order = writable(request, order_id, WRITE)
        return _tell(request, order, kind=_Kind.DECLINED, occurred_at=None, **read(DeclineBody, request))


class UpdatesView(ApiView):
    """GET: all that was told about the order, refused and rejected things too. POST ``{kind, …}``: news of it."""

    changes = (ORDER_REFERENCE,)
    required_scopes = {"GET": READ, "POST": (WRITE,)}

    def get(self, request: Request, order_id: str) -> Response:
        rows = OrderUpdate.objects.filter(order=readable(request, order_id)).select_related("order")
        return Response(paginate(rows, request, serialize=update_json, order=("id",)))

    @idempotent
    def post(self, request: Request, order_id: str) -> HttpResponse:
        order = writable(request, order_id, WRITE)
        return _tell(request, order, **_words(read(UpdateBody, request)))


class UpdateView(ApiView):
    """GET: one update with ``body``, the text as it came: a rejected document is found here."""

    changes = (ORDER_REFERENCE,)
    required_scopes = {"GET": READ}

    def get(self, request: Request, order_id: str, update_id: str) -> Response:
        rows = OrderUpdate.objects.filter(order=readable(request, order_id)).select_related("order")
        row = get_object_or_404(rows, public_id=update_id)
        return Response({**update_json(row), "body": bytes(row.raw).decode("utf-8", "replace")})


def refusal(status: str, update: OrderUpdate) -> IllegalTransition:
    """To be answered and not raised: the update commits."""
    detail = f"The order is {status}; this contradicts it. It is kept as {update.public_id}."
    return IllegalTransition(detail, problems=update.problems, order_status=status, update=update.public_id)


def _tell(request: Request, order: Order, **told: Any) -> HttpResponse:
    """201; 200 for what was told before; 409 for what contradicts the order."""
    request_id = current_request_id()
    row = updates.record(order, raw=request.body, request_id=request_id, **told)
    if row.outcome == OrderUpdate.Outcome.REFUSED:
        return problem_response(refusal(order.status, row), request)
    is_new = row.request_id == request_id
    return Response({**update_json(row), "status": order.status}, status=201 if is_new else 200)


def _words(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is null: to the services a text that is not there is empty."""
    return {name: value for name, value in values.items() if value is not None or name == "occurred_at"}
