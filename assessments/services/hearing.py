"""What a partner tells in a protocol of its own, once a dialect has read it: kept raw and normalised, and done.

Results go the way of every result (services.results). What cannot be read is kept with the reason, and complained
about where the protocol has a place for that. Which order it is about is known by then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from assessments.dialects.base import Unreadable
from assessments.dialects.values import ReadFile, ReadUpdate
from assessments.errors import IllegalTransition, UnsupportedAttachment
from assessments.lifecycle import Status
from assessments.models import EarlyCall, Order, OrderUpdate
from assessments.services import attachments, fetching, results, telling, updates
from assessments.services.digests import digest_of
from assessments.services.transitions import lock, touch
from core.api.parsing import JSON_LIMIT
from core.errors import DomainError, MalformedJson, PayloadTooLarge, ValidationFailed
from core.places import place
from partners.models import Installation

Kind = OrderUpdate.Kind
Outcome = OrderUpdate.Outcome
Source = OrderUpdate.Source

# Who tells by the partner's own clock.
_BY_ITS_CLOCK = (Source.PARTNER, Source.RECEIPT, Source.ASKED)
# Whose acceptance may be on its way, or lost.
_UNANSWERED = (Status.REQUESTED, Status.FAILED)
MOST_EARLIER = 50
EARLY_KEPT, MOST_EARLY = timedelta(days=30), 1_000
_FOR_THE_RECRUITER = frozenset({Kind.DECLINED, Kind.CANCELLED, Kind.CANCEL_REFUSED, Kind.EXPIRED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What became of one call: its rows, and why the protocol's answer is a refusal, if it is one."""

    rows: tuple[OrderUpdate, ...] = ()
    refusal: DomainError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """One call of a partner, or one answer of its, about one order."""

    order: Order
    raw: bytes
    source: str
    request_id: str
    files: list[ReadFile] = field(default_factory=list)

    @property
    def body(self) -> str:
        """A print of what came in by a door: that is kept word by word, whatever it says."""
        return hashlib.sha256(self.raw).hexdigest() if self.source == Source.PARTNER else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Clocks:
    """By the partner's clock: the newest that counted, and the newest whole result among that."""

    any: datetime | None
    final: datetime | None


def hear_raw(order: Order, raw: bytes, *, request_id: str = "") -> Heard:
    """Reads the body of a call in the order's dialect, and does what it says."""
    dialect = telling.dialect_of(order)
    try:
        read = dialect.read_update(dialect.filled(raw, _earlier(order)))
    except (Unreadable, MalformedJson) as error:
        return unreadable(order, error, raw=raw, request_id=request_id)
    return hear(order, read, raw=raw, request_id=request_id)


def hear(
    order: Order,
    read: Iterable[ReadUpdate],
    *,
    raw: bytes,
    source: str = Source.PARTNER,
    request_id: str = "",
) -> Heard:
    """Does what was told, oldest first, all or nothing of it. What is refused is kept all the same.

    An update older than the newest that counted is history: kept, and nothing follows. An equal one is a replay. A
    result is history only beside a newer whole one: that news has overtaken it on its way must not lose it.
    """
    told = tuple(read)
    call = _Call(order=order, raw=raw, source=source, request_id=request_id)
    with transaction.atomic():
        lock(order)
        clocks = _clocks(order)
        rows = [_history(call, each) if _is_overtaken(each, clocks) else _take(call, each) for each in told]
        refusal = next((found for row in rows if (found := _refusal(order, row))), None)
    _keep_files(call)
    return Heard(rows=tuple(row for row, _ in rows), refusal=refusal)


