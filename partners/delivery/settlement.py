"""The one bookkeeping path: what attempts and lapses mean is written here, together, in short transactions."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from partners.delivery import breaker, claims, readers, retry
from partners.delivery.breaker import Health, Knock
from partners.delivery.claims import Claim
from partners.delivery.retry import Answer, Decision
from partners.models import Attempt, Delivery, Endpoint

log = structlog.get_logger(__name__)
# Jitter is no secret.
_rng = random.Random()  # noqa: S311
OVERTAKEN = "overtaken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One attempt that was made: when, and what came back. ``body`` is capped, ``headers`` hold no secret."""

    claim: Claim
    started_at: datetime
    duration_ms: int
    answer: Answer
    failure_kind: str = ""
    headers: dict[str, str]
    body: bytes = b""


def settle(sent: Sequence[Sent]) -> None:
    """Writes what these attempts mean. Where something breaks, each is settled alone, so that one delivery that
    cannot be settled holds up no other; it keeps its claim, and is tried again when that lapses.

    Raises OperationalError or InterfaceError when the database is away.
    """
    try:
        _settle_together(sent)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(sent) == 1:
            log.exception("settlement_failed", delivery=sent[0].claim.delivery.public_id)
            return
        for one in sent:
            settle([one])


def _settle_together(sent: Sequence[Sent]) -> None:
    now = timezone.now()
    decided = [(one, _decide(one, now)) for one in sent]
    told = [(one, decision) for one, decision in decided if _somebody_is_told(one, decision)]
    plain = [(one, decision) for one, decision in decided if not _somebody_is_told(one, decision)]
    with transaction.atomic():
        # In the order in which the services take their locks: the subject, then its delivery, endpoints last.
        for one, decision in sorted(told, key=lambda pair: pair[0].claim.delivery.event.subject):
            _settle_told(one, decision, now)
        _settle_plain(plain, now)
        _judge_endpoints(decided, now)
    for one, decision in decided:
        _log(one, decision)


def _decide(sent: Sent, now: datetime) -> Decision:
    delivery = sent.claim.delivery
    return retry.decide(
        attempt=delivery.attempt_count - delivery.attempts_before,
        answer=sent.answer,
        repeatable=delivery.repeatable,
        now=now,
        rng=_rng,
    )


def _somebody_is_told(sent: Sent, decision: Decision) -> bool:
    return decision.state is not retry.State.DUE and readers.has_reader(sent.claim.delivery.event.topic)


def _settle_told(sent: Sent, decision: Decision, now: datetime) -> None:
    attempt = _attempt(sent, decision.outcome)
    attempt.save(force_insert=True)
    mine = _mine([sent])
    if not _end(sent.claim.delivery, mine, decision.state, decision.note, now):
        attempt.outcome = _overtaken(sent, decision)
        attempt.save(update_fields=["outcome"])
        if attempt.outcome != OVERTAKEN:
            _tell(sent.claim.delivery, decision.state)


def _settle_plain(decided: Sequence[tuple[Sent, Decision]], now: datetime) -> None:
    rows = _mine([one for one, _ in decided]).order_by("pk").select_for_update(no_key=True)
    held = set(rows.values_list("pk", flat=True)) if decided else set()
    alike: dict[Decision, list[int]] = defaultdict(list)
    for one, decision in decided:
        if one.claim.delivery.pk in held:
            alike[decision].append(one.claim.delivery.pk)
    for decision, pks in alike.items():
        Delivery.objects.filter(pk__in=pks).update(**_values(decision.state, decision.note, now, decision.next_at))
    Attempt.objects.bulk_create(
        _attempt(one, decision.outcome if one.claim.delivery.pk in held else _overtaken(one, decision))
        for one, decision in decided
    )


def _overtaken(sent: Sent, decision: Decision) -> str:
    """The outcome of an attempt that somebody else was faster than.

    Partners like to accept an order before they answer the call that brought it; that withdraws the delivery while
    it is under way. It did arrive, and the record says so; its reader is told, for the answer may hold an id.
    """
    if decision.state is not retry.State.DELIVERED:
        return OVERTAKEN
    delivery = sent.claim.delivery
    withdrawn = Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.WITHDRAWN, attempt_count=delivery.attempt_count
    )
    return decision.outcome if withdrawn.update(state=Delivery.State.DELIVERED, note="") else OVERTAKEN


def _mine(sent: Iterable[Sent]) -> QuerySet[Delivery]:
    """Those that are still ours to settle."""
    ours = {one.claim.delivery.pk: one.claim.token for one in sent}
    return Delivery.objects.filter(pk__in=ours, claim__in=set(ours.values()), state=Delivery.State.DUE)


