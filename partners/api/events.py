"""``GET /events``: everything that happened, in order, for a program that pulls, or that was away."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.feeds import read_feed
from core.api.views import ApiView
from partners.delivery import sequencing
from partners.models import Event
from partners.oauth.permissions import viewer
from partners.selectors import event_feed_of

# Parameter → column.
FILTERS = {"topic": "topic", "subject": "subject", "installation": "installation__public_id"}


class EventsView(ApiView):
    """Oldest first, from ``?since=`` on; ``?topic=``, ``?subject=`` and ``?installation=`` narrow it."""

    required_scopes = {"GET": ["events:read"]}
    organization_scopes = required_scopes

    def get(self, request: Request) -> Response:
        rows = event_feed_of(viewer(request))
        for name, column in FILTERS.items():
            if value := request.query_params.get(name):
                rows = rows.filter(**{column: value})
        return Response(read_feed(sequencing.FEED, rows, request, dated="created_at", serialize=event_json))


def event_json(row: Event) -> dict[str, Any]:
    """``id`` is the ``webhook-id`` under which it was delivered, if it was; ``payload`` the body."""
    return {
        "id": row.public_id,
        "topic": row.topic,
        "subject": row.subject,
        "installation": row.installation.public_id if row.installation else None,
        "payload": _payload(row.body),
        "created_at": row.created_at,
    }


def _payload(body: str) -> Any:
    """The value; in a protocol whose bodies are not JSON, the text."""
    try:
        return json.loads(body)
    except ValueError:
        return body or None
