"""Changing a candidate's contact. On this floor, because a new address concerns the partners that hold the old one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from assessments.errors import UnderLegalHold
from assessments.services import contacts
from core.errors import CandidateErased
from core.forms import ContactForm
from core.permissions import editor_required
from core.selectors import candidates_visible_to
from core.types import MemberRequest

UNTOLD = (
    "{partner} cannot be told of the new address in its protocol, and its link to the old one still works there:"
    " tell it yourself, or cancel and order again."
)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def edit(request: MemberRequest, candidate_id: str) -> HttpResponse:
    rows = candidates_visible_to(request.membership).filter(erased_at=None)
    candidate = get_object_or_404(rows, public_id=candidate_id)
    shown_name = candidate.name
    form = ContactForm(request.POST or None, request.FILES or None, instance=candidate)
    if request.method == "POST" and form.is_valid():
        try:
            followed = contacts.change(form.save(commit=False), changed=form.changed_data, actor=request.user)
        except UnderLegalHold:
            form.add_error("resume", "A legal hold stands on this candidate: the résumé that there is has to stay.")
        except CandidateErased as refusal:
            messages.error(request, refusal.detail)
            return redirect("core:candidate", candidate.public_id)
        else:
            messages.success(request, f"Saved. {_told(followed.told)}" if followed.told else "Saved.")
            for partner in followed.untold:
                messages.warning(request, UNTOLD.format(partner=partner))
            return redirect("core:candidate", candidate.public_id)
    context = {"form": form, "candidate": candidate, "shown_name": shown_name}
    return render(request, "core/candidates/edit.html", context, status=422 if form.errors else 200)


def _told(count: int) -> str:
    return f"For {count} assessment{'' if count == 1 else 's'} under way the partner is told of the new address."
