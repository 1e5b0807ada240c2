"""The one way a result gets in: checked against its schema, kept in numbered revisions, told to the order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction

from assessments import topics
from assessments.lifecycle import UNANSWERED, Status, Trigger, Verdict, advance
from assessments.models import Order, OrderUpdate, Result, ResultSchema
from assessments.models.orders import Outcome as Says
from assessments.schemas.problems import Problem
from assessments.schemas.summary import headlines_of
from assessments.schemas.validation import validate
from assessments.services import cancellation, catalogue, programs, promoted, telling
from assessments.services.digests import digest_of
from assessments.services.revisions import Known, known_of
from assessments.services.transitions import Change, lock, settle, settle_unlocked
from assessments.services.updates import OUTCOMES, Outcome, Source, is_new, keep, unsaved
from core.errors import InternalError
from core.instances import fresh
from core.levels import levels
from core.places import place
from core.writing import NotAtOnce, Writing

log = structlog.get_logger(__name__)

Kind = Result.Kind
# A type without a schema takes any object, within the bounds of every document.
ANY_OBJECT = '{"type": "object"}'
NO_REASON = "The partner gave no reason."
UNEXPLAINED = place("/reason", "required", "There is a final result already. Say why this one changes it.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What became of a document. ``result`` is None where it was rejected, refused, or overtaken by a newer one.

    ``problems`` tell why it was rejected: pointers lead into the document; into the body, where it ``is_unexplained``.
    ``created`` is False for one that was there before; ``superseded_by`` is then the newest revision, if that is
    another. ``update`` is the row that keeps it in any case, ``status`` the order's when all was done.
    """

    result: Result | None
    update: OrderUpdate
    problems: list[dict[str, str]]
    created: bool
    status: str = ""
    superseded_by: int | None = None
    # It would change a final result, and says no reason.
    is_unexplained: bool = False
    # The order was purged: nothing of what was told is kept.
    is_purged: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A document on its way to its order, with what :func:`record` wants to know of it.

    ``reason`` is None where the protocol has no place for one.
    """

    order: Order
    kind: str
    document_text: str
    document: Any
    occurred_at: datetime | None
    reason: str | None
    raw: bytes
    source: str = Source.PARTNER


def record(
    order: Order,
    *,
    kind: str,
    document_text: str,
    document: Any,
    occurred_at: datetime | None,
    reason: str | None = "",
    raw: bytes,
    source: str = Source.PARTNER,
    request_id: str = "",
) -> Recorded:
    """Takes a result: ``document_text`` is kept as it stands, ``document`` is its value.

    A refusal is returned, never raised, so that it commits with what was refused. ``occurred_at`` is None where nobody
    said when. In one short transaction.
    """
    posted = Posted(
        order=order,
        kind=kind,
        document_text=document_text,
        document=document,
        occurred_at=occurred_at,
        reason=reason,
        raw=raw,
        source=source,
    )
    with transaction.atomic(savepoint=False):
        lock(order)
        return record_locked(posted, request_id=request_id)


def record_locked(posted: Posted, *, request_id: str = "") -> Recorded:
    """The same for an order that this transaction has locked, and read since."""
    return _recorded([posted], request_id)[0]


def draft(posted: Posted, *, request_id: str = "") -> tuple[Recorded, Writing]:
    """The same for an order that nobody holds: what becomes of it, and the Writing that makes it so.

    Nothing is written yet; nor will be, if the order changes before. Raises NotAtOnce where more is to be done than
    one statement does: then the order has to be locked.
    """
    post, rows = _checked(posted, request_id), _Rows()
    # Should the same have been told already, and rejected, the row of that refuses the new one.
    is_first = Status(post.order.status) in UNANSWERED
    known = Known() if is_first else _known([post])[post.order.pk]
    if post.update.digest in known.updates:
        raise NotAtOnce
    recorded = _decide(post, known, rows)
    # Whoever listens is told with the deed: those rows need the keys of others.
    if rows.news or post.order.organization.is_listening:
        raise NotAtOnce
    writing = Writing().insert(rows.results).insert(rows.updates)
    for change in rows.changes:
        settle_unlocked(change, writing, actor=post.order.partner.public_id)
    return replace(recorded, status=post.order.status), writing


def record_many(posted: Sequence[Posted], *, request_id: str = "") -> list[Recorded | InternalError]:
    """Takes many results for orders that this transaction has locked, each by itself; what became of each, in order.

    Those for the same order have the same ``order`` object. What breaks over one of them is logged, and undone for
    that one alone. Some hundred cost not many more statements than one.
    """
    became: dict[int, Recorded | InternalError] = {}
    for numbers in _rounds(posted):
        became |= _each_by_itself(posted, numbers, request_id)
    return [became[number] for number in range(len(posted))]


def _rounds(posted: Sequence[Posted]) -> list[list[int]]:
    """The places of the first result of every order, then of the second ones."""
    rounds: list[list[int]] = []
    seen: Counter[int] = Counter()
    for number, each in enumerate(posted):
        if seen[each.order.pk] == len(rounds):
            rounds.append([])
        rounds[seen[each.order.pk]].append(number)
        seen[each.order.pk] += 1
    return rounds


def _each_by_itself(
    posted: Sequence[Posted], numbers: list[int], request_id: str
) -> dict[int, Recorded | InternalError]:
    """All at once; where that breaks, the halves of it, until what broke is alone."""
    try:
        with transaction.atomic():
            became = _recorded([posted[number] for number in numbers], request_id)
        return dict(zip(numbers, became, strict=True))
    except OperationalError:
        # Not about one of them: the database is away, or somebody has held a row for too long.
        raise
    except Exception:
        # Where the savepoint could not be undone either, the whole transaction is lost, and nobody may be told 201.
        if transaction.get_rollback():
            raise
        if len(numbers) == 1:
            log.exception("result_broke", order=posted[numbers[0]].order.public_id)
            return {numbers[0]: InternalError()}
        # What was undone still stands in the objects.
        lock(*(posted[number].order for number in numbers))
    half = len(numbers) // 2
    return _each_by_itself(posted, numbers[:half], request_id) | _each_by_itself(posted, numbers[half:], request_id)


# --- One way for one and for many -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Post:
    """One document on its way, checked. ``update`` is the row for it, if the same was not told before."""

    posted: Posted
    digest: str
    occurred_at: datetime
    schema: ResultSchema | None
    problems: list[Problem]
    update: OrderUpdate

    @property
    def order(self) -> Order:
        return self.posted.order


@dataclass(kw_only=True, slots=True)
class _Rows:
    """What is to be written."""

    results: list[Result] = field(default_factory=list)
    updates: list[OrderUpdate] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    news: list[OrderUpdate] = field(default_factory=list)


def _recorded(posted: Sequence[Posted], request_id: str) -> list[Recorded]:
    """Each for another order."""
    posts, rows = [_checked(each, request_id) for each in posted], _Rows()
    known = _known(posts)
    became = [_decide(post, known[post.order.pk], rows) for post in posts]
    _write(rows)
    return [replace(each, status=post.order.status) for each, post in zip(became, posts, strict=True)]


def _known(posts: Sequence[_Post]) -> dict[int, Known]:
    return known_of([post.order.pk for post in posts], [post.update.digest for post in posts])


def _checked(posted: Posted, request_id: str) -> _Post:
    order, kind, reason = posted.order, posted.kind, posted.reason or ""
    schema = order.result_schema or catalogue.current_schema(order.assessment_type)
    said = {"kind": str(kind), "reason": reason, "document": posted.document}
    # Walked through once, for its digest and for its bounds.
    walked = list(levels(posted.document))
    around: list[dict[type, list[Any]]] = [{dict: [said]}, {str: [str(kind), reason]}]
    fingerprint = digest_of(said, text=f"{kind}\n{reason}\n{posted.document_text}", walked=[*around, *walked])
    told = {"kind": OrderUpdate.Kind.RESULT.value, "result": str(kind), "digest": fingerprint}
    if reason:
        told["reason"] = reason
    update = unsaved(order, told, posted.occurred_at, raw=posted.raw, source=posted.source, request_id=request_id)
    return _Post(
        posted=posted,
        digest=fingerprint,
        occurred_at=update.occurred_at,
        schema=schema,
        problems=validate(_text_of(schema), posted.document, walked),
        update=update,
    )


def _text_of(schema: ResultSchema | None) -> str:
    return catalogue.text_of(schema) if schema else ANY_OBJECT


def _decide(post: _Post, known: Known, rows: _Rows) -> Recorded:
    if post.order.purged_at is not None:
        return Recorded(result=None, update=post.update, problems=[], created=False, is_purged=True)
    if post.update.digest in known.updates:
        told_before = OrderUpdate.objects.get(pk=known.updates[post.update.digest])
        told_before.order = post.order
        post = replace(post, update=told_before)
    if post.digest in known.results and known.results[post.digest][0] < known.newest and _holds_now(post.posted):
        post = _set_again(post, known)
    if post.digest in known.results:
        return _there_already(post, known, rows)
    if post.problems:
        return _reject(post, [problem.as_json() for problem in post.problems], rows)
    trigger = _trigger(post, known)
    if trigger is Trigger.AMENDED and post.posted.reason == "":
        return replace(_reject(post, [UNEXPLAINED], rows), is_unexplained=True)
    return _take(post, rows, trigger, revision=known.newest + 1)


def _holds_now(posted: Posted) -> bool:
    """Where a protocol has no reasons, its clock, or that we asked, tells an earlier value from a late repeat: what its
    clock has overtaken does not come here.
    """
    return posted.reason is None and (posted.occurred_at is not None or posted.source == Source.ASKED)


def _set_again(post: _Post, known: Known) -> _Post:
    """An earlier value as a revision of its own; the newest, if that is the same set again."""
    said = {"kind": str(post.posted.kind), "document": post.posted.document}
    for revision in (known.newest, known.newest + 1):
        fingerprint = digest_of({**said, "revision": revision}, text=f"{revision}\n{post.posted.document_text}")
        if fingerprint in known.results:
            break
    return replace(post, digest=fingerprint)


def _there_already(post: _Post, known: Known, rows: _Rows) -> Recorded:
    """An older revision told again may be a repeat that comes late: it never takes the place of the newest."""
    _keep(post, Outcome.IGNORED, rows)
    revision, pk = known.results[post.digest]
    return Recorded(
        result=Result.objects.select_related("result_schema").get(pk=pk),
        update=post.update,
        problems=[],
        created=False,
        superseded_by=known.newest if known.newest > revision else None,
    )


def _keep(post: _Post, outcome: Outcome, rows: _Rows) -> None:
    """What was told before is written again only if it counts now and did not then."""
    if is_new(post.update):
        post.update.outcome = outcome
        rows.updates.append(post.update)
    else:
        keep(post.update, outcome)


def _reject(post: _Post, found: list[dict[str, str]], rows: _Rows) -> Recorded:
    created = is_new(post.update)
    post.update.problems = found
    _keep(post, Outcome.REJECTED, rows)
    if created:
        rows.changes.append(Change(order=post.order, trigger=None, values={}))
        rows.news.append(post.update)
    return Recorded(result=None, update=post.update, problems=found, created=created)


def _take(post: _Post, rows: _Rows, trigger: Trigger, *, revision: int) -> Recorded:
    order, created = post.order, is_new(post.update)
    transition = advance(Status(order.status), trigger)
    goes_on = post.posted.kind == Kind.PARTIAL and order.status == Status.STARTED
    if not goes_on and transition.verdict in {Verdict.STALE, Verdict.ILLEGAL}:
        _keep(post, OUTCOMES[transition.verdict], rows)
        return Recorded(result=None, update=post.update, problems=[], created=created)
    is_late = transition.verdict is Verdict.KEPT
    result = _revision(post, revision, trigger=trigger, is_late=is_late)
    rows.results.append(result)
    rows.changes.append(_change(result, post, trigger))
    _keep(post, Outcome.IGNORED if is_late else Outcome.APPLIED, rows)
    return Recorded(result=result, update=post.update, problems=[], created=True)


def _write(rows: _Rows) -> None:
    writing = Writing().insert(rows.results).insert(rows.updates)
    by_partner: dict[str, list[Change]] = defaultdict(list)
    for change in rows.changes:
        by_partner[change.order.partner.public_id].append(change)
    moved = [order for partner, changes in by_partner.items() for order in settle(changes, writing, actor=partner)]
    programs.told(moved, rows.results, writing)
    writing.run()
    for update in rows.news:
        telling.news(update.order, topics.RESULT_REJECTED, update=update.public_id)


def _trigger(post: _Post, known: Known) -> Trigger:
    """A final document that follows a final one is an amendment, whatever it calls itself."""
    if post.posted.kind == Kind.PARTIAL:
        return Trigger.STARTED
    if post.posted.kind == Kind.AMENDED or known.has_whole or post.order.status == Status.COMPLETED:
        return Trigger.AMENDED
    return Trigger.COMPLETED


def _revision(post: _Post, number: int, *, trigger: Trigger, is_late: bool) -> Result:
    """Not saved yet."""
    headline = headlines_of(_text_of(post.schema)).of(post.posted.document)
    is_amendment = trigger is Trigger.AMENDED
    reason = post.posted.reason
    return fresh(
        Result,
        organization_id=post.order.organization_id,
        order=post.order,
        revision=number,
        kind=Kind.AMENDED if is_amendment else post.posted.kind,
        reason=NO_REASON if is_amendment and reason is None else reason or "",
        result_schema=post.schema,
        document=post.posted.document_text,
        digest=post.digest,
        is_late=is_late,
        **promoted.columns(headline),
        occurred_at=post.occurred_at,
    )


def _change(result: Result, post: _Post, trigger: Trigger) -> Change:
    """What the order becomes by it, with what lists filter by; a late result changes nothing of it."""
    order = post.order
    if result.is_late:
        return Change(order=order, trigger=None, values=cancellation.overtaken_by_result(order))
    # Lists show it to everybody, so it is only there when everybody may see it.
    values: dict[str, Any] = {"outcome": result.outcome if not result.outcome_audience else Says.NONE}
    if trigger is not Trigger.STARTED:
        # A partner's clock may be off: nothing is completed before it was asked for.
        values["completed_at"] = order.completed_at or max(post.occurred_at, order.created_at)
    elif order.started_at is None:
        values["started_at"] = post.occurred_at
    return Change(order=order, trigger=trigger, values=values)