def unreadable(
    order: Order, error: Unreadable | DomainError, *, raw: bytes, source: str = Source.PARTNER, request_id: str = ""
) -> Heard:
    """Keeps what nobody can read, with the reason; complains about it where the partner wants to hear that."""
    sentence = error.sentence if isinstance(error, Unreadable) else error.detail
    pointer = error.pointer if isinstance(error, Unreadable) else ""
    problem = place(pointer, "unreadable", sentence)
    call = _Call(order=order, raw=raw, source=source, request_id=request_id)
    with transaction.atomic():
        lock(order)
        # The same bytes twice are one row: a partner's program repeats itself.
        said = {"kind": Kind.UNREADABLE.value, "note": sentence, "body": hashlib.sha256(raw).hexdigest()}
        row = _row(call, said, None)
        if updates.is_new(row):
            row.problems = [problem]
            updates.keep(row, Outcome.REJECTED)
            touch(order)
            telling.complain(order, sentence)
    return Heard(rows=(row,), refusal=ValidationFailed(sentence, problems=[problem]))


def keep_early(installation: Installation, reference: str, raw: bytes, *, request_id: str = "") -> bool:
    """Keeps a call about an order whose partner's id is not known yet, as long as there is one that it may be about:
    placed, and not answered as far as we know. False where there is none.
    """
    waiting = Order.objects.filter(installation=installation, status__in=_UNANSWERED, reference="", is_told=True)
    if not reference or not waiting.exists():
        return False
    if EarlyCall.objects.filter(installation=installation).count() >= MOST_EARLY:
        return False
    EarlyCall.objects.get_or_create(
        installation=installation,
        reference=reference[:200],
        digest=hashlib.sha256(raw).hexdigest(),
        defaults={"raw": raw[:JSON_LIMIT], "request_id": request_id},
    )
    return True


def forget_early() -> int:
    """Deletes calls whose order never became known; returns how many."""
    return EarlyCall.objects.filter(received_at__lt=timezone.now() - EARLY_KEPT).delete()[0]


def catch_up(order: Order) -> None:
    """Hears the calls that came before the partner's id of the order was known."""
    rows = EarlyCall.objects.filter(installation=order.installation_id, reference=order.reference or None)
    for row in rows.order_by("id"):
        hear_raw(order, bytes(row.raw), request_id=row.request_id)
        row.delete()


# --- One update -------------------------------------------------------------------------------------------------------


def _take(call: _Call, read: ReadUpdate) -> tuple[OrderUpdate, DomainError | None]:
    objection = telling.dialect_of(call.order).objection(telling.facts_of(call.order), read)
    if objection is not None:
        return _objected(call, read, objection), objection
    call.files.extend(read.files)
    if read.kind == Kind.RESULT:
        return _result(call, read), None
    note = read.note
    row = updates.record(
        call.order,
        kind=read.kind,
        occurred_at=read.occurred_at,
        raw=call.raw,
        source=call.source,
        note="" if read.kind in _FOR_THE_RECRUITER else note,
        message=note if read.kind in _FOR_THE_RECRUITER else "",
        progress=read.progress,
        reference=read.reference,
        candidate_url=read.candidate_url,
        body=call.body,
        request_id=call.request_id,
    )
    return row, None


def _result(call: _Call, read: ReadUpdate) -> OrderUpdate:
    """By the one way that results take."""
    recorded = results.record_locked(
        results.Posted(
            order=call.order,
            kind=read.result_kind,
            document_text=json.dumps(read.document, ensure_ascii=False),
            document=read.document,
            occurred_at=read.occurred_at,
            reason=None,
            raw=call.raw,
            source=call.source,
        ),
        request_id=call.request_id,
    )
    if read.reference and not call.order.reference:
        touch(call.order, reference=read.reference)
    if recorded.problems and recorded.created:
        first = recorded.problems[0]
        telling.complain(call.order, f"The result does not fit its form at {first['pointer']}: {first['message']}.")
    return recorded.update


def _history(call: _Call, read: ReadUpdate) -> tuple[OrderUpdate, DomainError | None]:
    """Told too late, or once more: the row says what it was."""
    row = _row(call, _said(call, read), read.occurred_at)
    updates.keep(row, Outcome.IGNORED)
    return row, None


