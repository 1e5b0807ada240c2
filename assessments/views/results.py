"""Results as people read them: one revision with what changed, for screen and print; and the reports with it."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from assessments.cards import changes_of, view_of
from assessments.models import Attachment, Result
from assessments.selectors import attachments_visible_to, orders_visible_to
from assessments.services import attachments
from core.models import Role
from core.permissions import member_required
from core.types import MemberRequest


@require_safe
@member_required
def result(request: MemberRequest, order_id: str, revision: int | None = None) -> HttpResponse:
    """The newest revision, or the one asked for, with what it changed against the one before."""
    orders = orders_visible_to(request.membership).select_related(
        "candidate", "assessment_type", "partner", "application__job"
    )
    order = get_object_or_404(orders, public_id=order_id)
    revisions = list(order.results.select_related("result_schema").order_by("-revision"))
    shown = _revision(revisions, revision)
    role = request.membership.role
    context = {
        "order": order,
        "result": shown,
        "view": view_of(shown, role),
        "revisions": revisions,
        "newest": revisions[0],
        "changes": changes_of(shown, role) if order.purged_at is None else (),
        "attachments": attachments_visible_to(request.membership).filter(order=order),
        "raw": shown.document if role == Role.ADMIN and order.purged_at is None else "",
    }
    response = render(request, _template(request), context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _revision(revisions: Sequence[Result], number: int | None) -> Result:
    """The one of that number, the newest (they come newest first) where none is asked for."""
    for row in revisions:
        if number in (None, row.revision):
            return row
    raise Http404


def _template(request: MemberRequest) -> str:
    """The fragment when a card opens an older result in place; the page otherwise."""
    is_fragment = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    return "assessments/_result_body.html" if is_fragment else "assessments/result_page.html"


@require_safe
@member_required
def attachment(request: MemberRequest, attachment_id: str) -> FileResponse:
    """A report, as a download under a name that is safe: never shown inside our own origin."""
    row: Attachment = get_object_or_404(attachments_visible_to(request.membership), public_id=attachment_id)
    response = FileResponse(attachments.open_for(row), as_attachment=True, filename=row.name)
    response["Content-Type"] = row.content_type
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
