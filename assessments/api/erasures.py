"""Erasures as a Partner sees them: whom it is to erase, and its word that it did; and one to try in the sandbox."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.bodies import AcknowledgeBody, SandboxErasureBody, read
from assessments.api.orders import READ
from assessments.api.sandbox import sandbox_of
from assessments.api.shapes import erasure_json
from assessments.models import Erasure, ErasureNotice
from assessments.selectors import notices_visible_to, orders_visible_to
from assessments.services import erasures
from core.api.pagination import paginate
from core.api.parameters import invalid_parameter
from core.api.views import ApiView
from core.idempotency import idempotent
from partners.oauth.permissions import caller
from partners.services import sandboxes

WRITE = "orders:write"
STATES = {"true": False, "false": True}


class ErasuresView(ApiView):
    """GET: newest first; ``?acknowledged=false`` for what is still to be done."""

    required_scopes = {"GET": READ}

    def get(self, request: Request) -> Response:
        rows = _narrowed(_visible(request, READ[0]), request)
        return Response(paginate(rows, request, serialize=erasure_json, order=("-told_at", "-id")))


class ErasureView(ApiView):
    required_scopes = {"GET": READ}

    def get(self, request: Request, erasure_id: str) -> Response:
        return Response(erasure_json(get_object_or_404(_visible(request, READ[0]), erasure__public_id=erasure_id)))


class AcknowledgeView(ApiView):
    """POST ``{erased_at?, message?}``: 201; 200 where it was acknowledged before, with the first word."""

    required_scopes = {"POST": (WRITE,)}

    @idempotent
    def post(self, request: Request, erasure_id: str) -> HttpResponse:
        notice = get_object_or_404(_visible(request, WRITE), erasure__public_id=erasure_id)
        values, is_new = read(AcknowledgeBody, request), notice.acknowledged_at is None
        erasures.acknowledge(
            notice,
            erased_at=values["erased_at"],
            message=values["message"] or "",
            actor=caller(request).partner.public_id,
        )
        return Response(erasure_json(notice), status=201 if is_new else 200)


class SandboxErasuresView(ApiView):
    """POST ``{order}``: its candidate is erased, as your sandbox organization would; another takes their place."""

    required_scopes = {"POST": (WRITE,)}

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        client = caller(request)
        sandbox_of(client)
        wanted = read(SandboxErasureBody, request)["order"]
        order = get_object_or_404(
            orders_visible_to(client, WRITE).select_related("candidate__organization"), public_id=wanted
        )
        is_new = order.candidate.erased_at is None
        with transaction.atomic():
            if is_new:
                sandboxes.replace(order.candidate)
            erasure = erasures.erase(order.candidate, ground=Erasure.Ground.ASKED, actor=client.partner.public_id)
        notice = _visible(request, WRITE).get(erasure=erasure)
        return Response(erasure_json(notice), status=201 if is_new else 200)


def _visible(request: Request, scope: str) -> QuerySet[ErasureNotice]:
    rows = notices_visible_to(caller(request), scope)
    return rows.select_related("erasure__candidate", "erasure__organization", "installation", "partner")


def _narrowed(rows: QuerySet[ErasureNotice], request: Request) -> QuerySet[ErasureNotice]:
    if (asked := request.query_params.get("acknowledged")) is None:
        return rows
    if asked not in STATES:
        raise invalid_parameter("acknowledged", "One of true, false.")
    return rows.filter(acknowledged_at__isnull=STATES[asked])
