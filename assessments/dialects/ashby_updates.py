"""What a partner that speaks Ashby's protocol tells: what became of an order, and results that nobody ordered.

Oddities: a call's members say what it is, and one may tell several things; every value comes with a label and a type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessments.dialects import reading
from assessments.dialects.base import Unreadable
from assessments.dialects.values import ReadUnasked, ReadUpdate
from core.ids import from_uuid


@dataclass(frozen=True, kw_only=True, slots=True)
class _Blob:
    """One value with its label and type."""

    label: str
    description: str
    type: str
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """The members of one update."""

    at: datetime | None = None
    status: _Blob | None = None
    profile: _Blob | None = None
    result: _Blob | None = None
    cancelled: _Blob | None = None
    metadata: tuple[_Blob, ...] = ()


@contextmanager
def _about(reference: str) -> Iterator[None]:
    """What cannot be read within is known to be about this reference."""
    try:
        yield
    except Unreadable as odd:
        raise Unreadable(odd.sentence, pointer=odd.pointer, reference=reference) from None


def updates(call: dict[str, Any], reference: str = "") -> tuple[ReadUpdate, ...]:
    """What one call tells, oldest first. ``reference`` is that of a receipt, in which the update need not name it.

    Raises Unreadable with the place, and with the reference where that much could be read.
    """
    if not reference or call.get("assessment_id") is not None:
        reference = _id(call, "assessment_id")
    with _about(reference):
        told = tuple(_events(_told(call), reference))
        if not told:
            raise Unreadable(
                "An assessment_status, an assessment_result or a cancelled_reason is expected.",
                pointer="/assessment_status",
            )
    return told


def updates_in_receipt(value: Any, reference: str) -> tuple[tuple[ReadUpdate, ...], str]:
    """What came with a receipt, or why it cannot be read: the order is accepted either way."""
    if value is None:
        return (), ""
    try:
        found = updates(reading.members(value, "/results/update_request"), reference)
    except Unreadable as odd:
        return (), odd.sentence
    if any(update.reference != reference for update in found):
        return (), "The update_request is about another assessment_id than the answer that it came with."
    return found, ""


def unasked(call: dict[str, Any]) -> ReadUnasked:
    """A result without an order: of the call assessment.addCompletedToCandidate. Raises Unreadable with the place."""
    told = reading.members(call.get("assessment"), "/assessment")
    reference = _id(told, "assessmentId", "/assessment")
    with _about(reference):
        result = _result(told, "result", "/assessment")
        if result is None:
            raise Unreadable("A result is expected.", pointer="/assessment/result")
        return ReadUnasked(
            candidate=_public("cand", _id(call, "candidateId")),
            assessment_type=_id(told, "assessmentTypeId", "/assessment"),
            assessment_name=reading.line(told.get("assessmentName")),
            reference=reference,
            occurred_at=reading.moment_of(call.get("timestamp"), "timestamp", "/timestamp"),
            document=_document(_Told(result=result, metadata=_metadata(told, "/assessment"))),
        )


def _id(call: Mapping[str, Any], name: str, above: str = "") -> str:
    if found := reading.kept_id(call.get(name)):
        return found
    raise Unreadable(f"{name} is no id: a text or a whole number is expected.", pointer=f"{above}/{name}")


def _public(prefix: str, foreign: str) -> str:
    try:
        return from_uuid(prefix, foreign)
    except ValueError:
        return foreign


def _told(call: dict[str, Any]) -> _Told:
    return _Told(
        at=reading.moment_of(call.get("timestamp"), "timestamp", "/timestamp"),
        status=_blob(call, "assessment_status"),
        profile=_blob(call, "assessment_profile_url"),
        result=_result(call, "assessment_result"),
        cancelled=_blob(call, "cancelled_reason"),
        metadata=_metadata(call),
    )


def _blob(call: dict[str, Any], name: str, above: str = "") -> _Blob | None:
    """A status or an address may stand there by itself, as text; what decides may not."""
    value = call.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and name in _TOLERATED:
        return _Blob(label="", description="", type="", value=value)
    return _blob_of(reading.members(value, f"{above}/{name}"))


_TOLERATED = frozenset({"assessment_status", "assessment_profile_url"})


def _result(call: dict[str, Any], name: str, above: str = "") -> _Blob | None:
    """Its presence completes an order: so it must have a value."""
    blob = _blob(call, name, above)
    if blob is not None and blob.value in (None, ""):
        raise Unreadable("The result has no value.", pointer=f"{above}/{name}/value")
    return blob


def _metadata(call: dict[str, Any], above: str = "") -> tuple[_Blob, ...]:
    value = call.get("metadata")
    entries = [] if value is None else reading.items(value, f"{above}/metadata")
    places = ((entry, f"{above}/metadata/{index}") for index, entry in enumerate(entries) if entry is not None)
    return tuple(_blob_of(reading.members(entry, place)) for entry, place in places)


def _blob_of(value: dict[str, Any]) -> _Blob:
    return _Blob(
        label=reading.line(value.get("label")) or reading.kept_id(value.get("identifier")),
        description=reading.text(value.get("description")),
        type=reading.line(value.get("type")),
        value=value.get("value"),
    )


def _events(told: _Told, reference: str) -> Iterator[ReadUpdate]:
    """A result overrides what the status says; a cancellation beside it is told all the same, after it."""
    if told.result is not None:
        yield ReadUpdate(kind="result", reference=reference, occurred_at=told.at, document=_document(told))
    elif told.cancelled is None:
        yield from _on_the_way(told, reference)
    if told.cancelled is not None:
        note = _reason(told.cancelled)
        yield ReadUpdate(kind="cancelled", reference=reference, occurred_at=told.at, note=note)


def _on_the_way(told: _Told, reference: str) -> Iterator[ReadUpdate]:
    status = told.status
    if status is not None:
        said = reading.line(status.value)
        is_start = said.casefold() == "started"
        note = reading.line(": ".join(filter(None, (status.label, said))))
        if is_start:
            yield ReadUpdate(kind="started", reference=reference, occurred_at=told.at)
        elif note:
            yield ReadUpdate(kind="note", reference=reference, occurred_at=told.at, note=note)
    document = _document(told)
    if told.metadata and "details" in document:
        yield ReadUpdate(
            kind="result", reference=reference, occurred_at=told.at, result_kind="partial", document=document
        )


def _reason(blob: _Blob) -> str:
    said = reading.text(blob.value)
    return reading.line(" ".join(filter(None, (said or blob.label, blob.description))))


# --- Documents ------------------------------------------------------------------------------------------------------


def _document(told: _Told) -> dict[str, Any]:
    """The document of a result, final where there is an ``assessment_result``. It fits ashby.schema.json."""
    details, notes = reading.Details(), reading.Details()
    document: dict[str, Any] = {}
    if told.result is not None and told.result.type in _HEADLINES:
        document |= _headline(told.result)
    elif told.result is not None:
        details.add(told.result.label or "Result", reading.single(told.result.value))
    if told.status is not None and (said := reading.line(told.status.value)):
        document["status"] = said
    if told.profile is not None and (url := reading.https(told.profile.value)):
        document["report_url"] = url
    elif told.profile is not None and told.profile.value not in (None, ""):
        details.add(told.profile.label or "Report", reading.single(told.profile.value))
    for blob, name in ((told.result, "Result"), (told.status, "Status"), (told.profile, "Report")):
        if blob is not None and blob.description:
            notes.add(blob.label or name, blob.description)
    for index, blob in enumerate(told.metadata, start=1):
        if told.result is None and _means_nothing(blob):
            continue
        label = details.add(blob.label or f"Value {index}", _detail(blob))
        if blob.description:
            notes.add(label, blob.description)
    return document | reading.document(details=details.values, notes=notes.values)


def _headline(blob: _Blob) -> dict[str, Any]:
    """The result itself, by its type; one that is not what its type says is a grade, in the partner's words."""
    member, read = _HEADLINES[blob.type]
    value = read(blob.value)
    found = {"grade": _plain(blob.value)} if value is None else {member: value}
    return {**found, "measure": blob.label} if blob.label else found


