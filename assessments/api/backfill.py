"""Results that a Partner has without an order of ours: taken, matched with their candidate, and how that stands."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import BackfillBody, read
from assessments.api.results import WRITE
from assessments.api.shapes import backfill_json
from assessments.models import AssessmentType, Backfill, ResultSchema
from assessments.selectors import backfills_visible_to, types_visible_to
from assessments.services import backfill, catalogue
from assessments.services.backfill import Told
from core.api.pagination import paginate
from core.api.parameters import invalid_parameter
from core.api.parsing import member_text
from core.api.problems import problem_response
from core.api.request_log import current_request_id
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.idempotency import idempotent, passing
from core.places import place
from partners.errors import InstallationPaused
from partners.models import Installation
from partners.oauth.permissions import caller
from partners.selectors import reachable_installations
from partners.types import Client


class BackfillView(ApiView):
    """POST a result without an order: 201 where it is attached already, else 202; 422 where it breaks its schema."""

    required_scopes = {"POST": (WRITE,)}

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        values = read(BackfillBody, request)
        told = _told(caller(request), values, member_text(request.body, "document") or "")
        installation = _installation(caller(request), values["installation"])
        row = backfill.receive(installation, told, raw=request.body, request_id=current_request_id())
        if row.state == Backfill.State.REJECTED:
            # By a schema that may be another tomorrow.
            return passing(problem_response(_rejection(row), request))
        shown = backfill_json(row)
        return Response(shown, status=201 if shown["state"] == Backfill.State.ATTACHED else 202)


class ToldBackfillsView(ApiView):
    """GET: all that were told, newest first; ``?state=`` narrows it."""

    required_scopes = {"GET": (WRITE,)}

    def get(self, request: Request) -> Response:
        rows = _told_by(request)
        if state := request.query_params.get("state"):
            if state not in Backfill.State.values:
                raise invalid_parameter("state", f"One of {', '.join(Backfill.State.values)}.")
            rows = rows.filter(Backfill.told_as(state))
        return Response(paginate(rows, request, serialize=backfill_json, order=("-received_at", "-id")))


class ToldBackfillView(ApiView):
    """GET: what became of one, as far as that may be told."""

    required_scopes = {"GET": (WRITE,)}

    def get(self, request: Request, backfill_id: str) -> Response:
        return Response(backfill_json(get_object_or_404(_told_by(request), public_id=backfill_id)))


def _told_by(request: Request) -> QuerySet[Backfill]:
    rows = backfills_visible_to(caller(request)).defer("raw", "document", "result__document")
    return rows.select_related("assessment_type", "installation", "result_schema", "order", "result")


def _installation(client: Client, named: str) -> Installation:
    """The one named, or the only one. Raises InstallationPaused: new data about candidates waits for the end of it."""
    rows = reachable_installations(client, WRITE).select_related("organization")
    found = list((rows.filter(public_id=named) if named else rows)[:2])
    if not found:
        raise _wrong("/installation", "unknown", "You have no such installation, or it does not let you post results.")
    if len(found) > 1:
        raise _wrong("/installation", "required", "You are at work in several organizations: name the installation.")
    if found[0].status == Installation.Status.PAUSED:
        raise InstallationPaused
    return found[0]


def _type(client: Client, key: str) -> AssessmentType:
    """Retired ones too: what was taken in their time is still a result."""
    row = types_visible_to(client).filter(key=key).first()
    if row is None:
        raise _wrong("/assessment_type", "unknown", "There is no such assessment type in your catalogue.")
    return row


def _schema(assessment_type: AssessmentType) -> ResultSchema:
    schema = catalogue.current_schema(assessment_type)
    if schema is None:
        raise _wrong("/assessment_type", "no_schema", "Publish a result schema of this type first.")
    return schema


def _told(client: Client, values: dict[str, Any], document_text: str) -> Told:
    assessment_type = _type(client, values["assessment_type"])
    return Told(
        assessment_type=assessment_type,
        result_schema=_schema(assessment_type),
        candidate={name: text for name, text in values["candidate"].items() if text},
        document_text=document_text,
        document=values["document"],
        occurred_at=values["occurred_at"],
        reason=values["reason"] or "",
        reference=values["reference"] or "",
    )


def _rejection(row: Backfill) -> ValidationFailed:
    """Returned and not raised, so that it is kept. The pointers lead into the document."""
    detail = f"The document does not fit its schema. It is kept as {row.public_id}, for you and for support to look at."
    return ValidationFailed(detail, problems=row.problems, backfill=row.public_id)


def _wrong(pointer: str, code: str, message: str) -> ValidationFailed:
    return ValidationFailed(problems=[place(pointer, code, message)])
