"""Sending an assessment: pick a card, fill in the order form, see what leaves, send. For admins and recruiters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assessments.attempts import equal_orders, running_cool_down
from assessments.cards import cards
from assessments.errors import OrderedBefore
from assessments.forms import DeadlineField, answers, order_form, refuse
from assessments.models import AssessmentType, Order
from assessments.offers import Offer, offers
from assessments.schemas.order_schema import form_fields
from assessments.services import deadlines, orders
from assessments.zones import reads, zone_of
from core.errors import DomainError
from core.models import Application, Candidate, Membership
from core.permissions import orderer_required
from core.selectors import candidates_visible_to
from core.types import MemberRequest
from partners.models import Installation
from partners.scopes import CANDIDATE_FIELDS

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


def has_application(candidate: Candidate) -> bool:
    """Whether there is a job to order for."""
    return candidate.applications.filter(status=Application.Status.ACTIVE).exists()


@require_safe
@orderer_required
def choose(request: MemberRequest, candidate_id: str) -> HttpResponse:
    """The cards: every assessment of every partner installed here, with what stands in the way of one."""
    candidate = _candidate(request.membership, candidate_id)
    is_in_play = has_application(candidate)
    context = {
        "candidate": candidate,
        "offers": offers(request.membership) if is_in_play else [],
        "is_in_play": is_in_play,
        "application": request.GET.get("application", ""),
    }
    return render(request, "assessments/send_choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@orderer_required
def fill(request: MemberRequest, candidate_id: str, type_id: str) -> HttpResponse:
    """The form of one assessment; POST places the order and goes to the candidate's profile."""
    candidate = _candidate(request.membership, candidate_id)
    offer = _offer(request.membership, type_id)
    if not offer.may_be_sent:
        messages.error(request, f"{offer.partner.name}: {offer.hindrance}")
        return redirect("assessments:send", candidate.public_id)
    sending = Sending(request, candidate, offer)
    if request.method == "POST" and sending.place():
        messages.success(request, f"{offer.assessment_type.name} is on its way to {offer.partner.name}.")
        return redirect("core:candidate", candidate.public_id)
    context = {
        "candidate": candidate,
        "offer": offer,
        "form": sending.form,
        "choice": sending.choice,
        "equal": cards(equal_orders(candidate, offer.assessment_type), request.membership),
        "cool_down": running_cool_down(candidate, offer.assessment_type),
        "leaving": leaving(offer.installation, candidate),
    }
    return render(request, "assessments/send_fill.html", context, status=422 if request.method == "POST" else 200)


class ApplicationField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no parameter at run time
    """Applications by their job and the stage they are in."""

    def label_from_instance(self, obj: Application) -> str:
        return f"{obj.job.title} · {obj.stage.name}"


class OrderChoice(forms.Form):
    """For which job, one of the candidate's active applications; and until when."""

    application = ApplicationField(
        queryset=Application.objects.none(), to_field_name="public_id", label="For the job", empty_label=None
    )

    def __init__(self, *args: Any, candidate: Candidate, assessment_type: AssessmentType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = zone_of(candidate.time_zone)
        self.fields["deadline"] = DeadlineField(
            zone=zone, required=False, label="Last day", help_text=_deadline_help(assessment_type, candidate, zone)
        )
        field = self.fields["application"]
        assert isinstance(field, ApplicationField)
        active = candidate.applications.filter(status=Application.Status.ACTIVE)
        field.queryset = active.select_related("job", "stage")


class Sending:
    """The two forms of one page, and the order they make."""

    def __init__(self, request: MemberRequest, candidate: Candidate, offer: Offer) -> None:
        posted = request.POST if request.method == "POST" else None
        self.request, self.candidate, self.offer = request, candidate, offer
        self.form = _order_form(offer)(posted)
        self.choice = OrderChoice(
            posted,
            candidate=candidate,
            assessment_type=offer.assessment_type,
            initial={"application": request.GET.get("application")},
        )

    def place(self) -> Order | None:
        """The order; or None, and the forms say why."""
        is_filled, is_chosen = self.form.is_valid(), self.choice.is_valid()
        if not is_filled or not is_chosen:
            return None
        try:
            return self._place()
        except OrderedBefore:
            self.form.add_error(None, "Tick the box to send it all the same.")
            return None
        except DomainError as refusal:
            refuse(self.form, refusal.problems)
            if not refusal.problems:
                self.form.add_error(None, refusal.detail)
            return None

    def _place(self) -> Order:
        return orders.place(
            application=self.choice.cleaned_data["application"],
            installation=self.offer.installation,
            assessment_type=self.offer.assessment_type,
            fields=answers(self.form),
            placed_by=self.request.membership.user,
            deadline_at=self.choice.cleaned_data["deadline"],
            # The box is ticked for the newest that the page showed: it does not cover one that came after it.
            again=self.request.POST.get("send_again", ""),
        )


def _deadline_help(assessment_type: AssessmentType, candidate: Candidate, zone: ZoneInfo) -> str:
    usual = deadlines.usual(assessment_type, candidate)
    empty = f"until {reads(usual, zone)}, as usual for it" if usual else "there is no deadline"
    return f"Until 23:59 in the candidate’s time zone ({zone.key}). Left empty, {empty}."


def _candidate(membership: Membership, candidate_id: str) -> Candidate:
    return get_object_or_404(candidates_visible_to(membership), public_id=candidate_id)


def _offer(membership: Membership, type_id: str) -> Offer:
    for offer in offers(membership):
        if offer.assessment_type.public_id == type_id:
            return offer
    raise Http404


def _order_form(offer: Offer) -> type[forms.Form]:
    text = offer.assessment_type.order_schema
    return order_form(form_fields(json.loads(text)) if text else ())
