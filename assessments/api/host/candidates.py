"""Candidates, as an organization's own programs add, read and change them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import read
from assessments.api.host.bodies import CandidateBody, CandidatePatchBody
from assessments.api.host.shapes import candidate_json
from assessments.services import contacts
from core.api.feeds import moment_parameter
from core.api.pagination import paginate
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.idempotency import idempotent
from core.models import Candidate, Organization
from core.places import place
from core.selectors import candidates_called, candidates_visible_to
from core.services import hiring
from partners.oauth.permissions import program
from partners.types import OrganizationClient

READ, WRITE = ("candidates:read",), ("candidates:write",)


class CandidatesView(ApiView):
    """GET: newest first; ``?q=`` (words of names and address), ``?email=``, ``?job=`` and ``?since=`` narrow it.

    POST: 201; 200 with the candidate there is, unchanged, where somebody has the address already.
    """

    organization_scopes = {"GET": READ, "POST": WRITE}

    def get(self, request: Request) -> Response:
        return Response(paginate(_narrowed(request), request, serialize=candidate_json))

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        values = read(CandidateBody, request)
        client = program(request)
        with transaction.atomic():
            # Two at once with the same address take turns.
            organization = Organization.objects.select_for_update(no_key=True).get(pk=client.organization_id)
            known = _with_address(client, values["email"])
            row = known or hiring.register(_made(organization, values), actor=client.actor)
        return Response(_answer(client, row, () if known else values), status=200 if known else 201)


class CandidateView(ApiView):
    """PATCH: only what is sent changes. A new address voids links that went to the old one, and partners are told."""

    organization_scopes = {"GET": READ, "PATCH": WRITE}

    def get(self, request: Request, candidate_id: str) -> Response:
        return Response(candidate_json(candidate(request, candidate_id)))

    def patch(self, request: Request, candidate_id: str) -> Response:
        values = read(CandidatePatchBody, request)
        client = program(request)
        with transaction.atomic():
            Organization.objects.select_for_update(no_key=True).get(pk=client.organization_id)
            row = candidate(request, candidate_id)
            changed = {name: value for name, value in values.items() if getattr(row, name) != value}
            _check_address(client, changed.get("email"), row)
            for name, value in changed.items():
                setattr(row, name, value)
            if changed:
                contacts.change(row, changed=changed, actor=client.actor)
        return Response(_answer(client, row, values))


def candidate(request: Request, candidate_id: str) -> Candidate:
    """The candidate, or 404."""
    rows = candidates_visible_to(program(request)).select_related("organization")
    return get_object_or_404(rows, public_id=candidate_id)


def _answer(client: OrganizationClient, row: Candidate, written: Iterable[str]) -> dict[str, Any]:
    """The candidate; for a program that may not read them the id, and no more than this very call has written."""
    whole = candidate_json(row)
    if client.scopes.issuperset(READ):
        return whole
    told = {"id", "created_at", *written}
    return {name: value for name, value in whole.items() if name in told}


def _narrowed(request: Request) -> QuerySet[Candidate]:
    query, client = request.query_params, program(request)
    rows = candidates_called(client, query.get("q", ""))
    if email := query.get("email"):
        rows = rows.filter(email__iexact=email)
    if job := query.get("job"):
        rows = rows.filter(applications__job__public_id=job)
    if since := moment_parameter(request, "since"):
        rows = rows.filter(created_at__gte=since)
    return rows


def _with_address(client: OrganizationClient, email: str) -> Candidate | None:
    return candidates_visible_to(client).filter(email__iexact=email).order_by("pk").first()


def _made(organization: Organization, values: dict[str, Any]) -> Candidate:
    return Candidate(organization=organization, **{name: value or "" for name, value in values.items()})


def _check_address(client: OrganizationClient, email: str | None, row: Candidate) -> None:
    """Raises ValidationFailed where another candidate has it."""
    others = candidates_visible_to(client).filter(email__iexact=email).exclude(pk=row.pk) if email else None
    if others is not None and (other := others.first()):
        message = f"The candidate {other.public_id} has this address already."
        raise ValidationFailed(problems=[place("/email", "taken", message)])
