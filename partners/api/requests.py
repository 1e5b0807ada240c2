"""``GET /requests``: every call the caller made, with what was answered. Bodies are redacted before they are kept."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.feeds import moment_parameter
from core.api.pagination import paginate
from core.api.parameters import invalid_parameter
from core.api.views import ApiView
from core.models import RequestLog
from partners.oauth.permissions import viewer
from partners.selectors import requests_visible_to


class RequestsView(ApiView):
    """Newest first; ``?status=``, ``?code=``, ``?request_id=`` and ``?since=`` (a moment) narrow it."""

    required_scopes = {"GET": ["events:read"]}
    organization_scopes = required_scopes

    def get(self, request: Request) -> Response:
        rows = requests_visible_to(viewer(request))
        if status := request.query_params.get("status"):
            rows = rows.filter(status=_status(status))
        if code := request.query_params.get("code"):
            rows = rows.filter(problem_code=code)
        if request_id := request.query_params.get("request_id"):
            rows = rows.filter(request_id=request_id)
        if since := moment_parameter(request, "since"):
            rows = rows.filter(created_at__gte=since)
        return Response(paginate(rows, request, serialize=_json))


def _json(row: RequestLog) -> dict[str, Any]:
    return {
        "request_id": row.request_id,
        "trace_id": row.trace_id or None,
        "method": row.method,
        "path": row.path,
        "query": row.query,
        "status": row.status,
        "code": row.problem_code or None,
        "problem": row.told,
        "latency_ms": row.latency_ms,
        "request_body": row.request_body,
        "created_at": row.created_at,
    }


def _status(value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) == 3:
        return int(value)
    raise invalid_parameter("status", "An HTTP status, such as 422.")
