"""What becomes of a result without an order: attached to an application, or dismissed by a person. Decided once.

Nothing here tells the partner anything: no event leaves, for the result came from it.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.errors import BackfillDecided
from assessments.models import Backfill, Order, Result
from assessments.services import results
from assessments.services.orders import hold_candidate
from core import audit
from core.errors import NotFound
from core.models import Application, User

State = Backfill.State

# In the audit log, where no person attached it.
MATCH = "backfill"
UNDECIDED = (State.RECEIVED, State.WAITING)


@transaction.atomic
def attach(backfill: Backfill, application: Application, *, actor: User | str) -> Order:
    """Makes an order of the application, completed by this result, and no event of it.

    Raises NotFound (an application of another organization), BackfillDecided and CandidateErased.
    """
    if application.organization_id != backfill.organization_id:
        raise NotFound("This organization has no such application.")
    row = _undecided(backfill)
    hold_candidate(application)
    order = _order(row, application)
    _record("order.backfilled", backfill, actor, subject=order.public_id, backfill=backfill.public_id)
    recorded = results.record(
        order,
        kind=Result.Kind.FINAL,
        document_text=row.document,
        document=json.loads(row.document),
        occurred_at=row.occurred_at,
        reason=row.reason,
        raw=bytes(row.raw),
        request_id=row.request_id,
    )
    assert recorded.result is not None  # the version that has accepted the document accepts it again
    _decide(backfill, State.ATTACHED, actor, order=order, result=recorded.result)
    return order


@transaction.atomic
def dismiss(backfill: Backfill, *, reason: str, actor: User) -> Backfill:
    """It belongs to nobody here: kept, and shown nowhere. Raises BackfillDecided."""
    _undecided(backfill)
    _decide(backfill, State.DISMISSED, actor, note=reason[:500])
    _record("backfill.dismissed", backfill, actor, subject=backfill.public_id)
    return backfill


def _undecided(backfill: Backfill) -> Backfill:
    """The row as it is now, held. Two people who decide at once take turns, and the second one is told."""
    rows = Backfill.objects.select_for_update(no_key=True, of=("self",))
    row = rows.select_related("organization", "assessment_type", "installation", "partner", "result_schema").get(
        pk=backfill.pk
    )
    if row.state not in UNDECIDED:
        raise BackfillDecided(f"This result is {row.get_state_display().lower()} already.")
    return row


def _order(row: Backfill, application: Application) -> Order:
    return Order.objects.create(
        organization=row.organization,
        candidate=application.candidate,
        application=application,
        installation=row.installation,
        partner=row.partner,
        assessment_type=row.assessment_type,
        result_schema=row.result_schema,
        reference=row.reference,
        is_told=row.is_told,
        # In lists it stands where it belongs: when the assessment was taken, not when we heard of it.
        created_at=row.occurred_at,
    )


def _decide(backfill: Backfill, state: State, actor: User | str, **columns: Any) -> None:
    backfill.state, backfill.decided_at = state, timezone.now()
    backfill.decided_by = actor if isinstance(actor, User) else None
    for name, value in columns.items():
        setattr(backfill, name, value)
    backfill.save(update_fields=["state", "decided_at", "decided_by", *columns])


def _record(verb: str, row: Backfill, actor: User | str, *, subject: str, **facts: str) -> None:
    audit.record(verb, actor=actor, subject=subject, organization=row.organization, **facts)
