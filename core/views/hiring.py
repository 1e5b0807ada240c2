"""What editors do to candidates: add, put them forward for a job, move, decide."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import CandidateErased
from core.forms import ApplicationForm, ContactForm
from core.models import Application, Candidate, Job, Stage
from core.permissions import editor_required
from core.selectors import applications_visible_to, candidates_visible_to, jobs_visible_to
from core.services import hiring
from core.types import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def add(request: MemberRequest) -> HttpResponse:
    """A new candidate with their first application."""
    contact = ContactForm(request.POST or None, request.FILES or None, instance=_blank(request))
    application = ApplicationForm(
        request.POST or None, jobs=_open_jobs(request), initial={"stage": request.GET.get("stage", "")}
    )
    # Both are asked, so that all errors show at once.
    if request.method == "POST" and all([contact.is_valid(), application.is_valid()]):
        stage = _stage(request, application.cleaned_data["stage"])
        candidate = hiring.add_candidate(contact.save(commit=False), stage, actor=request.user)
        messages.success(request, f"{candidate.name} is added.")
        return redirect("core:candidate", candidate.public_id)
    context = {"contact": contact, "application": application}
    status = 422 if contact.errors or application.errors else 200
    return render(request, "core/candidates/add.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def put_forward(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """An application for a further job."""
    rows = candidates_visible_to(request.membership).filter(erased_at=None)
    candidate = get_object_or_404(rows, public_id=candidate_id)
    jobs = [
        job for job in _open_jobs(request) if job.pk not in set(candidate.applications.values_list("job", flat=True))
    ]
    form = ApplicationForm(request.POST or None, jobs=jobs)
    if request.method == "POST" and form.is_valid():
        stage = _stage(request, form.cleaned_data["stage"])
        try:
            hiring.apply(candidate, stage, actor=request.user)
        except CandidateErased as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, f"{candidate.name} is put forward for {stage.job.title}.")
        return redirect("core:candidate", candidate.public_id)
    context = {"form": form, "candidate": candidate, "jobs": jobs}
    return render(request, "core/candidates/put_forward.html", context, status=422 if form.errors else 200)


@require_POST
@editor_required
def move(request: MemberRequest, application_id: str) -> HttpResponse:
    """To the stage in ``stage``, or to the decision in ``status``."""
    application = _application(request, application_id)
    if status := request.POST.get("status"):
        if status not in Application.Status:
            raise Http404
        hiring.decide(application, Application.Status(status), actor=request.user)
        messages.success(request, f"{application.job.title}: {application.get_status_display().lower()}.")
    else:
        stage = get_object_or_404(application.job.stages, public_id=request.POST.get("stage", ""))
        hiring.move(application, stage, actor=request.user)
        messages.success(request, f"Moved to {stage.name}.")
    return redirect("core:candidate", application.candidate.public_id)


def _application(request: MemberRequest, application_id: str) -> Application:
    rows = applications_visible_to(request.membership).select_related("candidate", "job", "organization")
    return get_object_or_404(rows, public_id=application_id)


def _blank(request: MemberRequest) -> Candidate:
    return Candidate(organization=request.membership.organization)


def _open_jobs(request: MemberRequest) -> list[Job]:
    return list(jobs_visible_to(request.membership).filter(status=Job.Status.OPEN).prefetch_related("stages"))


def _stage(request: MemberRequest, stage_id: str) -> Stage:
    rows = Stage.objects.filter(job__in=jobs_visible_to(request.membership)).select_related("job__organization")
    return get_object_or_404(rows, public_id=stage_id)
