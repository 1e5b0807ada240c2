"""The results of an order, posted by its Partner; their revisions, read by it and by the organization's programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import ResultBody, read
from assessments.api.host.shapes import result_with_document
from assessments.api.orders import READ, readable
from assessments.api.shapes import recorded_json, result_json
from assessments.api.updates import refusal
from assessments.errors import OrderPurged
from assessments.models import Order, OrderUpdate, Result
from assessments.selectors import order_to_write
from assessments.services import results
from assessments.services.results import Posted, Recorded
from core.api.pagination import paginate
from core.api.parsing import member_text
from core.api.problems import problem_response
from core.api.request_log import current_request_id
from core.api.views import ApiView
from core.errors import DomainError, NotFound, ValidationFailed
from core.idempotency import Draft, drafting, passing
from core.writing import Writing
from partners.oauth.permissions import caller, viewer
from partners.types import Client

WRITE = "results:write"


class ResultsView(ApiView):
    """GET: the revisions, newest first; for an organization with their documents, as an admin sees them.

    POST ``{kind, document, occurred_at?, reason?}``: 201 with a revision; 200 for one that is there already; 422 with
    every pointer for a document that breaks its schema, or for a change without a reason, which are kept; 409 for one
    that contradicts the order.
    """

    limited_as = "results"
    required_scopes = {"GET": READ, "POST": (WRITE,)}
    organization_scopes = {"GET": ("results:read",)}

    def get(self, request: Request, order_id: str) -> Response:
        rows = Result.objects.filter(order=readable(request, order_id)).select_related("order", "result_schema")
        shown = result_json if isinstance(viewer(request), Client) else result_with_document
        return Response(paginate(rows, request, serialize=shown, order=("-revision",)))

    @drafting
    def post(self, request: Request, order_id: str, *, hold: bool) -> Draft:
        values = read(ResultBody, request)
        order = order_to_write(caller(request), WRITE, order_id, hold=hold)
        if order is None:
            raise NotFound
        posted = posted_by(order, values, request.body)
        # Nothing is raised from here on: what is refused commits.
        if hold:
            recorded, writing = results.record_locked(posted, request_id=current_request_id()), Writing()
        else:
            recorded, writing = results.draft(posted, request_id=current_request_id())
        return Draft(_answer(request, order, recorded), writing)


def posted_by(order: Order, values: dict[str, Any], raw: bytes) -> Posted:
    """What the service wants to know of a body, or of an item of a batch, that came as these bytes."""
    return Posted(
        order=order,
        kind=values["kind"],
        document_text=member_text(raw, "document") or "",
        document=values["document"],
        occurred_at=values["occurred_at"],
        reason=values["reason"] or "",
        raw=raw,
    )


def refused(order: Order, recorded: Recorded) -> DomainError | None:
    """Why it was not taken, to be answered and not raised, so that what was refused is kept."""
    if recorded.is_purged:
        return OrderPurged(order=order.public_id)
    if recorded.problems:
        return _rejection(order, recorded)
    if recorded.result is None and recorded.update.outcome == OrderUpdate.Outcome.REFUSED:
        return refusal(recorded.status, recorded.update)
    return None


def _answer(request: Request, order: Order, recorded: Recorded) -> HttpResponse:
    if error := refused(order, recorded):
        refusal = problem_response(error, request)
        # Without a schema of its own the order goes by that of its type, which may be another tomorrow.
        return refusal if order.result_schema_id else passing(refusal)
    return Response(recorded_json(recorded, order), status=201 if recorded.created else 200)


def _rejection(order: Order, recorded: Recorded) -> ValidationFailed:
    """The pointers lead into the document; of one that lacks its reason, into the body."""
    kept = recorded.update.public_id
    cause = (
        "This changes a result without a reason" if recorded.is_unexplained else "The document does not fit its schema"
    )
    detail = f"{cause}. It is kept as {kept}, for you and for support to look at."
    return ValidationFailed(detail, problems=recorded.problems, update=kept, order=order.public_id)
