"""Partners that an organization connects by the protocol they speak, as its own programs do it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import read
from assessments.api.host.bodies import ConnectBody, ConnectionPatchBody
from assessments.api.host.shapes import connection_json, trial_json
from assessments.services import connections, refreshing, trying
from core.api.pagination import paginate
from core.api.views import ApiView
from core.errors import NotFound, ValidationFailed
from core.idempotency import idempotent
from core.places import place
from partners.models import Installation
from partners.oauth.permissions import program
from partners.scopes import CANDIDATE_FIELDS
from partners.selectors import installations_visible_to

READ, WRITE = ("connections:read",), ("connections:write",)


class ConnectionsView(ApiView):
    """GET: newest first. POST: 201 with the connection, and the key for the partner's own calls this once."""

    organization_scopes = {"GET": READ, "POST": WRITE}

    def get(self, request: Request) -> Response:
        rows = _connected(request).exclude(status=Installation.Status.REMOVED)
        return Response(paginate(rows, request, serialize=connection_json, order=("-installed_at", "-id")))

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        values, client = read(ConnectBody, request), program(request)
        made = connections.connect(
            client.organization,
            dialect=_dialect(values["protocol"]),
            name=values["name"],
            urls=values["urls"],
            credential=values["credential"],
            scopes={CANDIDATE_FIELDS[name] for name in values["optional_fields"]},
            actor=client.actor,
        )
        return Response(connection_json(made.installation) | {"key": made.key or None}, status=201)


class ConnectionView(ApiView):
    """PATCH: other addresses, another credential; what is not sent stays."""

    organization_scopes = {"GET": READ, "PATCH": WRITE}

    def get(self, request: Request, connection_id: str) -> Response:
        return Response(connection_json(_connection(request, connection_id)))

    def patch(self, request: Request, connection_id: str) -> Response:
        values, row = read(ConnectionPatchBody, request), _connection(request, connection_id)
        urls = connection_json(row)["urls"] | (values["urls"] or {})
        connections.change(row, urls=urls, credential=values["credential"] or "", actor=program(request).actor)
        return Response(connection_json(row))


class ConnectionTestView(ApiView):
    """GET: the partner is asked for its catalogue now, and what came back is told. Nothing is changed by it."""

    organization_scopes = {"GET": READ}

    def get(self, request: Request, connection_id: str) -> Response:
        row = _connection(request, connection_id)
        if not trying.can_be_tried(row):
            raise NotFound("The partner tells its catalogue by itself: there is nothing to ask.")
        return Response(trial_json(trying.try_catalogue(row)))


class RefreshView(ApiView):
    """POST: its catalogue is read soon; the connection says when that has happened."""

    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, connection_id: str) -> HttpResponse:
        row = _connection(request, connection_id)
        refreshing.schedule(row)
        return Response(connection_json(row), status=202)


class NewKeyView(ApiView):
    """POST: another key for the partner's own calls, this once; the one before ends."""

    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, connection_id: str) -> HttpResponse:
        row = _connection(request, connection_id)
        key = connections.new_key(row, actor=program(request).actor)
        return Response(connection_json(row) | {"key": key})


def _connected(request: Request) -> QuerySet[Installation]:
    rows = installations_visible_to(program(request)).filter(partner__organization__isnull=False)
    return rows.select_related("partner", "organization", "catalogue_refresh")


def _connection(request: Request, connection_id: str) -> Installation:
    return get_object_or_404(_connected(request), public_id=connection_id)


def _dialect(name: str) -> Any:
    try:
        return connections.dialect_named(name)
    except NotFound as error:
        known = ", ".join(dialect.name for dialect in connections.connectable())
        problem = place("/protocol", "unknown", f"One of {known}.")
        raise ValidationFailed(error.detail, problems=[problem]) from None
