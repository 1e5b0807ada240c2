"""Results as people read them: one revision with what changed, for screen and print; and the reports with it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from assessments.rendering.diff import ChangeRow, changes
from assessments.selectors import attachments_visible_to, orders_visible_to
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from assessments.cards import NO_SCHEMA, view_of
from assessments.models import Attachment, Result
from assessments.services import attachments
from core.models import Role
from core.permissions import member_required
from core.types import MemberRequest


@member_required
@require_GET
def result(request: MemberRequest, order_id: str, revision: int | None = None) -> HttpResponse:
    """The newest revision, or the one asked for, with what it changed against the one before."""
    order = get_object_or_404(
        orders_visible_to(request.membership).select_related(
            "candidate", "assessment_type", "partner", "application__job"
        ),
        public_id=order_id,
    )
    revisions = list(order.results.select_related("result_schema").order_by("-revision"))
    shown = get_object_or_404(order.results.select_related("result_schema"), revision=revision or len(revisions))
    role = request.membership.role
    context = {
        "order": order,
        "result": shown,
        "view": view_of(shown, role),
        "revisions": revisions,
        "changes": changes_of(shown, revisions, role),
        "attachments": order.attachments.all(),
        "raw": shown.document if role == Role.ADMIN else "",
    }
    return render(request, _template(request), context)


def _template(request: MemberRequest) -> str:
    """The fragment when a card opens an older result in place; the page otherwise."""
    is_fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    return "assessments/_result_body.html" if is_fragment else "assessments/result_page.html"


def changes_of(shown: Result, revisions: Sequence[Result], role: str) -> tuple[ChangeRow, ...]:
    """What this revision changed against the one before it, as this role may see it."""
    before = next((row for row in revisions if row.revision == shown.revision - 1), None)
    if before is None:
        return ()
    return changes(_schema(before), json.loads(before.document), _schema(shown), json.loads(shown.document), role)


def _schema(result: Result) -> dict[str, object]:
    schema: dict[str, object] = json.loads(result.result_schema.text) if result.result_schema else NO_SCHEMA
    return schema


@member_required
@require_GET
def attachment(request: MemberRequest, attachment_id: str) -> FileResponse:
    """A report, as a download under a name that is safe: never shown inside our own origin."""
    row: Attachment = get_object_or_404(attachments_visible_to(request.membership), public_id=attachment_id)
    response = FileResponse(attachments.open_for(row), as_attachment=True, filename=row.name)
    response["Content-Type"] = row.content_type
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
