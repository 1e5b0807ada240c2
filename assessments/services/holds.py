"""Legal holds: while one stands on a candidate, nothing of them is purged or erased."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.errors import UnderLegalHold
from assessments.models import LegalHold
from core import audit
from core.errors import CandidateErased
from core.models import Candidate, Organization, User
from core.prepared import Prepared


@transaction.atomic
def place(candidate: Candidate, *, reason: str, actor: User | str) -> LegalHold:
    """From now on nothing goes; the hold that stands already stays as it is. Raises CandidateErased.

    The audit log has that it was placed, never why: the reason may name people.
    """
    # First of all locks: a purge of results that name nobody's row holds it, and holds keep out of it.
    Organization.objects.select_for_update(no_key=True).get(pk=candidate.organization_id)
    if held(candidate).erased_at is not None:
        raise CandidateErased
    if standing := standing_on(candidate):
        return standing
    row = LegalHold.objects.create(
        organization_id=candidate.organization_id,
        candidate=candidate,
        reason=reason[:500],
        placed_by=actor if isinstance(actor, User) else None,
    )
    _record("candidate.held", candidate, actor)
    return row


@transaction.atomic
def lift(candidate: Candidate, *, actor: User | str) -> LegalHold | None:
    """What waited goes at the next purge. None where none stands."""
    held(candidate)
    if row := standing_on(candidate):
        row.lifted_at, row.lifted_by = timezone.now(), actor if isinstance(actor, User) else None
        row.save(update_fields=["lifted_at", "lifted_by"])
        _record("candidate.hold_lifted", candidate, actor)
    return row


def check(candidate: Candidate) -> None:
    """Raises UnderLegalHold. The candidate must be held, so that a hold that is placed right now waits."""
    if standing_on(candidate) is not None:
        raise UnderLegalHold


def standing_on(candidate: Candidate) -> LegalHold | None:
    return _standing.first(candidate.pk)


_standing: Prepared[LegalHold] = Prepared(
    lambda candidate: LegalHold.objects.filter(candidate=candidate, lifted_at=None).select_related("placed_by")[:1]
)


def held_candidates() -> QuerySet[LegalHold]:
    """The keys of all candidates on whom one stands, for a subquery."""
    return LegalHold.objects.filter(lifted_at=None).values("candidate")  # type: ignore[return-value]  # keys alone


def held(candidate: Candidate) -> Candidate:
    """The row as it is now, ours until the end: holds, orders, purges and erasures of one candidate take turns."""
    return Candidate.objects.select_for_update(no_key=True, of=("self",)).get(pk=candidate.pk)


def _record(verb: str, candidate: Candidate, actor: User | str) -> None:
    audit.record(verb, actor=actor, subject=candidate.public_id, organization=candidate.organization)
