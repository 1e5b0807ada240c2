"""What floor 3 puts on the candidate profile and the candidate list: the assessments panel and its filter."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from assessments.cards import Card, cards
from assessments.lifecycle import ENDED, OPEN, Status
from assessments.models import Attachment, Order
from assessments.selectors import orders_visible_to
from assessments.services import holds
from core.models import Candidate, Membership
from core.panels import CandidateFilter, Panel
from core.permissions import may_administer, may_order
from core.prepared import Prepared

# More than this on one profile are reached through the list of assessments.
MOST = 30
# What a card shows of its order and of the rows around it: all of those, for each order anew, would take longer.
SHOWN = (
    "application",
    "assessment_type",
    "cancellation",
    "cancellation_answer",
    "candidate",
    "completed_at",
    "created_at",
    "deadline_at",
    "organization",
    "partner",
    "progress",
    "public_id",
    "purged_at",
    "purged_by",
    "reason",
    "result_schema",
    "status",
    "updated_at",
    "assessment_type__name",
    "assessment_type__counts",
    "assessment_type__valid_months",
    "partner__name",
    "application__job__title",
)


def assessments_context(request: HttpRequest, membership: Membership, candidate: Candidate) -> dict[str, Any]:
    """The cards, newest first; the newest with a result is open."""
    found = _newest.all(membership.organization_id, candidate.pk)
    shown = cards(found[:MOST], membership, are_all=len(found) <= MOST)
    return {
        "cards": shown,
        "open_card": _first_with_result(shown),
        "has_more": len(found) > MOST,
        "may_order": may_order(membership) and candidate.erased_at is None,
    }


def _orders_of(organization: int, candidate: int) -> QuerySet[Order]:
    rows = orders_visible_to(Membership(organization_id=organization)).filter(candidate=candidate)
    newest = rows.order_by("-created_at", "-id").select_related("assessment_type", "partner", "application__job")
    # Most orders have none: that is told with them, and not asked for all.
    has_attachments = Exists(Attachment.objects.filter(order=OuterRef("pk")))
    return newest.only(*SHOWN).annotate(has_attachments=has_attachments)[: MOST + 1]


_newest: Prepared[Order] = Prepared(_orders_of)


def privacy_context(request: HttpRequest, membership: Membership, candidate: Candidate) -> dict[str, Any]:
    """Whether a legal hold stands, or the candidate is erased; admins find there what they may do about it."""
    return {
        "hold": holds.standing_on(candidate),
        "erasure": candidate.erased_at is not None,
        "is_admin": may_administer(membership),
    }


def _first_with_result(shown: list[Card]) -> Card | None:
    return next((card for card in shown if card.result), None)


ASSESSMENTS = Panel(
    key="assessments",
    title="Assessments",
    order=10,
    template="assessments/_panel.html",
    context=assessments_context,
)

PRIVACY = Panel(
    key="privacy",
    title="Privacy",
    order=5,
    template="assessments/privacy/_panel.html",
    context=privacy_context,
)

# What a recruiter asks of a list, each with the statuses it means.
CHOICES: dict[str, tuple[str, frozenset[Status]]] = {
    "open": ("Under way", OPEN - {Status.FAILED}),
    **{status.value: (status.value.capitalize(), frozenset({status})) for status in sorted(ENDED | {Status.FAILED})},
}


def filter_by_status(queryset: QuerySet[Candidate], membership: Membership, value: str) -> QuerySet[Candidate]:
    """Candidates with an order in one of the statuses that the choice means; `none` = nobody asked yet."""
    # As EXISTS: a list is looked through until a page is full, and not all orders beforehand.
    theirs = orders_visible_to(membership).filter(candidate=OuterRef("pk"))
    if value == "none":
        return queryset.filter(~Exists(theirs))
    return queryset.filter(Exists(theirs.filter(status__in=CHOICES[value][1])))


ASSESSMENT_STATUS = CandidateFilter(
    key="assessment",
    label="Assessment",
    choices=lambda _membership: [*((key, label) for key, (label, _) in CHOICES.items()), ("none", "None yet")],
    apply=filter_by_status,
)
