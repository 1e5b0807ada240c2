"""The shapes of what programs get: orders, updates, results, types, schemas, attachments, as JSON-ready values."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

from django.conf import settings

from assessments.attempts import valid_until_of
from assessments.models import (
    AssessmentType,
    Attachment,
    Backfill,
    ErasureNotice,
    Order,
    OrderUpdate,
    Result,
    ResultSchema,
)
from assessments.services.results import Recorded
from assessments.services.telling import contact_of
from partners.scopes import ALL, candidate_fields
from partners.types import Caller, Client

# With it the token of an organization's program reads contact.
CONTACT = "candidates:read"


class CancellationJson(TypedDict):
    state: str
    reason: str | None


class OrderJson(TypedDict):
    id: str
    status: str
    assessment_type: str
    schema_version: int | None
    candidate: dict[str, str | None]
    job: dict[str, str]
    organization: dict[str, str]
    installation: str
    fields: dict[str, Any]
    reference: str | None
    candidate_url: str | None
    deadline_at: datetime | None
    cancellation: CancellationJson | None
    purged_at: datetime | None
    created_at: datetime
    updated_at: datetime


class HostedOrderJson(OrderJson):
    """For the organization's own programs: and how it goes, as its pages say."""

    application: str
    partner: dict[str, str]
    outcome: str
    progress: int | None
    reason: str | None
    cancellation_answer: str | None
    started_at: datetime | None
    completed_at: datetime | None
    valid_until: datetime | None


class UpdateJson(TypedDict):
    id: str
    order: str
    kind: str
    source: str
    outcome: str
    told: dict[str, Any]
    problems: list[dict[str, str]]
    request_id: str
    occurred_at: datetime
    received_at: datetime


class ResultJson(TypedDict):
    id: str
    order: str
    revision: int
    kind: str
    reason: str | None
    schema_version: int | None
    outcome: str
    late: bool
    purged_at: datetime | None
    occurred_at: datetime
    received_at: datetime


class BackfillJson(TypedDict):
    id: str
    state: str
    assessment_type: str
    installation: str
    reference: str | None
    schema_version: int
    order: str | None
    result: str | None
    problems: list[dict[str, str]]
    occurred_at: datetime
    received_at: datetime


# What an order's JSON is made from: for select_related.
ORDER_RELATED = (
    "candidate",
    "application__job",
    "assessment_type",
    "result_schema",
    "organization",
    "installation",
    "partner",
)


def order_json(order: Order, client: Caller) -> OrderJson:
    """For a partner ``candidate`` has its id, and the fields that the token and the Installation both let out; a
    program of the organization gets the HostedOrderJson, with all of them if its token may read candidates.
    """
    if isinstance(client, Client):
        return _order(order, _candidate(order, client.scopes & order.installation.scopes))
    return _hosted(order, ALL if CONTACT in client.scopes else ())


