"""Applications: a candidate for a job, as an organization's own programs make, move and reject them."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import read
from assessments.api.host.bodies import ApplicationBody, MoveBody
from assessments.api.host.shapes import application_json
from core.api.feeds import moment_parameter
from core.api.pagination import paginate
from core.api.parameters import invalid_parameter
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.idempotency import idempotent
from core.models import Application, Job, Stage
from core.places import place
from core.selectors import applications_visible_to, candidates_visible_to, jobs_visible_to
from core.services import hiring
from partners.oauth.permissions import program

M = TypeVar("M", bound=Model)

READ, WRITE = ("applications:read",), ("applications:write",)


class ApplicationsView(ApiView):
    """GET: in the order in which they came; ``?candidate=``, ``?job=``, ``?status=`` and ``?since=`` narrow it.

    POST: 201, at the first stage of the job; 200 with the application there is, wherever it stands.
    """

    organization_scopes = {"GET": READ, "POST": WRITE}

    def get(self, request: Request) -> Response:
        return Response(paginate(_narrowed(request), request, serialize=application_json, order=("id",)))

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        values, client = read(ApplicationBody, request), program(request)
        candidate = named("candidate", candidates_visible_to(client).select_related("organization"), values)
        open_jobs = jobs_visible_to(client).filter(status=Job.Status.OPEN)
        stage: Stage | None = named("job", open_jobs, values).stages.select_related("job").first()
        if stage is None:
            raise unknown("job", "This job has no stages.")
        is_known = candidate.applications.filter(job=stage.job_id).exists()
        row = hiring.apply(candidate, stage, actor=client.actor)
        return Response(application_json(row), status=200 if is_known else 201)


class ApplicationView(ApiView):
    organization_scopes = {"GET": READ}

    def get(self, request: Request, application_id: str) -> Response:
        return Response(application_json(application(request, application_id)))


class MoveView(ApiView):
    """POST ``{stage}``: to another stage of the same job."""

    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, application_id: str) -> HttpResponse:
        row = application(request, application_id)
        stage = named("stage", row.job.stages.all(), read(MoveBody, request))
        if stage != row.stage:
            hiring.move(row, stage, actor=program(request).actor)
        return Response(application_json(row))


class RejectView(ApiView):
    """POST: it is rejected; nothing happens to one that is."""

    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, application_id: str) -> HttpResponse:
        row = application(request, application_id)
        if row.status != Application.Status.REJECTED:
            hiring.decide(row, Application.Status.REJECTED, actor=program(request).actor)
        return Response(application_json(row))


def application(request: Request, application_id: str) -> Application:
    """The application, or 404."""
    return get_object_or_404(_rows(request), public_id=application_id)


def named(member: str, rows: QuerySet[M], values: dict[str, str]) -> M:
    """The row that a member of the body names by its id. Raises ValidationFailed: a foreign one is unknown too."""
    row = rows.filter(public_id=values[member]).first()
    if row is None:
        raise unknown(member, f"There is no such {member.replace('_', ' ')} here.")
    return row


def unknown(member: str, message: str) -> ValidationFailed:
    return ValidationFailed(problems=[place(f"/{member}", "unknown", message)])


def _rows(request: Request) -> QuerySet[Application]:
    return applications_visible_to(program(request)).select_related("candidate", "job", "stage", "organization")


def _narrowed(request: Request) -> QuerySet[Application]:
    rows, query = _rows(request), request.query_params
    for name in ("candidate", "job"):
        if value := query.get(name):
            rows = rows.filter(**{f"{name}__public_id": value})
    if status := query.get("status"):
        if status not in Application.Status.values:
            raise invalid_parameter("status", f"One of {', '.join(Application.Status.values)}.")
        rows = rows.filter(status=status)
    if since := moment_parameter(request, "since"):
        rows = rows.filter(applied_at__gte=since)
    return rows
