"""Ashby's Assessments Partner API, as its OpenAPI document tells it, read in autumn 2026.

RPC: every call is a POST of JSON to a URL that ends in the call's name; HTTP Basic, the key as user name. Oddities:

- A failure may come with HTTP 200: ``success`` decides. Custom fields come as ``fields``, all else as ``results``.
- A result, a cancellation and a status are one call: which of its members are there says what it is.
- Ids of ours are to be UUIDs: see core.ids.as_uuid. Ids of partners are taken whatever they look like.
- Custom fields are of 15 types, of which four have no documented form: see :mod:`assessments.dialects.ashby_form`.
- Repeating a start that timed out is not safe: what makes it a repetition is each partner's own matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assessments import topics
from assessments.dialects import ashby_form, reading, replies, writing
from assessments.dialects.base import (
    Address,
    Answer,
    CancelAnswer,
    Capability,
    Door,
    InboundKey,
    Mute,
    OfferedType,
    OrderFacts,
    ReadUnasked,
    ReadUpdate,
    Receipt,
    Unreadable,
    Unsupported,
)
from core import errors
from core.api.problems import status_of
from core.ids import as_uuid, from_uuid
from partners.delivery.auth import Authentication, BasicKey
from partners.delivery.messages import Message

if TYPE_CHECKING:
    from core.http import Reply


class Ashby(Mute):
    """Ashby's side of the protocol: asks at the partner's URLs, and takes updates at two doors."""

    name = "ashby"
    label = "Ashby assessments"
    document = "Ashby Assessments Partner API"
    rules: Mapping[Capability, str] = {
        Capability.CATALOGUE: (
            "assessment.list answers 200 with `success` true and `results`, each with `assessment_type_id` and `name`."
        ),
        Capability.FIELDS: (
            "assessment.customField.list answers 200 with `success` true and `fields`, each with "
            "`id`, `name` and `type`."
        ),
        Capability.ORDER: (
            "assessment.start takes the type, the candidate, the application and the job, and answers within seconds."
        ),
        Capability.RECEIPT: (
            "assessment.start answers 200 with `success` true and `results.assessment_id`, or "
            "409, or 422 with `message`."
        ),
        Capability.UPDATE: (
            "assessment.update is called with `assessment_id`, `timestamp` in milliseconds, and "
            "a status, a result or a `cancelled_reason`; a result comes with `assessment_profile_url`."
        ),
        Capability.CANCEL: "assessment.cancel takes the `assessment_id`.",
        Capability.CANCEL_ANSWER: (
            "assessment.cancel answers 200 with `success`: true for a cancelled one, false with `errorInfo` else."
        ),
    }
    offers = frozenset(
        {
            Capability.CATALOGUE,
            Capability.FIELDS,
            Capability.ORDER,
            Capability.RECEIPT,
            Capability.CANCEL,
            Capability.CANCEL_ANSWER,
            Capability.UPDATE,
            Capability.UNASKED,
        }
    )
    authentication: Authentication = BasicKey()
    addresses: tuple[Address, ...] = (
        Address(purpose="catalogue", label="Assessments", hint="Ends in /assessment.list"),
        Address(purpose="order", label="Starting an assessment", hint="Ends in /assessment.start"),
        Address(
            purpose="cancel",
            label="Cancelling",
            hint="Ends in /assessment.cancel; leave it out if the partner has none",
            is_required=False,
        ),
        Address(
            purpose="fields",
            label="Order form",
            hint="Ends in /assessment.customField.list; leave it out if the partner has none",
            is_required=False,
        ),
    )
    requires = frozenset({"first_name", "last_name", "email"})
    key_label = "Ashby API key"
    inbound: InboundKey | None = InboundKey(scheme="basic")
    doors: tuple[Door, ...] = (
        Door(
            method="POST", path="compat/ashby/assessment.update", reads=Capability.UPDATE, label="Updates and results"
        ),
        Door(
            method="POST",
            path="compat/ashby/assessment.addCompletedToCandidate",
            reads=Capability.UNASKED,
            label="Results without an order",
        ),
    )

    # --- Catalogue and order form ---

    def ask_catalogue(self, installation: str) -> Message:
        return Message(topic="catalogue.asked", purpose="catalogue", subject=installation, body="{}")

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        entries = _listed(reply, "results")
        return reading.offered(entries, "/results", key="assessment_type_id", description="description")

    def ask_fields(self, installation: str) -> Message:
        return Message(topic="fields.asked", purpose="fields", subject=installation, body="{}")

    def read_fields(self, reply: Reply) -> dict[str, Any]:
        return ashby_form.order_schema(_listed(reply, "fields"))

    # --- An order ---

    def order(self, facts: OrderFacts) -> Message:
        body: dict[str, Any] = {
            "assessment_type_id": facts.assessment_type,
            "candidate": {
                "ashby_id": _uuid(facts.candidate_id),
                "first_name": facts.candidate.get("first_name", ""),
                "last_name": facts.candidate.get("last_name", ""),
                "email": facts.candidate.get("email", ""),
                "ashby_profile_url": facts.links.candidate,
            },
            # Orders are placed for applications under way only.
            "application": {"ashby_id": _uuid(facts.application), "status": "Active"},
            "job": {
                "ashby_id": _uuid(facts.job.get("id", "")),
                "name": facts.job.get("title", ""),
                "ashby_job_url": facts.links.job,
            },
        }
        if facts.fields:
            body["additional_fields"] = dict(facts.fields)
        return writing.order(facts, body, repeatable=False)

    def read_receipt(self, reply: Reply) -> Receipt:
        if not replies.is_success(reply):
            return replies.declined(reply, _DECLINED)
        call = reading.members(replies.json_of(reply))
        results = reading.maybe(call.get("results"))
        reference = reading.kept_id(results.get("assessment_id"))
        if _is_failure(call) or not reference:
            return Receipt(accepted=False, message=replies.words(call) or _NO_ID)
        updates, unread = _updates_with(results.get("update_request"), reference)
        return Receipt(accepted=True, reference=reference, updates=updates, unread=unread)

    def cancel(self, facts: OrderFacts) -> Message:
        """Raises Unsupported for an order of which the partner's id is not known: it could not say which."""
        if not facts.reference:
            raise Unsupported(self.name, Capability.CANCEL)
        body = writing.compact({"assessment_id": facts.reference})
        return Message(topic=topics.ORDER_CANCELLED.name, purpose="cancel", subject=facts.order, body=body)

    def read_cancel(self, reply: Reply) -> CancelAnswer:
        if not replies.is_success(reply):
            return CancelAnswer(in_time=False, message=replies.declined(reply, {}).message)
        call = reading.members(replies.json_of(reply))
        if _is_failure(call):
            return CancelAnswer(in_time=False, message=replies.words(call))
        if call.get("success") is not True and "results" not in call:
            raise Unreadable("The partner's answer says neither success nor failure.", pointer="/success")
        return CancelAnswer(in_time=True)

    # --- What the partner tells ---

    def read_update(self, raw: bytes) -> tuple[ReadUpdate, ...]:
        return _updates(reading.members(reading.parsed(raw)))

    def read_unasked(self, raw: bytes) -> ReadUnasked:
        call = reading.members(reading.parsed(raw))
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

    # --- Answers of the doors ---

    def taken(self, facts: OrderFacts | None) -> Answer:
        """In the form of every success of this protocol; what is in ``results`` here is not documented."""
        results = {"assessment_id": facts.reference} if facts else {}
        return writing.answer(200, {"success": True, "results": results})

    def taken_unasked(self, raw: bytes, application: str) -> Answer:
        """The same members again, and our id of the application: null where the result waits for one."""
        call = reading.members(reading.parsed(raw))
        told = {name: call[name] for name in ("candidateId", "partnerId", "timestamp", "assessment") if name in call}
        return writing.answer(200, {"success": True, "results": {**told, "applicationId": _uuid(application) or None}})

    def problem(self, error: errors.DomainError, request_id: str = "") -> Answer:
        """Failures of the call have a status of their own; those of what it says come with 200, as over there."""
        status = status_of(type(error))
        if isinstance(error, errors.InvalidToken):
            status = 403
        code = "invalid_input" if isinstance(error, errors.Invalid) else error.code
        told = {"code": code, "message": error.detail, "requestId": request_id, "meta": _meta(error)}
        refusal = writing.refusal(error, {"success": False, "errors": [code], "errorInfo": told})
        return replace(refusal, status=status if status in _OF_THE_CALL or status >= 500 else 200)