def _order(order: Order, candidate: dict[str, str | None]) -> OrderJson:
    return {
        "id": order.public_id,
        "status": order.status,
        "assessment_type": order.assessment_type.key,
        "schema_version": order.result_schema.version if order.result_schema else None,
        "candidate": candidate,
        "job": {"id": order.application.job.public_id, "title": order.application.job.title},
        "organization": {"id": order.organization.public_id, "name": order.organization.name},
        "installation": order.installation.public_id,
        "fields": json.loads(order.fields),
        "reference": order.reference or None,
        "candidate_url": order.candidate_url or None,
        "deadline_at": order.deadline_at,
        "cancellation": _cancellation(order),
        "purged_at": order.purged_at,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def _hosted(order: Order, scopes: Iterable[str]) -> HostedOrderJson:
    return {
        **_order(order, _candidate(order, scopes)),
        "application": order.application.public_id,
        "partner": {"id": order.partner.public_id, "name": order.partner.name},
        "outcome": order.outcome,
        "progress": order.progress,
        "reason": order.reason or None,
        "cancellation_answer": order.cancellation_answer or None,
        "started_at": order.started_at,
        "completed_at": order.completed_at,
        "valid_until": valid_until_of(order),
    }


def _candidate(order: Order, scopes: Iterable[str]) -> dict[str, str | None]:
    resume = f"{settings.PUBLIC_URL}/api/v1/orders/{order.public_id}/resume"
    values: dict[str, str | None] = {
        **{name: value or None for name, value in contact_of(order.candidate).items()},
        "resume_url": resume if order.candidate.resume else None,
    }
    leaving = candidate_fields(scopes)
    return {"id": order.candidate.public_id, **{name: values[name] for name in leaving}}


def _cancellation(order: Order) -> CancellationJson | None:
    """What the organization asked for, and how far the conversation is; None where it did not cancel."""
    if order.cancellation == Order.Cancellation.NONE:
        return None
    return {"state": order.cancellation, "reason": order.reason or None}


def update_json(update: OrderUpdate) -> UpdateJson:
    """``told`` is what was understood of it; ``problems`` why it was rejected."""
    return {
        "id": update.public_id,
        "order": update.order.public_id,
        "kind": update.kind,
        "source": update.source,
        "outcome": update.outcome,
        "told": json.loads(update.normalised),
        "problems": update.problems,
        "request_id": update.request_id,
        "occurred_at": update.occurred_at,
        "received_at": update.received_at,
    }


def result_json(result: Result) -> ResultJson:
    return {
        "id": result.public_id,
        "order": result.order.public_id,
        "revision": result.revision,
        "kind": result.kind,
        "reason": result.reason or None,
        "schema_version": result.result_schema.version if result.result_schema else None,
        "outcome": result.outcome,
        "late": result.is_late,
        "purged_at": result.order.purged_at,
        "occurred_at": result.occurred_at,
        "received_at": result.received_at,
    }


def recorded_json(recorded: Recorded, order: Order) -> dict[str, Any]:
    """The answer to a result that was taken. Without a revision of its own, where a newer one had overtaken it; with
    the newest one's number, where it is an older one told again.
    """
    shown = result_json(recorded.result) if recorded.result else {"id": None, "order": order.public_id}
    return {
        "revision": None,
        **shown,
        "superseded_by": recorded.superseded_by,
        "status": order.status,
        "update": {"id": recorded.update.public_id, "outcome": recorded.update.outcome},
        "problems": [],
    }


def type_json(row: AssessmentType) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "key": row.key,
        "name": row.name,
        "description": row.description,
        "kind": row.kind,
        "order_schema": json.loads(row.order_schema) if row.order_schema else None,
        "deadline_days": row.deadline_days,
        "retake": retake_json(row),
        "valid_months": row.valid_months,
        "retention": row.retention or None,
        "remind_after_days": row.remind_after_days,
        "retired": row.retired_at is not None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def retake_json(row: AssessmentType) -> dict[str, Any]:
    return {"cool_down_days": row.cool_down_days, "counts": row.counts}


def schema_json(row: ResultSchema) -> dict[str, Any]:
    return {
        "assessment_type": row.assessment_type.key,
        "version": row.version,
        "state": row.state,
        "digest": row.digest,
        "schema": json.loads(row.text),
        "created_at": row.created_at,
        "published_at": row.published_at,
    }


def attachment_json(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "order": row.order.public_id,
        "name": row.name,
        "content_type": row.content_type,
        "size": row.size,
        "sha256": row.sha256,
        "created_at": row.created_at,
    }


def erasure_json(notice: ErasureNotice) -> dict[str, Any]:
    """What one partner sees of an erasure: its own part."""
    erasure = notice.erasure
    return {
        "id": erasure.public_id,
        "candidate": erasure.candidate.public_id,
        "organization": erasure.organization.public_id,
        "installation": notice.installation.public_id,
        "orders": notice.orders,
        "erased_at": erasure.erased_at,
        "acknowledgement": {
            "acknowledged_at": notice.acknowledged_at,
            "erased_at": notice.erased_at,
            "message": notice.message or None,
        }
        if notice.acknowledged_at
        else None,
    }


def backfill_json(row: Backfill) -> BackfillJson:
    """Of one that named an address, nothing that came of it: what fits its schema stays *received* (docs/adr/0007).

    Nor the places of a rejected one, which the refusal told: they go with the candidate, and that would tell.
    """
    order, result = (row.order, row.result) if row.is_told else (None, None)
    return {
        "id": row.public_id,
        "state": row.told_state,
        "assessment_type": row.assessment_type.key,
        "installation": row.installation.public_id,
        "reference": row.reference or None,
        "schema_version": row.result_schema.version,
        "order": order.public_id if order else None,
        "result": result.public_id if result else None,
        "problems": row.problems if row.is_told else [],
        "occurred_at": row.occurred_at,
        "received_at": row.received_at,
    }