def _outcome(value: Any) -> str | None:
    is_passed = _boolean(value)
    return None if is_passed is None else "passed" if is_passed else "failed"


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(reading.word(value))


def _duration(value: Any) -> str | None:
    """Minutes → ISO 8601: 74.5 → ``PT1H14M30S``."""
    minutes = reading.number(value)
    if minutes is None or not 0 <= minutes < _MOST_MINUTES:
        return None
    hours, rest = divmod(round(minutes * 60), 3600)
    return reading.duration(hours, *divmod(rest, 60))


_MOST_MINUTES = 10 * 365 * 24 * 60


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else reading.line(value)


#: Results of other types, addresses among them, decide nothing: they stand among the details.
_HEADLINES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "numeric_score": ("score", reading.number),
    "numeric_duration_minutes": ("duration", _duration),
    "boolean_success": ("outcome", _outcome),
    "string": ("grade", _plain),
}
_DETAILS: dict[str, Callable[[Any], Any]] = {
    "numeric_score": reading.number,
    "numeric_duration_minutes": _duration,
    "boolean_success": _boolean,
}


def _detail(blob: _Blob) -> Any:
    """By its type; what is not of it stays as it was told."""
    read = _DETAILS.get(blob.type)
    value = read(blob.value) if read else None
    return reading.single(blob.value) if value is None else value


def _means_nothing(blob: _Blob) -> bool:
    """Before completion some send a score of 0 and an empty address."""
    if blob.type == "numeric_score":
        return blob.value in (None, "") or reading.number(blob.value) == 0
    return blob.type == "url" and blob.value in (None, "")
