"""Recruitee's integration partners (assessments, background and reference checks), as the platform of them.

Read in autumn 2026: the pages "Integration partners", "Concepts", "Sending candidates" and "Reports" of Recruitee's
documentation. Oddities:

- The order carries our id of the report, and the partner answers with a status alone; it has no id of its own for us.
- *failed* means that the candidate took the test and failed it: it is a result. *completed* says nothing of passing.
- A PATCH may tell one thing only (a score without a status): what it leaves open is filled in from those before it.
- A score is any text: ``"10"`` has no scale, ``"76%"`` and ``"12/15"`` state one, other text is a grade.
- ``completed_at`` is when the test was completed, not when it was told: a corrected score comes with the same one.
- ``urls.cancel`` is where the user may cancel; how it is called is not documented, so it is shown and never called.
- ``properties`` are documented by name only. What the platform answers to the PATCH is not; ours is of our choosing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assessments.dialects import reading, replies, writing
from assessments.dialects.base import Address, Capability, Door, InboundKey, Mute, Unreadable
from assessments.dialects.values import Answer, OfferedType, OrderFacts, ReadUpdate, Receipt
from core.errors import DomainError
from partners.delivery.auth import Authentication, Bearer
from partners.delivery.messages import Message

if TYPE_CHECKING:
    from core.http import Reply

_REFUSALS = ("error", "errors")
_OURS = {"completed": "completed", "declined": "canceled", "cancelled": "canceled", "expired": "canceled"}


class Recruitee(Mute):
    """Not repeatable: that a report's id makes a second call harmless is documented nowhere."""

    name = "recruitee"
    label = "Recruitee"
    document = "Recruitee: integration partners"
    rules: Mapping[Capability, str] = {
        Capability.CATALOGUE: "The tests URL answers 200 with a bare array of `id` and `name`.",
        Capability.ORDER: (
            "The send_candidate URL takes the candidate, the test and the `report_id`, and answers within seconds."
        ),
        Capability.RECEIPT: (
            "send_candidate answers with any status from 200 to 299, or 401 or 403 where the token is wrong."
        ),
        Capability.UPDATE: (
            "The partner sends a PATCH to reports/{report_id} with `status` sent, completed, failed or canceled."
        ),
    }
    offers = frozenset({Capability.CATALOGUE, Capability.ORDER, Capability.RECEIPT, Capability.UPDATE})
    authentication: Authentication = Bearer()
    addresses: tuple[Address, ...] = (
        Address(purpose="catalogue", label="Tests", hint="What the partner registers as urls.tests."),
        Address(purpose="order", label="Send candidate", hint="What the partner registers as urls.send_candidate."),
    )
    requires = frozenset({"first_name", "last_name", "email"})
    carries: frozenset[str] = frozenset()
    key_label = "Partner secret"
    inbound: InboundKey | None = InboundKey(header="rt-partner-secret")
    doors: tuple[Door, ...] = (
        Door(method="PATCH", path="compat/recruitee/reports/{order}", reads=Capability.UPDATE, label="Reports"),
    )

    def ask_catalogue(self, installation: str) -> Message:
        return writing.catalogue_question(installation)

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        return reading.offered(replies.json_of(reply))

    def order(self, facts: OrderFacts) -> Message:
        body = {
            "first_name": facts.candidate.get("first_name", ""),
            "last_name": facts.candidate.get("last_name", ""),
            "email": facts.candidate.get("email", ""),
            "candidate_id": facts.candidate_id,
            "company_id": facts.organization,
            "report_id": facts.order,
            "test_id": facts.assessment_type,
            "test_name": facts.assessment_name,
        }
        return writing.order(facts, body, repeatable=False)

    def read_receipt(self, reply: Reply) -> Receipt:
        """Any 2xx takes the order, with any body or none; but not one that says aloud that it failed."""
        if not replies.is_success(reply):
            return replies.declined(reply, replies.REFUSED)
        if replies.is_page(reply):
            raise replies.failed(reply)
        refusal = _refusal(reply)
        return Receipt(accepted=not refusal, message=refusal)

    def filled(self, raw: bytes, earlier: Sequence[bytes]) -> bytes:
        known: dict[str, Any] = {}
        for told in earlier:
            known |= _readable(told)
        return writing.compact(known | reading.members(reading.parsed(raw))).encode("utf-8", "replace")

    def read_update(self, raw: bytes) -> tuple[ReadUpdate, ...]:
        body = reading.members(reading.parsed(raw))
        status = reading.word(body.get("status"))
        if status in {"completed", "failed"}:
            return (ReadUpdate(kind="result", document=_document(body, failed=status == "failed")),)
        if status == "sent":
            return (ReadUpdate(kind="accepted", note=_way_to_cancel(body)),)
        if status in {"canceled", "cancelled"}:
            return (ReadUpdate(kind="cancelled", note=reading.text(body.get("subtitle"))),)
        document = _document(body, failed=False)
        if status or body.get("status") is not None or not document:
            expected = "sent, completed, failed or canceled"
            raise Unreadable(f"The status is expected to be {expected}, or left out beside a score.", pointer="/status")
        return (ReadUpdate(kind="result", result_kind="partial", document=document),)

    def taken(self, facts: OrderFacts | None) -> Answer:
        report = {"id": facts.order, "status": _OURS.get(facts.status, "sent")} if facts else {}
        return writing.answer(200, {"report": report})

    def problem(self, error: DomainError, request_id: str = "") -> Answer:
        told = {"code": error.code, "message": writing.sentence_of(error), "request_id": request_id or None}
        return writing.refusal(error, {"error": told})


def _refusal(reply: Reply) -> str:
    body = _readable(reply.body)
    said = next((replies.words(body[name]) for name in _REFUSALS if body.get(name)), "")
    refused = any(body.get(name) for name in _REFUSALS) or body.get("success") is False
    return (said or replies.words(body) or "The partner answered that it failed.") if refused else ""


def _readable(raw: bytes) -> dict[str, Any]:
    return reading.maybe(reading.parsed_if_json(raw))


def _document(body: dict[str, Any], *, failed: bool) -> dict[str, Any]:
    score, maximum = reading.scored(body.get("score"))
    return reading.document(
        score=score,
        maximum=maximum,
        outcome="failed" if failed else None,
        grade=reading.text(body.get("score")) if score is None else None,
        summary=reading.text(body.get("subtitle")),
        details=_details(body),
    )


def _details(body: dict[str, Any]) -> dict[str, Any]:
    details = reading.Details()
    told = body.get("properties")
    for label, value in (told if isinstance(told, dict) else {"Properties": told}).items():
        details.put(label, value)
    details.put("Completed at", reading.text(body.get("completed_at")))
    for name, url in reading.maybe(body.get("urls")).items():
        details.put("Cancel at the partner" if name == "cancel" else name, reading.https(url))
    return details.values


def _way_to_cancel(body: dict[str, Any]) -> str:
    url = reading.https(reading.maybe(body.get("urls")).get("cancel"))
    return f"It can be cancelled at the partner: {url}" if url else ""
