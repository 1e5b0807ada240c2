"""A candidate's résumé behind a signed link, for partners that are no client of the API."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from assessments.services import resumes


@require_safe
@cache_control(private=True, no_store=True)
def resume(request: HttpRequest, resume_token: str) -> HttpResponseBase:
    """The PDF; 404 for a link that is not ours, too old, or no longer allowed."""
    candidate = resumes.candidate_of(resume_token)
    if candidate is None:
        raise Http404
    return FileResponse(candidate.resume.open("rb"), as_attachment=True, filename=f"{candidate.public_id}.pdf")
