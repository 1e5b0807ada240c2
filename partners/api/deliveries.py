"""What was owed to the caller's endpoints: list, look into with every attempt, deliver again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.feeds import moment_of, moment_parameter
from core.api.pagination import paginate
from core.api.parameters import invalid_parameter
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.idempotency import idempotent
from core.places import place
from partners.api.events import FILTERS
from partners.delivery import outbox
from partners.models import Attempt, Delivery
from partners.oauth.permissions import viewer
from partners.selectors import deliveries_visible_to, events_visible_to
from partners.types import Caller


@extend_schema_field({"type": "string", "format": "date-time"})
class Moment(serializers.Field[datetime, str, str, Any]):
    """RFC 3339 with its zone."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = moment_of(data) if isinstance(data, str) else None
        if moment is None:
            message = "A moment with its zone is expected, such as 2026-11-23T09:00:00Z."
            raise serializers.ValidationError(message, code="not_a_moment")
        return moment


class AgainBody(serializers.Serializer[Any]):
    """Either what failed in a time, or a range of events."""

    since = Moment(allow_null=True, default=None, help_text="From when on: what failed then.")
    until = Moment(allow_null=True, default=None, help_text="Until when; now, where it is absent.")
    state = serializers.ChoiceField(
        [*outbox.LOST, Delivery.State.UNCLEAR.value],
        allow_null=True,
        default=None,
        help_text="Only those that ended so; else all that are lost.",
    )
    first = serializers.CharField(
        max_length=40,
        allow_null=True,
        default=None,
        help_text="Instead of `since`: the first event of a range, by its id; what was delivered is sent again too.",
    )
    last = serializers.CharField(
        max_length=40, allow_null=True, default=None, help_text="The last event of the range, by its id."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_range = bool(attrs["first"] and attrs["last"])
        named = {name for name in attrs if attrs[name]}
        if named & {"first", "last"} and (not is_range or named - {"first", "last"}):
            message = "A range has a first and a last event, and nothing else."
            raise serializers.ValidationError({"last": [serializers.ErrorDetail(message, code="not_a_range")]})
        if not is_range and not attrs["since"]:
            message = "Say since when, or name the first and the last event of a range."
            raise serializers.ValidationError({"since": [serializers.ErrorDetail(message, code="required")]})
        return attrs


class DeliveriesView(ApiView):
    """Newest first; ``?state=``, what narrows the feed of events, and ``?since=`` (a moment) narrow it."""

    required_scopes = {"GET": ["events:read"]}
    organization_scopes = required_scopes

    def get(self, request: Request) -> Response:
        rows = deliveries_visible_to(viewer(request))
        if state := request.query_params.get("state"):
            rows = rows.filter(state=_state(state))
        for name, column in FILTERS.items():
            if value := request.query_params.get(name):
                rows = rows.filter(**{f"event__{column}": value})
        if since := moment_parameter(request, "since"):
            rows = rows.filter(created_at__gte=since)
        return Response(paginate(rows, request, serialize=delivery_json, order=("-id",)))


class DeliveryView(ApiView):
    required_scopes = {"GET": ["events:read"]}
    organization_scopes = required_scopes

    def get(self, request: Request, delivery_id: str) -> Response:
        row = get_object_or_404(deliveries_visible_to(viewer(request)), public_id=delivery_id)
        attempts = [_attempt(attempt) for attempt in row.attempts.order_by("number")]
        return Response({**delivery_json(row), "body": row.event.body, "attempts": attempts})


class RedeliverManyView(ApiView):
    """POST ``{since, until?, state?}`` or ``{first, last}``: 200 with how many of those are due again now; of a range
    ``next`` too, with which as ``first`` the call goes on.
    """

    required_scopes = {"POST": ["events:read"]}
    organization_scopes = required_scopes

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        body = AgainBody(data=request.data)
        body.is_valid(raise_exception=True)
        client, asked = viewer(request), body.validated_data
        rows = deliveries_visible_to(client)
        if asked["first"]:
            first, last = (_position(client, name, asked[name]) for name in ("first", "last"))
            events = events_visible_to(client).filter(position__gte=first, position__lte=last)
            count, following = outbox.redeliver_range(events, rows, client.owner, actor=client.actor)
            return Response({"redelivered": count, "next": following.public_id if following else None})
        count = outbox.redeliver_failed(
            rows,
            client.owner,
            since=asked["since"],
            until=asked["until"],
            states=[asked["state"]] if asked["state"] else outbox.LOST,
            actor=client.actor,
        )
        return Response({"redelivered": count})


class RedeliverView(ApiView):
    """POST: 202; due again now, with the same ``webhook-id``."""

    required_scopes = {"POST": ["events:read"]}
    organization_scopes = required_scopes

    @idempotent
    def post(self, request: Request, delivery_id: str) -> HttpResponse:
        client = viewer(request)
        row = get_object_or_404(deliveries_visible_to(client), public_id=delivery_id)
        again = outbox.redeliver(row, actor=client.actor)
        return Response(delivery_json(again), status=202)


def delivery_json(row: Delivery) -> dict[str, Any]:
    """``webhook_id`` is the event's id: the same in every attempt, and in a redelivery."""
    return {
        "id": row.public_id,
        "webhook_id": row.event.public_id,
        "topic": row.event.topic,
        "subject": row.event.subject,
        "purpose": row.purpose,
        "endpoint": {"id": row.endpoint.public_id, "purpose": row.endpoint.purpose, "url": row.endpoint.url},
        "state": row.state,
        "note": row.note or None,
        "attempt_count": row.attempt_count,
        "next_at": row.next_at if row.state == Delivery.State.DUE else None,
        "settled_at": row.settled_at,
        "created_at": row.created_at,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "started_at": attempt.started_at,
        "duration_ms": attempt.duration_ms,
        "url": attempt.url,
        "status": attempt.status,
        "failure": attempt.failure or None,
        "outcome": attempt.outcome,
        "reply_body": bytes(attempt.reply_body).decode("utf-8", "replace"),
    }


def _state(value: str) -> str:
    if value not in Delivery.State.values:
        raise invalid_parameter("state", f"One of {', '.join(Delivery.State.values)}.")
    return value


def _position(client: Caller, name: str, event_id: str) -> int:
    """The place of an event of the caller's in its feed. Raises ValidationFailed."""
    found = events_visible_to(client).filter(public_id=event_id).values_list("position", flat=True).first()
    if found is None:
        message = "There is no such event in your feed."
        raise ValidationFailed(message, problems=[place(f"/{name}", "unknown", message)])
    return found
