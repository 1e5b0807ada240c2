"""The verbs that people and organizations have on an Order: place, cancel, resend, confirm. One transaction each."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.attempts import cool_down_of, equal_orders, running_cool_down, valid_until_of
from assessments.dialects.table import DIALECTS
from assessments.errors import (
    ApplicationNotActive,
    AssessmentTypeRetired,
    IllegalTransition,
    InstallationNotActive,
    OrderedBefore,
    OrderPurged,
)
from assessments.lifecycle import OPEN, Trigger, Verdict
from assessments.models import AssessmentType, Order
from assessments.schemas.validation import validate
from assessments.services import asking, catalogue, deadlines, feed, hearing, programs, reminders, telling
from assessments.services.transitions import lock, move
from core import audit, places
from core.errors import CandidateErased, NotFound, ValidationFailed
from core.models import Application, Candidate, User
from partners.departures import Change
from partners.errors import PartnerSuspended
from partners.models import Installation
from partners.scopes import candidate_fields

# The order schema of a type that asks nothing.
NO_FIELDS = '{"type": "object", "additionalProperties": false}'
REMOVED = "installation_removed"
CANDIDATE_WORDS = {
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail address",
    "phone": "phone number",
    "resume_url": "résumé",
}


@transaction.atomic
def place(
    *,
    application: Application,
    installation: Installation,
    assessment_type: AssessmentType,
    fields: dict[str, Any],
    placed_by: User | str | None,
    deadline_at: datetime | None = None,
    again: str | None = None,
) -> Order:
    """Asks the Installation for an assessment of the application's candidate; the partner is owed `order.placed`.

    ``placed_by`` is a person, or the label of a program. ``fields`` answer the type's order schema; without
    ``deadline_at`` the deadline is the usual one of the type. ``again`` is the id of the newest equal order that
    whoever orders has seen, empty for none; None where nobody is to be asked. Raises NotFound (a type of another
    partner, an application of another organization), OrderedBefore, InstallationNotActive, PartnerSuspended,
    AssessmentTypeRetired, ApplicationNotActive, CandidateErased, and ValidationFailed, its pointers below ``/fields``,
    or below ``/candidate`` where the partner's protocol cannot do without what is missing there.
    A cool-down that is not over is no refusal: whoever places it all the same makes an exception, and it is noted.
    """
    installation = _held(installation)
    _check_parts(application, installation, assessment_type)
    _check_candidate(installation, application.candidate)
    _check_fields(assessment_type, fields, deadline_at)
    if again is not None:
        _check_equal(application.candidate, assessment_type, again)
    cool_down = running_cool_down(application.candidate, assessment_type)
    order = Order.objects.create(
        organization=installation.organization,
        candidate=application.candidate,
        application=application,
        installation=installation,
        partner=installation.partner,
        assessment_type=assessment_type,
        result_schema=catalogue.current_schema(assessment_type),
        fields=json.dumps(fields, ensure_ascii=False),
        placed_by=placed_by if isinstance(placed_by, User) else None,
        deadline_at=deadline_at or deadlines.usual(assessment_type, application.candidate),
        **reminders.first(assessment_type, application.candidate),
        **feed.changed(),
    )
    facts = {"cool_down_until": cool_down.isoformat()} if cool_down else {}
    audit.record("order.placed", actor=placed_by, subject=order.public_id, organization=order.organization, **facts)
    telling.ask(order)
    programs.told_now(order)
    return order


@transaction.atomic
def cancel(order: Order, *, actor: User | str | None, reason: str = "") -> Order:
    """Ends it at once, and owes the partner `order.cancelled`. ``reason`` is at most 500 characters.

    Raises IllegalTransition for an order that has ended.
    """
    transition = move(order, Trigger.CANCELLED, actor=actor, reason=reason[:500], cancellation=_asked(order))
    if transition.verdict is not Verdict.MOVED:
        raise _refusal(order, "cancelled")
    telling.cancelled(order)
    return order


@transaction.atomic
def resend(order: Order, *, actor: User | str | None) -> Order:
    """The same order once more: a new `order.placed` with a new ``webhook-id``.

    Raises IllegalTransition once the candidate has begun, and where the deadline has passed: it would expire at once.
    Raises InstallationNotActive, PartnerSuspended, ValidationFailed (of the candidate), and OrderPurged: what was asked
    is deleted.
    """
    lock(order)
    if order.purged_at is not None:
        raise OrderPurged
    again = reminders.first(order.assessment_type, order.candidate)
    transition = move(order, Trigger.RESENT, actor=actor, reason="", progress=None, candidate_url="", **again)
    if transition.verdict is not Verdict.MOVED:
        raise _refusal(order, "sent again")
    if order.deadline_at is not None and order.deadline_at <= timezone.now():
        raise IllegalTransition("Its deadline has passed: extend it first.", order_status=order.status)
    # After the order's row is ours: a removal at this moment waits for it, and then cancels what we leave.
    order.installation.refresh_from_db(fields=["status"])
    _check_at_work(order.installation)
    _check_candidate(order.installation, order.candidate)
    telling.ask(order)
    return order


@transaction.atomic
def confirm_sent(order: Order, *, actor: User | str | None, reference: str = "") -> Order:
    """A person knows that the partner has it: it counts as accepted. Raises IllegalTransition.

    ``reference`` is the partner's id of it, if the person could see that: then it can be asked how the order stands.
    """
    known = {"reference": reference[:200]} if reference else {}
    transition = move(order, Trigger.ACCEPTED, actor=actor, verb="order.confirmed", **known)
    if transition.verdict is not Verdict.MOVED:
        raise _refusal(order, "confirmed")
    asking.begin(order, soon=bool(reference))
    hearing.catch_up(order)
    return order


def on_departure(installation: Installation, change: Change) -> None:
    """The door of floor 2: with an Installation that is removed, its open orders are cancelled.

    When a partner may read again, or read otherwise, the orders come back to its feed.
    """
    if change in {"resumed", "renewed"}:
        feed.come_back(installation)
    if change != "removed":
        return
    rows = Order.objects.filter(installation=installation, status__in=OPEN)
    # In the order in which settlements take these rows.
    for order in rows.select_related("organization", "partner", "candidate", "assessment_type").order_by("public_id"):
        order.installation = installation
        transition = move(order, Trigger.CANCELLED, actor=REMOVED, reason=REMOVED, cancellation=_asked(order))
        if transition.verdict is Verdict.MOVED:
            telling.cancelled(order)


def _asked(order: Order) -> str:
    """Where the partner's protocol has no way to tell it, there is no conversation."""
    return Order.Cancellation.ASKED if telling.can_cancel(order) else Order.Cancellation.NONE


