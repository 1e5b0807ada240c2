"""Jobs as people see them: the list, one job with its stages, and opening or closing one."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, F, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.forms import JobForm
from core.models import Application, Job, Stage
from core.permissions import editor_required, may_edit, member_required
from core.selectors import jobs_visible_to
from core.services import hiring
from core.types import MemberRequest

# Of each stage so many stand on the job's page; the rest is in the candidate list, filtered.
PER_STAGE = 12

ACTIVE = Q(applications__status=Application.Status.ACTIVE)


@require_safe
@member_required
def index(request: MemberRequest) -> HttpResponse:
    jobs = jobs_visible_to(request.membership).annotate(
        active=Count("applications", filter=ACTIVE), hired=Count("applications", filter=Q(applications__status="hired"))
    )
    context = {"jobs": jobs.order_by("-status", "title"), "may_edit": may_edit(request.membership)}
    return render(request, "core/jobs/index.html", context)


@require_safe
@member_required
def detail(request: MemberRequest, job_id: str) -> HttpResponse:
    stages = Stage.objects.annotate(active=Count("applications", filter=ACTIVE)).order_by("position")
    rows = jobs_visible_to(request.membership).prefetch_related(
        Prefetch("stages", stages.prefetch_related(Prefetch("applications", _first_of_each_stage(), "shown")))
    )
    job = get_object_or_404(rows, public_id=job_id)
    context = {"job": job, "may_edit": may_edit(request.membership)}
    return render(request, "core/jobs/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def add(request: MemberRequest) -> HttpResponse:
    form = JobForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        job = hiring.open_job(request.membership.organization, **form.cleaned_data, actor=request.user)
        messages.success(request, f"{job.title} is open.")
        return redirect("core:job", job.public_id)
    return render(request, "core/jobs/add.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@editor_required
def set_status(request: MemberRequest, job_id: str) -> HttpResponse:
    job = get_object_or_404(jobs_visible_to(request.membership).select_related("organization"), public_id=job_id)
    wanted = request.POST.get("status", "")
    if wanted not in Job.Status:
        raise Http404
    hiring.set_job_status(job, Job.Status(wanted), actor=request.user)
    return redirect("core:job", job.public_id)


def _first_of_each_stage() -> QuerySet[Application]:
    """The newest active applications of each stage, ranked by the database: a job may have thousands."""
    rank = Window(RowNumber(), partition_by=F("stage"), order_by=[F("applied_at").desc(), F("pk").desc()])
    rows = Application.objects.filter(status=Application.Status.ACTIVE).select_related("candidate")
    return rows.annotate(rank=rank).filter(rank__lte=PER_STAGE).order_by("rank")
