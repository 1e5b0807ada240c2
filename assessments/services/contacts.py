"""A candidate's new address: the partners that hold the old one are told, and what went to the old one is void."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from assessments import topics
from assessments.lifecycle import OPEN
from assessments.models import Order
from assessments.services import emptying, holds, telling
from assessments.services.transitions import lock, touch
from core import audit
from core.errors import CandidateErased
from core.models import Candidate, User
from core.services import hiring
from partners.models import Installation
from partners.scopes import candidate_fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """For how many orders the partner is told of a new address, and the names of those that cannot be told."""

    told: int = 0
    untold: tuple[str, ...] = ()


@transaction.atomic
def change(candidate: Candidate, *, changed: Iterable[str], actor: User | str) -> Followed:
    """Saves what a form changed. With another e-mail address, follows that up.

    That concerns the open orders whose partner may read the address: its link for the candidate is void until it gives
    a new one, and it is owed `candidate.contact_changed`, if its protocol has words for that. Raises CandidateErased,
    and UnderLegalHold where the résumé that there is would go.
    """
    # Held, so that of two changes at once the second sees the first.
    now = Candidate.objects.select_for_update(no_key=True).get(pk=candidate.pk)
    if now.erased_at is not None:
        raise CandidateErased
    before = now.email
    if now.resume and now.resume.name != candidate.resume.name:
        holds.check(now)
        emptying.doom([now.resume.name])
    hiring.change_contact(candidate, was=now, changed=changed, actor=actor)
    if candidate.email == before:
        return Followed()
    followed = [order for order in _holders(candidate) if _follow_up(order, actor)]
    told = sum(map(telling.hears_news, followed))
    untold = {order.partner.name for order in followed if not telling.hears_news(order)}
    return Followed(told=told, untold=tuple(sorted(untold)))


def _holders(candidate: Candidate) -> list[Order]:
    related = ("organization", "partner", "installation", "assessment_type", "application__job")
    rows = Order.objects.filter(candidate=candidate, status__in=OPEN).select_related(*related)
    # In the order in which everybody takes several.
    return [order for order in rows.order_by("public_id") if "email" in candidate_fields(order.installation.scopes)]


def _follow_up(order: Order, actor: User | str) -> bool:
    lock(order)
    if order.status not in OPEN or order.installation.status == Installation.Status.REMOVED:
        return False
    # Every link that was told, not only the one that stands: each went to the old address.
    touch(order, candidate_url="", links_void_until=order.updates.aggregate(newest=Max("pk"))["newest"])
    facts = {} if telling.hears_news(order) else {"is_untold": True}
    audit.record(
        "order.contact_changed", actor=actor, subject=order.public_id, organization=order.organization, **facts
    )
    telling.news(order, topics.CANDIDATE_CONTACT_CHANGED, candidate=order.candidate.public_id)
    return True