def _values(state: str, note: str, now: datetime, next_at: datetime | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {"state": state, "note": _kept(note), "claim": "", "claimed_until": None}
    if next_at is None:
        return {**values, "settled_at": now}
    return {**values, "next_at": next_at}


def _kept(note: str) -> str:
    # A partner's words may be in it; PostgreSQL stores no NUL.
    return note.replace("\x00", "")[:300]


def _end(delivery: Delivery, mine: QuerySet[Delivery], state: str, note: str, now: datetime) -> bool:
    """Ends one delivery and tells its reader, both or neither; False if somebody else had ended it.

    The reader locks the subject first, as services do: the other way round an answer by API at the same moment could
    deadlock with us. It is told last: what it does may withdraw whatever is still due.
    """
    delivery.state, delivery.note = state, _kept(note)
    with transaction.atomic():
        _hold(delivery)
        if not mine.update(**_values(state, note, now)):
            return False
        _tell(delivery, state)
    return True


def _hold(delivery: Delivery) -> None:
    try:
        with transaction.atomic():
            readers.reader_of(delivery.event.topic).hold(delivery)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("reader_failed", delivery=delivery.public_id, topic=delivery.event.topic, state="")


def _tell(delivery: Delivery, state: str) -> None:
    """A reader that breaks must not make the partner get the same call for ever: it is logged and passed over."""
    try:
        with transaction.atomic():
            readers.reader_of(delivery.event.topic).settled(delivery, state)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("reader_failed", delivery=delivery.public_id, topic=delivery.event.topic, state=state)


def _attempt(sent: Sent, outcome: str) -> Attempt:
    delivery = sent.claim.delivery
    return Attempt(
        delivery=delivery,
        number=delivery.attempt_count,
        started_at=sent.started_at,
        duration_ms=sent.duration_ms,
        url=delivery.endpoint.url,
        status=sent.answer.status,
        failure=sent.failure_kind,
        reply_headers=sent.headers,
        reply_body=sent.body,
        outcome=outcome,
    )


def _judge_endpoints(decided: Sequence[tuple[Sent, Decision]], now: datetime) -> None:
    knocks: dict[int, list[tuple[Sent, Decision]]] = defaultdict(list)
    for one, decision in decided:
        knocks[one.claim.delivery.endpoint_id].append((one, decision))
    failing = [pk for pk, pairs in knocks.items() if any(decision.endpoint_failed for _, decision in pairs)]
    # An endpoint that is well and stays so costs no write and no lock.
    touched = Endpoint.objects.filter(Q(pk__in=failing) | Q(consecutive_failures__gt=0), pk__in=list(knocks))
    for endpoint in touched.order_by("pk").select_for_update(no_key=True):
        # An URL that was put meanwhile has done nothing yet.
        pairs = [pair for pair in knocks[endpoint.pk] if pair[0].claim.delivery.endpoint.url == endpoint.url]
        _judge(endpoint, pairs, now)


def _judge(endpoint: Endpoint, pairs: Sequence[tuple[Sent, Decision]], now: datetime) -> None:
    before = Health(failures=endpoint.consecutive_failures, open_until=endpoint.open_until)
    knocks = [Knock(failed=decision.endpoint_failed, probe=one.claim.probe) for one, decision in pairs]
    health = breaker.after(before, knocks, now=now)
    Endpoint.objects.filter(pk=endpoint.pk).update(consecutive_failures=health.failures, open_until=health.open_until)
    if endpoint.enabled and any(decision.disable_endpoint for _, decision in pairs):
        _disable(endpoint)


def _disable(endpoint: Endpoint) -> None:
    reason = "It answered 410 Gone."
    Endpoint.objects.filter(pk=endpoint.pk).update(enabled=False, disabled_reason=reason)
    audit.record("endpoint.disabled", actor="delivery", subject=endpoint.public_id, reason=reason)


def _log(sent: Sent, decision: Decision) -> None:
    delivery = sent.claim.delivery
    log.info(
        "delivery_attempted",
        delivery=delivery.public_id,
        event_id=delivery.event.public_id,
        endpoint=delivery.endpoint.public_id,
        attempt=delivery.attempt_count,
        status=sent.answer.status,
        failure=sent.failure_kind,
        outcome=decision.outcome,
        duration_ms=sent.duration_ms,
    )


def settle_cut_off() -> int:
    """Settles as *unclear* what may not be repeated and whose worker died over it; returns how many that were."""
    now = timezone.now()
    cut_off = Delivery.objects.filter(state=Delivery.State.DUE, repeatable=False, claimed_until__lte=now)
    note = "The sending was cut off on our side; whether it arrived is not known."
    return _end_all(cut_off, Delivery.State.UNCLEAR, note, now)


def put_off_expired() -> int:
    """What was not sent while it was worth sending waits for the next hour at which it is, or is withdrawn; returns
    how many that were.
    """
    now = timezone.now()
    expired = Delivery.objects.filter(claims.Q_FREE | Q(claimed_until__lte=now), state=Delivery.State.DUE)
    rows = expired.filter(expires_at__lte=now).select_related("event").order_by("event__subject", "pk")
    return sum(_put_off(delivery, now) for delivery in rows[:500])


@transaction.atomic
def _put_off(delivery: Delivery, now: datetime) -> bool:
    _hold(delivery)
    window = readers.reader_of(delivery.event.topic).next_window(delivery)
    if window is None:
        return _end(delivery, _unchanged(delivery), Delivery.State.WITHDRAWN, "Its time was over.", now)
    values = {"next_at": window.begins_at, "expires_at": window.ends_at, "claim": "", "claimed_until": None}
    return bool(_unchanged(delivery).update(**values))


def give_up_overdue() -> int:
    """Gives up what has waited behind a breaker for longer than the whole schedule lasts; returns how many."""
    now = timezone.now()
    failing = Endpoint.objects.filter(enabled=True, consecutive_failures__gte=breaker.THRESHOLD)
    overdue = claims.claimable(now - retry.LIFETIME).filter(endpoint__in=failing)
    note = f"Given up: its endpoint has failed for longer than {retry.LIFETIME // timedelta(hours=1)} hours."
    return _end_all(overdue, Delivery.State.GIVEN_UP, note, now)


def _end_all(rows: QuerySet[Delivery], state: str, note: str, now: datetime) -> int:
    ended = 0
    for delivery in rows.select_related("event").order_by("event__subject", "pk")[:500]:
        ended += _end(delivery, _unchanged(delivery), state, note, now)
    return ended


def _unchanged(delivery: Delivery) -> QuerySet[Delivery]:
    """Only as it was read: a claim or a settlement since then wins."""
    return Delivery.objects.filter(
        pk=delivery.pk, state=Delivery.State.DUE, claim=delivery.claim, attempt_count=delivery.attempt_count
    )
