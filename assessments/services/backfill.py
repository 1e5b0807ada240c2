"""Results without an order: received, checked, and matched with their candidate as far as that is certain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from assessments.dialects.values import ReadUnasked
from assessments.models import AssessmentType, Backfill, Order, ResultSchema
from assessments.schemas.validation import validate
from assessments.services.attaching import MATCH, attach
from assessments.services.digests import digest_of
from core.api.parsing import JSON_LIMIT
from core.models import Application, Candidate
from partners.models import Installation

log = structlog.get_logger(__name__)

State = Backfill.State
Cause = Backfill.Cause

BATCH = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A result without an order as it was told. ``candidate`` has one of id, reference and email, and perhaps names."""

    assessment_type: AssessmentType
    result_schema: ResultSchema
    candidate: Mapping[str, str]
    document_text: str
    document: Any
    occurred_at: datetime
    reason: str = ""
    reference: str = ""


def told_of(read: ReadUnasked, assessment_type: AssessmentType, schema: ResultSchema) -> Told:
    """The same as a dialect read it."""
    return Told(
        assessment_type=assessment_type,
        result_schema=schema,
        candidate={"id": read.candidate},
        document_text=json.dumps(read.document, ensure_ascii=False),
        document=read.document,
        occurred_at=read.occurred_at or timezone.now(),
        reference=read.reference,
    )


@transaction.atomic
def receive(installation: Installation, told: Told, *, raw: bytes, request_id: str = "") -> Backfill:
    """Keeps it: the same told twice is one row.

    A document that breaks the schema is kept as *rejected*, with its ``problems``; the same document is checked again
    when it is told again. One that names its candidate by an address is left to :func:`match_due`; any other is
    matched here and now.
    """
    row, is_new = Backfill.objects.select_for_update(no_key=True, of=("self",)).get_or_create(
        installation=installation, digest=_digest(told), defaults=_columns(installation, told, raw, request_id)
    )
    if is_new or row.state == State.REJECTED:
        _check(row, told)
        if row.state == State.RECEIVED and row.is_told:
            _match(row)
    return row


def match_due() -> int:
    """Looks for the candidates of what was received; returns for how many. Each in a transaction of its own.

    Apart from the call that brought it, so that neither the answer nor its duration tells whom an address belongs to.
    """
    due = Backfill.objects.filter(state=State.RECEIVED).order_by("id").values_list("pk", flat=True)[:BATCH]
    return sum(_match_one(pk) for pk in due)


# --- Whom it is about -----------------------------------------------------------------------------------------


def candidates_named(backfill: Backfill) -> QuerySet[Candidate]:
    """Those of its organization whom the partner's words name.

    By id and by reference only those of whom the installation had an order: what it cannot know names nobody.
    """
    here = Candidate.objects.filter(organization=backfill.organization_id)
    if backfill.email:
        return here.alias(address=Lower("email")).filter(address=backfill.email.lower())
    known = _orders_known(backfill)
    if backfill.candidate:
        return here.filter(public_id=backfill.candidate, pk__in=known.values("candidate"))
    return here.filter(pk__in=known.filter(reference=backfill.candidate_reference).values("candidate"))


def _applications_named(backfill: Backfill, candidates: Sequence[Candidate]) -> QuerySet[Application]:
    """Those the result may belong to: of the earlier order itself where its reference was named, else the open ones."""
    rows = Application.objects.filter(candidate__in=candidates).select_related("organization", "candidate")
    if backfill.candidate_reference:
        meant = _orders_known(backfill).filter(reference=backfill.candidate_reference)
        return rows.filter(pk__in=meant.values("application"))
    return rows.filter(status=Application.Status.ACTIVE)


def _orders_known(backfill: Backfill) -> QuerySet[Order]:
    return Order.objects.filter(installation=backfill.installation_id, is_told=True)


def _match_one(pk: int) -> bool:
    with transaction.atomic():
        rows = Backfill.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        row = rows.filter(pk=pk, state=State.RECEIVED).first()
        if row is not None:
            _match_or_leave(row)
        return row is not None


def _match_or_leave(row: Backfill) -> None:
    """What breaks over one of them is logged and left to a person, so that it stands in nobody's way."""
    try:
        with transaction.atomic():
            _match(row)
    except OperationalError:
        # Not about this one: the database is away, or somebody has held a row for too long.
        raise
    except Exception:
        log.exception("backfill_broke", backfill=row.public_id)
        _leave(row, Cause.UNMATCHED)


def _match(row: Backfill) -> None:
    """Attached, where one application of one candidate fits; else it waits for a person."""
    candidates = list(candidates_named(row)[:2])
    applications = list(_applications_named(row, candidates)[:2])
    if len(candidates) == len(applications) == 1:
        attach(row, applications[0], actor=MATCH)
    else:
        _leave(row, Cause.AMBIGUOUS if candidates else Cause.UNMATCHED)


def _leave(row: Backfill, cause: Cause) -> None:
    row.state, row.cause = State.WAITING, cause
    row.save(update_fields=["state", "cause"])


# --- Rows -----------------------------------------------------------------------------------------------------


def _check(row: Backfill, told: Told) -> None:
    """Against the schema of today, which for one told again may be a newer one."""
    problems = validate(told.result_schema.text, told.document)
    row.result_schema, row.problems = told.result_schema, [problem.as_json() for problem in problems]
    row.state = State.REJECTED if problems else State.RECEIVED
    row.save(update_fields=["result_schema", "problems", "state"])


def _digest(told: Told) -> str:
    said = {
        "assessment_type": told.assessment_type.key,
        "candidate": dict(told.candidate),
        "document": told.document,
        "occurred_at": told.occurred_at.isoformat(),
        "reason": told.reason,
        "reference": told.reference,
    }
    return digest_of(said, text=json.dumps({**said, "document": told.document_text}))


def _columns(installation: Installation, told: Told, raw: bytes, request_id: str) -> dict[str, Any]:
    return {
        "organization_id": installation.organization_id,
        "partner_id": installation.partner_id,
        "assessment_type": told.assessment_type,
        "result_schema": told.result_schema,
        "candidate": told.candidate.get("id", ""),
        "candidate_reference": told.candidate.get("reference", ""),
        "email": told.candidate.get("email", ""),
        "first_name": told.candidate.get("first_name", ""),
        "last_name": told.candidate.get("last_name", ""),
        "reference": told.reference,
        "reason": told.reason,
        "document": told.document_text,
        "raw": raw[:JSON_LIMIT],
        "request_id": request_id,
        "occurred_at": told.occurred_at,
    }
