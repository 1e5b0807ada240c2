"""Sending an assessment: pick a card, fill in the order form, see what leaves, send. For admins and recruiters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from assessments.schemas.order_schema import form_fields
from core.errors import DomainError
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from assessments.forms import answers, order_form
from assessments.lifecycle import PENDING, Status
from assessments.models import AssessmentType, Order
from assessments.offers import Offer, offers
from assessments.services import orders
from core.models import Application, Candidate, Membership
from core.permissions import orderer_required
from core.selectors import candidates_visible_to
from core.types import MemberRequest
from partners.models import Installation
from partners.scopes import CANDIDATE_FIELDS

# How long an equal, finished assessment still makes us ask.
RECENT = timedelta(days=180)
FIELD_LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "resume_url": "Résumé",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaving:
    """One candidate field: whether it leaves, and the value that would."""

    label: str
    value: str
    leaves: bool


def leaving(installation: Installation, candidate: Candidate) -> tuple[Leaving, ...]:
    """Every candidate field an order can carry, with what this Installation's scopes let out."""
    values = {
        "first_name": candidate.first_name,
        "last_name": candidate.last_name,
        "email": candidate.email,
        "phone": candidate.phone,
        "resume_url": "on file" if candidate.resume else "",
    }
    return tuple(
        Leaving(label=FIELD_LABELS[name], value=values[name], leaves=scope in installation.scopes)
        for name, scope in CANDIDATE_FIELDS.items()
    )


def equal_orders(candidate: Candidate, assessment_type: AssessmentType) -> Iterable[Order]:
    """Orders of the same type for this candidate that are open, or completed lately, newest first."""
    mine = candidate.orders.filter(assessment_type=assessment_type)
    recent = mine.filter(status=Status.COMPLETED, completed_at__gte=timezone.now() - RECENT)
    return (mine.filter(status__in=PENDING) | recent).order_by("-created_at")


@orderer_required
@require_GET
def choose(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """The cards: every assessment of every partner installed here, with what stands in the way of one."""
    candidate = _candidate(request.membership, candidate_id)
    context = {
        "candidate": candidate,
        "offers": offers(request.membership),
        "application": request.GET.get("application", ""),
    }
    return render(request, "assessments/send_choose.html", context)


@orderer_required
@require_http_methods(["GET", "POST"])
def fill(request: MemberRequest, candidate_id: str, type_id: str) -> HttpResponse:
    """The form of one assessment; POST places the order and goes to the candidate's profile."""
    candidate = _candidate(request.membership, candidate_id)
    offer = _offer(request.membership, type_id)
    form = _order_form(offer)(request.POST or None)
    choice = ApplicationChoice(
        request.POST or None, candidate=candidate, initial={"application": request.GET.get("application")}
    )
    equal = list(equal_orders(candidate, offer.assessment_type)[:3])
    if request.method == "POST" and form.is_valid() and choice.is_valid():
        if equal and not request.POST.get("send_again"):
            form.add_error(None, "Tick the box to send it although an equal one exists.")
        elif _place(request, offer, choice.cleaned_data["application"], form):
            messages.success(request, f"{offer.assessment_type.name} is on its way to {offer.partner.name}.")
            return redirect("core:candidate", candidate.public_id)
    context = {
        "candidate": candidate,
        "offer": offer,
        "form": form,
        "choice": choice,
        "equal": equal,
        "leaving": leaving(offer.installation, candidate),
    }
    return render(request, "assessments/send_fill.html", context, status=422 if request.method == "POST" else 200)


class ApplicationChoice(forms.Form):
    """For which job: one of the candidate's active applications."""

    application = forms.ModelChoiceField(queryset=Application.objects.none(), to_field_name="public_id", label="For")

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = candidate.applications.filter(status=Application.Status.ACTIVE).select_related("job", "stage")
        field = self.fields["application"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = active
        field.empty_label = None
        field.label_from_instance = lambda application: f"{application.job.title} · {application.stage.name}"  # type: ignore[method-assign]  # the documented way to label choices, short of a class of its own


def _candidate(membership: Membership, candidate_id: str) -> Candidate:
    return get_object_or_404(candidates_visible_to(membership), public_id=candidate_id)


def _offer(membership: Membership, type_id: str) -> Offer:
    for offer in offers(membership):
        if offer.assessment_type.public_id == type_id and offer.may_be_sent:
            return offer
    raise Http404


def _order_form(offer: Offer) -> type[forms.Form]:
    text = offer.assessment_type.order_schema
    return order_form(form_fields(json.loads(text)) if text else ())


def _place(request: MemberRequest, offer: Offer, application: Application, form: forms.Form) -> Order | None:
    """Place the order, or put the service's refusal on the form where it belongs."""
    try:
        return orders.place(
            application=application,
            installation=offer.installation,
            assessment_type=offer.assessment_type,
            fields=answers(form),
            placed_by=request.membership.user,
        )
    except DomainError as refusal:
        for problem in refusal.problems:
            name = "field_" + str(problem["pointer"]).lstrip("/").removeprefix("fields/")
            form.add_error(name if name in form.fields else None, str(problem["message"]))
        if not refusal.problems:
            form.add_error(None, refusal.detail)
        return None
