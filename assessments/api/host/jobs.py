"""Jobs, as an organization's own programs open, read and close them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import read
from assessments.api.host.bodies import JobBody
from assessments.api.host.shapes import job_json
from core.api.feeds import moment_parameter
from core.api.pagination import paginate
from core.api.parameters import invalid_parameter
from core.api.views import ApiView
from core.idempotency import idempotent
from core.models import Job
from core.selectors import jobs_visible_to
from core.services import hiring
from partners.oauth.permissions import program

READ, WRITE = ("jobs:read",), ("jobs:write",)


class JobsView(ApiView):
    """GET: newest first; ``?status=`` and ``?since=`` narrow it. POST: 201 with the job, which is open."""

    organization_scopes = {"GET": READ, "POST": WRITE}

    def get(self, request: Request) -> Response:
        rows = jobs_visible_to(program(request)).prefetch_related("stages")
        if status := request.query_params.get("status"):
            rows = rows.filter(status=_status(status))
        if since := moment_parameter(request, "since"):
            rows = rows.filter(created_at__gte=since)
        return Response(paginate(rows, request, serialize=job_json))

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        values, client = read(JobBody, request), program(request)
        row = hiring.open_job(
            client.organization,
            title=values["title"],
            location=values["location"] or "",
            stages=values["stages"],
            actor=client.actor,
        )
        return Response(job_json(row), status=201)


class JobView(ApiView):
    organization_scopes = {"GET": READ}

    def get(self, request: Request, job_id: str) -> Response:
        return Response(job_json(job(request, job_id)))


class CloseView(ApiView):
    """POST: it is closed; nothing happens to one that is."""

    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, job_id: str) -> HttpResponse:
        row = job(request, job_id)
        if row.status != Job.Status.CLOSED:
            hiring.set_job_status(row, Job.Status.CLOSED, actor=program(request).actor)
        return Response(job_json(row))


def job(request: Request, job_id: str) -> Job:
    """The job, or 404."""
    rows = jobs_visible_to(program(request)).select_related("organization").prefetch_related("stages")
    return get_object_or_404(rows, public_id=job_id)


def _status(value: str) -> str:
    if value not in Job.Status.values:
        raise invalid_parameter("status", f"One of {', '.join(Job.Status.values)}.")
    return value
