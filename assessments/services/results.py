"""The one way a result gets in: checked against its schema, kept in numbered revisions, told to the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from assessments import topics
from assessments.lifecycle import Status, Trigger, Verdict, advance
from assessments.models import Order, OrderUpdate, Result, ResultSchema
from assessments.models.orders import Outcome as Says
from assessments.schemas.audience import Audience
from assessments.schemas.problems import Problem
from assessments.schemas.registry import validator_for
from assessments.schemas.summary import headline_of
from assessments.schemas.validation import validate
from assessments.services import cancellation, catalogue, telling
from assessments.services.digests import digest_of
from assessments.services.transitions import lock, move, touch
from assessments.services.updates import OUTCOMES, Outcome, Source, is_new, keep, prepared
from core.errors import InternalError

log = structlog.get_logger(__name__)

Kind = Result.Kind
# A type without a schema takes any object, within the bounds of every document.
ANY_OBJECT = '{"type": "object"}'
# An audience without anybody in it; empty text means everybody.
NOBODY = "nobody"
_LARGEST_SCORE = 10**12


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What became of a document. ``result`` is None where it was rejected, refused, or overtaken by a newer one.

    ``problems`` tell why it was rejected: pointers lead into the document. ``created`` is False for one that was
    there before. ``update`` is the row that keeps it in any case.
    """

    result: Result | None
    update: OrderUpdate
    problems: list[dict[str, str]]
    created: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A document on its way to its order, with what :func:`record` wants to know of it."""

    order: Order
    kind: str
    document_text: str
    document: Any
    occurred_at: datetime | None
    reason: str
    raw: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class _Post:
    """One document on its way."""

    order: Order
    kind: str
    reason: str
    document: Any
    text: str
    digest: str
    occurred_at: datetime
    schema: ResultSchema | None


def record(
    order: Order,
    *,
    kind: str,
    document_text: str,
    document: Any,
    occurred_at: datetime | None,
    reason: str = "",
    raw: bytes,
    source: str = Source.PARTNER,
    request_id: str = "",
) -> Recorded:
    """Takes a result: ``document_text`` is kept as it stands, ``document`` is its value.

    A refusal is returned, never raised, so that it commits with what was refused. ``occurred_at`` is None where nobody
    said when. In one short transaction; the document is checked before it begins.
    """
    schema = order.result_schema or catalogue.current_schema(order.assessment_type)
    problems = validate(schema.text if schema else ANY_OBJECT, document)
    said = {"kind": str(kind), "reason": reason, "document": document}
    post = _Post(
        order=order,
        kind=kind,
        reason=reason,
        document=document,
        text=document_text,
        digest=digest_of(said, text=f"{kind}\n{reason}\n{document_text}"),
        occurred_at=occurred_at or timezone.now(),
        schema=schema,
    )
    told = {"kind": OrderUpdate.Kind.RESULT.value, "result": str(kind), "digest": post.digest}
    if reason:
        told["reason"] = reason
    with transaction.atomic(savepoint=False):
        lock(order)
        newest, known = _revisions(post)
        update = prepared(order, told, occurred_at, raw=raw, source=source, request_id=request_id)
        if known is not None:
            return _again(known, update)
        if problems:
            return _reject(post, update, problems)
        return _take(post, update, revision=newest + 1)


def record_many(posted: Sequence[Posted], *, request_id: str = "") -> list[Recorded | InternalError]:
    """Takes many results in one transaction, each by itself; what became of each, in the order given.

    Each has an ``order`` object of its own, even where several are for the same order. What breaks over one of them
    is logged, and undone for that one alone.
    """
    became: dict[int, Recorded | InternalError] = {}
    with transaction.atomic():
        # In the order in which everybody takes these rows: two batches for the same orders wait, and never for each
        # other. Within one order it is the order given.
        for number in sorted(range(len(posted)), key=lambda number: (posted[number].order.public_id, number)):
            became[number] = _by_itself(posted[number], request_id)
    return [became[number] for number in range(len(posted))]


def _by_itself(posted: Posted, request_id: str) -> Recorded | InternalError:
    try:
        with transaction.atomic():
            return record(
                posted.order,
                kind=posted.kind,
                document_text=posted.document_text,
                document=posted.document,
                occurred_at=posted.occurred_at,
                reason=posted.reason,
                raw=posted.raw,
                request_id=request_id,
            )
    except Exception:
        # Where the savepoint could not be undone either, the whole transaction is lost, and nobody may be told 201.
        if transaction.get_rollback():
            raise
        log.exception("result_broke", order=posted.order.public_id)
        return InternalError()


def _revisions(post: _Post) -> tuple[int, int | None]:
    """The newest revision's number, and the key of the one with this very digest."""
    found = Result.objects.filter(order=post.order).aggregate(
        newest=Max("revision"), known=Max("pk", filter=Q(digest=post.digest))
    )
    return found["newest"] or 0, found["known"]


