"""A caller's own endpoints, one per purpose: put, list, rotate the secret, ping."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import paginate
from core.api.views import ApiView
from core.http import URL_LIMIT
from core.idempotency import idempotent
from partners.api.deliveries import delivery_json
from partners.models import Endpoint
from partners.oauth.permissions import OwnCredentials, viewer
from partners.selectors import endpoints_visible_to
from partners.services import endpoints
from partners.topics import PING

EVENTS = ("events:read",)
WRITE = ("endpoints:write",)


class EndpointBody(serializers.Serializer[Any]):
    # One character more: how long a URL may be is said by the one who reads it, with all else that is wrong.
    url = serializers.CharField(max_length=URL_LIMIT + 1, help_text="Where you are called: https, a public host.")
    enabled = serializers.BooleanField(default=True, help_text="Whether anything is sent there.")
    topics = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=50,
        default=list,
        help_text="The topics that it wants; empty for all of its purpose.",
    )


class PingBody(serializers.Serializer[Any]):
    topic = serializers.CharField(max_length=60, default=PING, help_text="Of which topic a sample is sent.")


class EndpointsView(ApiView):
    permission_classes = (OwnCredentials,)
    required_scopes = {"GET": ()}
    organization_scopes = {"GET": EVENTS}

    def get(self, request: Request) -> Response:
        rows = endpoints_visible_to(viewer(request)).filter(installation=None)
        return Response(paginate(rows, request, serialize=endpoint_json, order=("purpose",)))


class EndpointView(ApiView):
    """PUT: 201 with the secret, which is shown this once; 200 without one when it was there."""

    permission_classes = (OwnCredentials,)
    required_scopes = {"GET": (), "PUT": ()}
    organization_scopes = {"GET": EVENTS, "PUT": WRITE}

    def get(self, request: Request, purpose: str) -> Response:
        return Response(endpoint_json(_mine(request, purpose)))

    @idempotent
    def put(self, request: Request, purpose: str) -> HttpResponse:
        body = EndpointBody(data=request.data)
        body.is_valid(raise_exception=True)
        client = viewer(request)
        endpoint, secret, created = endpoints.put(
            client.owner, client.application.environment, purpose, actor=client.actor, **body.validated_data
        )
        shown = {"secret": secret} if secret else {}
        return Response({**endpoint_json(endpoint), **shown}, status=201 if created else 200)


class RotateSecretView(ApiView):
    """POST: 200 with the new secret, shown this once; the old one signs too for a while."""

    permission_classes = (OwnCredentials,)
    required_scopes = {"POST": ()}
    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, purpose: str) -> HttpResponse:
        endpoint = _mine(request, purpose)
        secret = endpoints.rotate_secret(endpoint, actor=viewer(request).actor)
        return Response({**endpoint_json(endpoint), "secret": secret})


class PingView(ApiView):
    """POST ``{topic?}``: 202 with the delivery, whose attempts tell how it went.

    Another topic than `ping` is sent as a sample, with ``"test": true`` in it.
    """

    permission_classes = (OwnCredentials,)
    required_scopes = {"POST": ()}
    organization_scopes = {"POST": WRITE}

    @idempotent
    def post(self, request: Request, purpose: str) -> HttpResponse:
        self.count(request, "ping", self.counted_as(request))
        body = PingBody(data=request.data)
        body.is_valid(raise_exception=True)
        delivery = endpoints.ping(_mine(request, purpose), topic=body.validated_data["topic"])
        return Response(delivery_json(delivery), status=202)


def endpoint_json(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.public_id,
        "purpose": endpoint.purpose,
        "url": endpoint.url,
        "enabled": endpoint.enabled,
        "topics": endpoint.topics,
        "disabled_reason": endpoint.disabled_reason or None,
        "consecutive_failures": endpoint.consecutive_failures,
        "open_until": endpoint.open_until,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }


def _mine(request: Request, purpose: str) -> Endpoint:
    client = viewer(request)
    endpoints.check_purpose(purpose, client.owner)
    rows = endpoints_visible_to(client).filter(installation=None).select_related("partner", "organization")
    return get_object_or_404(rows, purpose=purpose)