_OF_THE_CALL = frozenset({401, 403, 405, 406, 411, 413, 415, 429})
_NO_ID = "The partner answered without an id for the assessment, which means that it did not take it."
_DECLINED = {
    409: "The candidate is being assessed by the partner already.",
    422: "The partner does not take this order, and does not say why.",
}


def _listed(reply: Reply, name: str) -> list[Any]:
    """The list of an answer that says no failure."""
    call = reading.members(replies.json_of(reply))
    said = replies.quoted(call)
    if _is_failure(call) or (said and call.get(name) is None):
        raise Unreadable(f"The partner answered {reply.status}, but with an error.{said}")
    return reading.items(call.get(name), f"/{name}")


def _is_failure(call: Mapping[str, Any]) -> bool:
    """Some leave ``success`` out of a success; nobody leaves it out of a failure, or tells one with nothing else."""
    return call.get("success") in (False, "false") or (not call.get("success") and bool(call.get("errorInfo")))


def _uuid(public_id: str) -> str:
    try:
        return as_uuid(public_id)
    except ValueError:
        return public_id


def _public(prefix: str, foreign: str) -> str:
    try:
        return from_uuid(prefix, foreign)
    except ValueError:
        return foreign


def _meta(error: errors.DomainError) -> dict[str, Any]:
    told = [{name: problem.get(name, "") for name in ("pointer", "code", "message")} for problem in error.problems]
    return {"problems": told} if told else {}


# --- Updates --------------------------------------------------------------------------------------------------------


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


def _updates(call: dict[str, Any], reference: str = "") -> tuple[ReadUpdate, ...]:
    """What one call tells, oldest first. ``reference`` is that of a receipt, in which the update need not name it."""
    if not reference or call.get("assessment_id") is not None:
        reference = _id(call, "assessment_id")
    with _about(reference):
        updates = tuple(_events(_told(call), reference))
        if not updates:
            raise Unreadable(
                "An assessment_status, an assessment_result or a cancelled_reason is expected.",
                pointer="/assessment_status",
            )
    return updates


def _id(call: Mapping[str, Any], name: str, above: str = "") -> str:
    if found := reading.kept_id(call.get(name)):
        return found
    raise Unreadable(f"{name} is no id: a text or a whole number is expected.", pointer=f"{above}/{name}")


def _updates_with(value: Any, reference: str) -> tuple[tuple[ReadUpdate, ...], str]:
    """What came with a receipt, or why it cannot be read: the order is accepted either way."""
    if value is None:
        return (), ""
    try:
        updates = _updates(reading.members(value, "/results/update_request"), reference)
    except Unreadable as odd:
        return (), odd.sentence
    if any(update.reference != reference for update in updates):
        return (), "The update_request is about another assessment_id than the answer that it came with."
    return updates, ""


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
