"""Ashby's Assessments Partner API, as its OpenAPI document tells it, read in autumn 2026.

RPC: every call is a POST of JSON to a URL that ends in the call's name; HTTP Basic, the key as user name. Oddities:

- A failure may come with HTTP 200: ``success`` decides. Custom fields come as ``fields``, all else as ``results``.
- A result, a cancellation and a status are one call: which of its members are there says what it is.
- Ids of ours are to be UUIDs: see core.ids.as_uuid. Ids of partners are taken whatever they look like.
- Custom fields are of 15 types, of which four have no documented form: see :mod:`assessments.dialects.ashby_form`.
- Repeating a start that timed out is not safe: what makes it a repetition is each partner's own matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assessments import topics
from assessments.dialects import ashby_form, ashby_updates, reading, replies, writing
from assessments.dialects.base import Address, Capability, Door, InboundKey, Mute, Unreadable, Unsupported
from assessments.dialects.values import Answer, CancelAnswer, OfferedType, OrderFacts, ReadUnasked, ReadUpdate, Receipt
from core import errors
from core.api.problems import status_of
from core.ids import as_uuid
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
        updates, unread = ashby_updates.updates_in_receipt(results.get("update_request"), reference)
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
        return ashby_updates.updates(reading.members(reading.parsed(raw)))

    def read_unasked(self, raw: bytes) -> ReadUnasked:
        return ashby_updates.unasked(reading.members(reading.parsed(raw)))

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


def _meta(error: errors.DomainError) -> dict[str, Any]:
    told = [{name: problem.get(name, "") for name in ("pointer", "code", "message")} for problem in error.problems]
    return {"problems": told} if told else {}