def _objected(call: _Call, read: ReadUpdate, objection: DomainError) -> OrderUpdate:
    row = _row(call, _said(call, read), read.occurred_at)
    if updates.is_new(row):
        row.problems = [place("", objection.code, objection.detail)]
        updates.keep(row, Outcome.REFUSED)
    return row


def _row(call: _Call, said: dict[str, Any], occurred_at: datetime | None) -> OrderUpdate:
    return updates.prepared(call.order, said, occurred_at, raw=call.raw, source=call.source, request_id=call.request_id)


def _said(call: _Call, read: ReadUpdate) -> dict[str, Any]:
    """The update in our words, without its moment. A document is named by its digest."""
    said: dict[str, Any] = {"kind": str(read.kind)}
    if read.kind == Kind.RESULT:
        text = json.dumps(read.document, ensure_ascii=False)
        # As services.results has it, so that the same result told again is the same row.
        said_of_it = {"kind": read.result_kind, "reason": "", "document": read.document}
        fingerprint = digest_of(said_of_it, text=f"{read.result_kind}\n\n{text}")
        return {**said, "result": read.result_kind, "digest": fingerprint}
    name = "message" if read.kind in _FOR_THE_RECRUITER else "note"
    words = {name: read.note, "reference": read.reference, "candidate_url": read.candidate_url}
    said |= {key: value for key, value in {**words, "body": call.body}.items() if value}
    return said if read.progress is None else {**said, "progress": read.progress}


def _refusal(order: Order, taken: tuple[OrderUpdate, DomainError | None]) -> DomainError | None:
    row, objection = taken
    if objection is not None:
        return objection
    if row.outcome == Outcome.REJECTED:
        detail = f"The result does not fit its form. It is kept as {row.public_id}."
        return ValidationFailed(detail, problems=row.problems)
    if row.outcome == Outcome.REFUSED:
        return IllegalTransition(f"The order is {order.status}: this contradicts it.", order_status=order.status)
    return None


# --- Clocks and bodies ------------------------------------------------------------------------------------------------


def _clocks(order: Order) -> _Clocks:
    """The partner's clock in the newest update of its that counted."""
    counted = order.updates.filter(
        outcome=Outcome.APPLIED, source__in=_BY_ITS_CLOCK, normalised__contains='"occurred_at"'
    )
    finals = counted.filter(kind=Kind.RESULT).exclude(normalised__contains='"result": "partial"')
    newest = [rows.aggregate(at=Max("occurred_at"))["at"] for rows in (counted, finals)]
    return _Clocks(any=newest[0], final=newest[1])


def _is_overtaken(read: ReadUpdate, clocks: _Clocks) -> bool:
    is_final = read.kind == Kind.RESULT and read.result_kind != "partial"
    newest = clocks.final if is_final else clocks.any
    return newest is not None and read.occurred_at is not None and read.occurred_at <= newest


def _earlier(order: Order) -> Sequence[bytes]:
    """The bodies that the partner sent about it before, oldest first."""
    rows = order.updates.filter(source=Source.PARTNER).exclude(kind=Kind.UNREADABLE).order_by("-id")
    newest = list(rows.values_list("raw", flat=True)[:MOST_EARLIER])
    # One call may have made several rows.
    return list(dict.fromkeys(bytes(raw) for raw in reversed(newest)))


def _keep_files(call: _Call) -> None:
    """Reports that came as bytes are stored; those that came as URLs are fetched soon. One that is none is noted."""
    for file in call.files:
        if file.url:
            fetching.want(call.order, url=file.url, name=file.name)
            continue
        try:
            attachments.store(call.order, name=file.name, content=file.content, request_id=call.request_id)
        except (UnsupportedAttachment, PayloadTooLarge) as refusal:
            note_bad_file(call.order, f"The report “{file.name[:80]}”: {refusal.detail}", raw=b"")


def note_bad_file(order: Order, sentence: str, *, raw: bytes) -> None:
    """A report that came and cannot be kept is told to support, and to the partner where it wants to hear it."""
    unreadable(order, Unreadable(sentence), raw=raw or sentence.encode(), source=Source.PARTNER)