def _again(known: int, update: OrderUpdate) -> Recorded:
    keep(update, Outcome.IGNORED)
    result = Result.objects.select_related("result_schema").get(pk=known)
    return Recorded(result=result, update=update, problems=[], created=False)


def _reject(post: _Post, update: OrderUpdate, problems: list[Problem]) -> Recorded:
    found = [problem.as_json() for problem in problems]
    created = is_new(update)
    update.problems = found
    keep(update, Outcome.REJECTED)
    if created:
        touch(post.order)
        telling.news(post.order, topics.RESULT_REJECTED, update=update.public_id)
    return Recorded(result=None, update=update, problems=found, created=created)


def _take(post: _Post, update: OrderUpdate, *, revision: int) -> Recorded:
    order, created = post.order, is_new(update)
    trigger = _trigger(post)
    step = advance(Status(order.status), trigger)
    goes_on = post.kind == Kind.PARTIAL and order.status == Status.STARTED
    if not goes_on and step.verdict in {Verdict.STALE, Verdict.ILLEGAL}:
        keep(update, OUTCOMES[step.verdict])
        return Recorded(result=None, update=update, problems=[], created=created)
    is_late = step.verdict is Verdict.KEPT
    result = _revision(post, revision, trigger=trigger, is_late=is_late)
    _promote(result, post, trigger)
    result.save(force_insert=True)
    keep(update, Outcome.IGNORED if is_late else Outcome.APPLIED)
    return Recorded(result=result, update=update, problems=[], created=True)


def _trigger(post: _Post) -> Trigger:
    if post.kind == Kind.PARTIAL:
        return Trigger.STARTED
    if post.kind == Kind.AMENDED or post.order.status == Status.COMPLETED:
        return Trigger.AMENDED
    return Trigger.COMPLETED


def _revision(post: _Post, number: int, *, trigger: Trigger, is_late: bool) -> Result:
    """Not saved yet. A final document that follows a final one is an amendment, whatever it calls itself."""
    schema = validator_for(post.schema.text).schema if post.schema else {}
    headline = headline_of(schema, post.document)
    return Result(
        organization_id=post.order.organization_id,
        order=post.order,
        revision=number,
        kind=Kind.AMENDED if trigger is Trigger.AMENDED else post.kind,
        reason=post.reason,
        result_schema=post.schema,
        document=post.text,
        digest=post.digest,
        is_late=is_late,
        outcome=headline.outcome,
        score=_decimal(headline.score),
        score_maximum=_decimal(headline.maximum),
        score_audience=_roles(headline.score_audience),
        outcome_audience=_roles(headline.outcome_audience),
        # Lists show it to whoever sees the row.
        report_url=headline.report_url if headline.report_audience is None else "",
        occurred_at=post.occurred_at,
    )


def _promote(result: Result, post: _Post, trigger: Trigger) -> None:
    """Moves the order, and writes on it what lists filter by; a late result changes nothing of it."""
    order = post.order
    if result.is_late:
        touch(order, **cancellation.overtaken_by_result(order))
        return
    # Lists show it to everybody, so it is only there when everybody may see it.
    changes: dict[str, Any] = {"outcome": result.outcome if not result.outcome_audience else Says.NONE}
    if trigger is not Trigger.STARTED:
        changes["completed_at"] = order.completed_at or post.occurred_at
    elif order.started_at is None:
        changes["started_at"] = post.occurred_at
    if move(order, trigger, actor=order.partner.public_id, **changes).verdict is not Verdict.MOVED:
        touch(order, **changes)


def _decimal(number: float | None) -> Decimal | None:
    """For the column of lists: six decimals, and nothing where it would not fit."""
    if number is None or abs(number) >= _LARGEST_SCORE:
        return None
    return Decimal(repr(number)).quantize(Decimal("0.000001"))


def _roles(audience: Audience) -> str:
    """Space separated; empty: everybody."""
    if audience is None:
        return ""
    return " ".join(sorted(audience)) or NOBODY
