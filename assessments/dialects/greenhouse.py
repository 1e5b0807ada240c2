"""Greenhouse's Assessment Partner API, as its documentation tells it, read in full in autumn 2026.

Four URLs of the partner, which need have nothing in common; HTTP Basic, the key as user name. Oddities:

- HTTP 200 is not success: a refused order is answered with ``{}`` or an error object. The id decides.
- A result is never posted. The partner sends an empty PATCH to the order's callback URL, and is then asked: often
  before it has the result. Some never send it, so it is asked now and then anyhow.
- Of all statuses only *complete* means something; before it a score of 0 and an empty address are fillers.
- A score has no scale, metadata no types: numbers stay numbers, everything else stays as it was told.
- What is absent is sent as null; ids in a complaint are texts, whatever they were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from assessments.dialects import reading, replies, writing
from assessments.dialects.base import Address, Capability, Door, InboundKey, Mute, Unreadable, Unsupported
from assessments.dialects.values import Answer, OfferedType, OrderFacts, ReadUpdate, Receipt
from partners.delivery.auth import Authentication, BasicKey
from partners.delivery.messages import Message

if TYPE_CHECKING:
    from core.errors import DomainError
    from core.http import Reply


class Greenhouse(Mute):
    """Greenhouse's side of the protocol: asks at the partner's URLs, and takes a nudge at the callback URL."""

    name = "greenhouse"
    label = "Greenhouse assessments"
    document = "Greenhouse Assessment Partner API"
    rules: Mapping[Capability, str] = {
        Capability.CATALOGUE: (
            "list_tests answers 200 with a bare array of `partner_test_id` and `partner_test_name`."
        ),
        Capability.ORDER: (
            "send_test takes the test, the candidate and the `url` to report to, and answers within seconds."
        ),
        Capability.RECEIPT: "send_test answers 200 with `partner_interview_id`.",
        Capability.NUDGE: (
            "When the test is complete the partner sends a PATCH to the `url` that came with it, "
            "once the result is saved."
        ),
        Capability.STATUS: (
            "test_status answers 200 with `partner_status`; with `complete` come `partner_profile_url` and the score."
        ),
        Capability.COMPLAIN: "response_error takes `api_call` and `errors`, and answers 200.",
    }
    offers = frozenset(
        {
            Capability.CATALOGUE,
            Capability.ORDER,
            Capability.RECEIPT,
            Capability.STATUS,
            Capability.NUDGE,
            Capability.COMPLAIN,
        }
    )
    authentication: Authentication = BasicKey()
    addresses: tuple[Address, ...] = (
        Address(purpose="catalogue", label="List of tests", hint="The partner's list_tests URL"),
        Address(purpose="order", label="Sending a test", hint="The partner's send_test URL"),
        Address(purpose="status", label="Status of a test", hint="The partner's test_status URL"),
        Address(
            purpose="complaint", label="Errors", hint="The partner's response_error URL, if any", is_required=False
        ),
    )
    requires = frozenset({"first_name", "last_name", "email"})
    carries = frozenset({"phone", "resume_url"})
    # The partner shows the very credential by which we call it; what counts is the order's own URL.
    inbound: InboundKey | None = InboundKey(scheme="basic", is_required=False)
    doors: tuple[Door, ...] = (
        Door(
            method="PATCH", path="compat/greenhouse/orders/{token}", reads=Capability.NUDGE, label="A test is completed"
        ),
    )

    # --- Catalogue ---

    def ask_catalogue(self, installation: str) -> Message:
        return writing.catalogue_question(installation)

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        """A bare list; an object is an error, whatever the status."""
        told = replies.json_of(reply)
        if said := replies.quoted(reading.maybe(told)):
            raise Unreadable(f"The partner answered with an error instead of a list of tests.{said}")
        return reading.offered(told, key="partner_test_id", name="partner_test_name")

    # --- An order ---

    def order(self, facts: OrderFacts) -> Message:
        candidate = facts.candidate
        body = {
            "partner_test_id": facts.assessment_type,
            "candidate": {
                "first_name": candidate.get("first_name") or None,
                "last_name": candidate.get("last_name") or None,
                "preferred_name": None,
                "resume_url": candidate.get("resume_url") or None,
                "phone_number": candidate.get("phone") or None,
                "email": candidate.get("email") or None,
                "greenhouse_profile_url": facts.links.candidate or None,
            },
            "sent_by": facts.placed_by or None,
            "url": facts.links.callback or None,
        }
        return writing.order(facts, body, repeatable=False)

    def read_receipt(self, reply: Reply) -> Receipt:
        if not replies.is_success(reply):
            return replies.declined(reply, {})
        told = replies.json_of(reply)
        reference = reading.kept_id(reading.maybe(told).get("partner_interview_id"))
        if not reference:
            return Receipt(accepted=False, message=replies.words(told) or _NO_ID)
        return Receipt(accepted=True, reference=reference)

    # --- How it stands ---

    def ask_status(self, facts: OrderFacts) -> Message:
        """Raises Unsupported for an order of which the partner's id is not known: it could not say which."""
        if not facts.reference:
            raise Unsupported(self.name, Capability.STATUS)
        query = urlencode({"partner_interview_id": facts.reference})
        return Message(topic="status.asked", purpose="status", subject=facts.order, body="", method="GET", query=query)

    def read_status(self, reply: Reply) -> ReadUpdate | None:
        told = reading.members(replies.json_of(reply))
        if "partner_status" not in told:
            sentence = f"The partner's answer has no partner_status.{replies.quoted(told)}"
            raise Unreadable(sentence, pointer="/partner_status")
        if reading.word(told["partner_status"]) != "complete":
            return None
        return ReadUpdate(kind="result", document=_document(told))

    def complain(self, facts: OrderFacts, sentence: str) -> Message:
        """About the answer to the order, as long as the partner's id of it is not known; else about its status."""
        body = {
            "api_call": "test_status" if facts.reference else "send_test",
            "errors": [sentence],
            "partner_test_id": facts.assessment_type or None,
            "partner_test_name": facts.assessment_name or None,
            "partner_interview_id": facts.reference or None,
            "candidate_email": facts.candidate.get("email") or None,
        }
        return Message(topic="complaint.made", purpose="complaint", subject=facts.order, body=writing.compact(body))

    # --- Answers of the door: a status and nothing else ---

    def taken(self, facts: OrderFacts | None) -> Answer:
        return Answer(status=200, body=b"", content_type=_NO_TYPE)

    def problem(self, error: DomainError, request_id: str = "") -> Answer:
        return replace(writing.refusal(error, None), body=b"", content_type=_NO_TYPE)


_NO_TYPE = "text/plain"
_NO_ID = "The partner answered without an id for the test, which means that it did not take it."


# --- Documents ------------------------------------------------------------------------------------------------------


def _document(told: dict[str, Any]) -> dict[str, Any]:
    """The document of a complete test. It fits greenhouse.schema.json."""
    document: dict[str, Any] = {}
    details = reading.Details()
    score, url = told.get("partner_score"), told.get("partner_profile_url")
    if (number := reading.number(score)) is not None:
        document["score"] = number
    elif score not in (None, ""):
        document["grade"] = score if isinstance(score, str) else json.dumps(score, ensure_ascii=False)
    document["status"] = reading.line(told["partner_status"])
    if link := reading.https(url):
        document["report_url"] = link
    elif url not in (None, ""):
        details.add("Report", reading.single(url))
    for label, value in _metadata(told.get("metadata")).items():
        details.add(reading.line(label) or "Value", reading.single(value))
    return document | reading.document(details=details.values)


def _metadata(value: Any) -> dict[str, Any]:
    """A flat object by its document; what is none is one value."""
    if isinstance(value, dict):
        return value
    return {} if value in (None, "", []) else {"Metadata": value}