def _held(installation: Installation) -> Installation:
    """The row as it is now, held: a pause or a removal waits for this order, or this order for it."""
    rows = Installation.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("organization", "partner").get(pk=installation.pk)


def _check_parts(application: Application, installation: Installation, assessment_type: AssessmentType) -> None:
    _check_at_work(installation)
    if assessment_type.partner_id != installation.partner_id:
        raise NotFound("This partner has no such assessment type.")
    if application.organization_id != installation.organization_id:
        raise NotFound("This organization has no such application.")
    # As it is now: the catalogue or the stage may have changed since a form was opened.
    assessment_type.refresh_from_db(fields=["retired_at", "deadline_days", "remind_after_days"])
    if assessment_type.retired_at is not None:
        raise AssessmentTypeRetired
    hold_candidate(application)
    application.refresh_from_db(fields=["status"])
    if application.status != Application.Status.ACTIVE:
        raise ApplicationNotActive


def hold_candidate(application: Application) -> None:
    """The row is ours until the end: an erasure waits for this order, or this order for it. Raises CandidateErased."""
    candidate = Candidate.objects.select_for_update(no_key=True).get(pk=application.candidate_id)
    if candidate.erased_at is not None:
        raise CandidateErased


def _check_at_work(installation: Installation) -> None:
    if installation.status != Installation.Status.ACTIVE:
        raise InstallationNotActive
    if installation.partner.is_suspended:
        raise PartnerSuspended


def _check_candidate(installation: Installation, candidate: Candidate) -> None:
    """Nothing is sent that the partner's protocol cannot carry."""
    dialect, values = DIALECTS[installation.partner.dialect], telling.contact_of(candidate)
    allowed = set(candidate_fields(installation.scopes))
    problems = [
        places.place(
            f"/candidate/{name}",
            "required",
            f"{installation.partner.name} needs the candidate’s {CANDIDATE_WORDS[name]}: {cause}.",
        )
        for name in sorted(dialect.requires)
        if (cause := _hindrance(name, allowed, values))
    ]
    if problems:
        raise ValidationFailed("The partner cannot take an order of this candidate.", problems=problems)


def _hindrance(name: str, allowed: set[str], values: dict[str, str]) -> str:
    if name not in allowed:
        return "the integration does not let it out"
    return "" if values.get(name) else "it is not filled in"


def _check_fields(assessment_type: AssessmentType, fields: dict[str, Any], deadline_at: datetime | None) -> None:
    problems = [
        {**problem.as_json(), "pointer": "/fields" + problem.pointer}
        for problem in validate(assessment_type.order_schema or NO_FIELDS, fields)
    ]
    if deadline_at is not None and deadline_at <= timezone.now():
        problems.append(places.place("/deadline_at", "in_the_past", "must be in the future"))
    if problems:
        raise ValidationFailed("The order is not filled in as this assessment asks.", problems=problems)


def _check_equal(candidate: Candidate, assessment_type: AssessmentType, again: str) -> None:
    """Their row is held: of two equal orders at once the second finds the first one here."""
    equal = equal_orders(candidate, assessment_type)
    if not equal or again == equal[0].public_id:
        return
    named = [
        {
            "id": order.public_id,
            "status": order.status,
            "completed_at": _told(order.completed_at),
            "valid_until": _told(valid_until_of(order)),
            "cool_down_until": _told(cool_down_of(order)),
        }
        for order in equal
    ]
    raise OrderedBefore(orders=named)


def _told(moment: datetime | None) -> str | None:
    """As the API tells moments."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _refusal(order: Order, deed: str) -> IllegalTransition:
    return IllegalTransition(f"The order is {order.status}: it cannot be {deed} now.", order_status=order.status)
