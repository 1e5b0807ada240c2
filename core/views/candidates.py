"""Candidates as people see them: the list and the profile. Reads only; see ``hiring`` for what is done to them."""

from __future__ import annotations

from collections import defaultdict
from contextlib import nullcontext

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core import panels
from core.forms import CandidateSearchForm
from core.models import Application, Candidate, Membership, Stage
from core.paging import turned
from core.permissions import may_edit, member_required
from core.planning import planned_for_its_values
from core.prepared import Prepared
from core.selectors import applications_visible_to, candidates_called, candidates_visible_to, jobs_visible_to
from core.types import MemberRequest

PER_PAGE = 25


@require_safe
@member_required
def index(request: MemberRequest) -> HttpResponse:
    """Search, filters and pages; with htmx only what changes."""
    form = search_form(request.membership, request.GET)
    chosen = form.chosen()
    keys = found(request.membership, chosen).values_list("pk", flat=True)
    rows = candidates_visible_to(request.membership).prefetch_related(_with_job_and_stage())
    with planned_for_its_values() if chosen else nullcontext():
        page = turned(keys, rows, request.GET, PER_PAGE)
    context = {"form": form, "chosen": chosen, "page": page, "may_edit": may_edit(request.membership)}
    template = "core/candidates/_results.html" if request.htmx else "core/candidates/index.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@member_required
def profile(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """The person, their applications, and what other floors know about them."""
    applications = _applications.all(request.membership.organization_id, candidate_id)
    candidate = (
        applications[0].candidate
        if applications
        else _candidates.first(request.membership.organization_id, candidate_id)
    )
    if candidate is None:
        raise Http404
    context = {
        "candidate": candidate,
        "applications": _with_plans(applications),
        "may_edit": may_edit(request.membership) and candidate.erased_at is None,
        "decisions": Application.Status.choices,
        "panels": [(panel, html) for panel in panels.panels() if (html := _rendered(panel, request, candidate))],
    }
    return render(request, "core/candidates/profile.html", context)


@require_safe
@member_required
def resume(request: MemberRequest, candidate_id: str) -> FileResponse:
    """The résumé as a download, never shown inside our own origin."""
    candidate = get_object_or_404(candidates_visible_to(request.membership), public_id=candidate_id)
    if not candidate.resume:
        raise Http404
    response = FileResponse(candidate.resume.open("rb"), as_attachment=True, filename=f"{candidate.name}.pdf")
    response["Content-Type"] = "application/pdf"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def search_form(membership: Membership, query: object) -> CandidateSearchForm:
    """With the choices that this person's organization has."""
    stages = Stage.objects.filter(job__in=jobs_visible_to(membership)).order_by("name")
    return CandidateSearchForm(
        query,
        auto_id="filter_%s",
        jobs=list(jobs_visible_to(membership).values_list("public_id", "title")),
        stages=list(stages.values_list("name", flat=True).distinct()),
        registered=[(extra, extra.choices(membership)) for extra in panels.filters()],
    )


def found(membership: Membership, chosen: dict[str, str]) -> QuerySet[Candidate]:
    """The visible candidates that match everything chosen; job and stage of one and the same application."""
    rows = candidates_called(membership, chosen.get("q", ""))
    if {"job", "stage"} & chosen.keys():
        applications = applications_visible_to(membership)
        if "job" in chosen:
            applications = applications.filter(job__public_id=chosen["job"])
        if "stage" in chosen:
            applications = applications.filter(stage__name=chosen["stage"])
        rows = rows.filter(Exists(applications.filter(candidate=OuterRef("pk"))))
    for extra in panels.filters():
        if extra.key in chosen:
            rows = extra.apply(rows, membership, chosen[extra.key])
    return rows


def _with_job_and_stage() -> Prefetch[str, QuerySet[Application], str]:
    return Prefetch("applications", Application.objects.select_related("job", "stage"))


def _with_plans(applications: list[Application]) -> list[tuple[Application, list[Stage]]]:
    """Each with the stages of its job. One query."""
    plans = defaultdict(list)
    for stage in _stages.all(sorted({row.job_id for row in applications})):
        plans[stage.job_id].append(stage)
    return [(row, plans[row.job_id]) for row in applications]


_candidates: Prepared[Candidate] = Prepared(
    lambda organization, public_id: candidates_visible_to(Membership(organization_id=organization)).filter(
        public_id=public_id
    )
)
# Nearly every candidate has one, and comes with it: that spares a query.
_applications: Prepared[Application] = Prepared(
    lambda organization, public_id: Application.objects.filter(
        candidate__in=candidates_visible_to(Membership(organization_id=organization)), candidate__public_id=public_id
    ).select_related("candidate", "job", "stage")
)
_stages: Prepared[Stage] = Prepared(lambda jobs: Stage.objects.filter(job__in=jobs).order_by("position"))


def _rendered(panel: panels.Panel, request: MemberRequest, candidate: Candidate) -> SafeString:
    """Empty where the panel has nothing to say."""
    values = panel.context(request, request.membership, candidate)
    html = render_to_string(panel.template, {"panel": values, "candidate": candidate}, request)
    # The context of a template holds itself: what a panel has read would stay until the collector of garbage comes.
    values.clear()
    return html if html.strip() else SafeString()
