"""Workable's assessment providers, and its background check providers, as the platform of them.

Read in autumn 2026: the page "Assessment Providers" of Workable's developer site, its sibling "Background Check
Providers", and one partner's public restatement of the calls, for the codes of errors, the states and the body of a
result. Oddities:

- There is no call that asks how an order stands: the partner tells, or nobody learns. A partner may offer a link to its
  report that runs out after minutes; it says nothing of the order, and is not asked for.
- Background checks have the same shape under other URLs (packages, checks). The catalogue is read in both forms; what a
  check's order calls its package is not known, so it is sent as ``test_id`` there too.
- A score is text: ``"82"`` has no scale, ``"76%"`` and ``"12/15"`` state one.
- What the platform answers to the PUT of a result is not known; ours is the form of the partner's own errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assessments.dialects import reading, replies, writing
from assessments.dialects.base import Address, Capability, Door, InboundKey, Mute, Unreadable
from assessments.dialects.values import Answer, OfferedType, OrderFacts, ReadFile, ReadUpdate, Receipt
from core.api.problems import status_of
from core.errors import DomainError
from partners.delivery.auth import Authentication, Bearer
from partners.delivery.messages import Message

if TYPE_CHECKING:
    from core.http import Reply

_GRADES = {"failed": "failed", "passed": "passed", "excelled": "passed"}
_KINDS = {"pending": "accepted", "rejected": "declined", "expired": "expired"}
_NO_ID = "The partner answered without the id of an assessment: it did not take the order."


class Workable(Mute):
    """Not repeatable: nothing says that the same order sent again is not a second invitation."""

    name = "workable"
    label = "Workable"
    document = "Workable: Assessment Providers"
    rules: Mapping[Capability, str] = {
        Capability.CATALOGUE: "GET tests answers 200 with `tests`, each with `id` and `name`.",
        Capability.ORDER: (
            "POST assessments takes `test_id`, `callback_url`, the candidate and the job, and answers within seconds."
        ),
        Capability.RECEIPT: (
            "POST assessments answers 201 with `assessment_id`, or an error with `status` and `message`."
        ),
        Capability.UPDATE: (
            "The partner sends a PUT to `callback_url` with `status`; a completed one has "
            "`results_url` and `assessment`."
        ),
    }
    offers = frozenset({Capability.CATALOGUE, Capability.ORDER, Capability.RECEIPT, Capability.UPDATE})
    authentication: Authentication = Bearer()
    addresses: tuple[Address, ...] = (
        Address(purpose="catalogue", label="Tests", hint="Ends in /tests, or /packages for background checks."),
        Address(purpose="order", label="Assessments", hint="Ends in /assessments, or /checks for background checks."),
    )
    requires = frozenset({"email"})
    carries = frozenset({"first_name", "last_name", "phone"})
    key_label = "Access token"
    inbound: InboundKey | None = InboundKey(scheme="bearer")
    doors: tuple[Door, ...] = (
        Door(method="PUT", path="compat/workable/orders/{token}", reads=Capability.UPDATE, label="Callback"),
    )

    def ask_catalogue(self, installation: str) -> Message:
        return writing.catalogue_question(installation)

    def read_catalogue(self, reply: Reply) -> tuple[OfferedType, ...]:
        body = reading.members(replies.json_of(reply))
        name = "packages" if "packages" in body and "tests" not in body else "tests"
        return reading.offered(body.get(name), f"/{name}")

    def order(self, facts: OrderFacts) -> Message:
        known = facts.candidate
        candidate = {name: known[name] for name in ("first_name", "last_name", "email", "phone") if known.get(name)}
        job = {"job_shortcode": facts.job.get("id"), "job_title": facts.job.get("title")}
        body = {
            "test_id": facts.assessment_type,
            "callback_url": facts.links.callback,
            "candidate": candidate,
            **{name: said for name, said in job.items() if said},
        }
        return writing.order(facts, body, repeatable=False)

    def read_receipt(self, reply: Reply) -> Receipt:
        if not replies.is_success(reply):
            return replies.declined(reply, replies.REFUSED)
        body = reading.members(replies.json_of(reply))
        told = body.get("assessment_id")
        if not reading.identity(told):
            return Receipt(accepted=False, message=replies.words(body) or _NO_ID)
        # The callback names the order: an id that is too long to be kept is not missed.
        return Receipt(accepted=True, reference=reading.kept_id(told))

    def read_update(self, raw: bytes) -> tuple[ReadUpdate, ...]:
        body = reading.members(reading.parsed(raw))
        status = reading.word(body.get("status"))
        if status == "completed":
            return (ReadUpdate(kind="result", document=_document(body), files=_files(body)),)
        if status in _KINDS:
            summary = reading.text(reading.maybe(body.get("assessment")).get("summary"))
            return (ReadUpdate(kind=_KINDS[status], note=summary if status == "rejected" else ""),)
        expected = "pending, completed, rejected or expired"
        raise Unreadable(f"The status is expected to be {expected}.", pointer="/status")

    def taken(self, facts: OrderFacts | None) -> Answer:
        return writing.answer(200, {})

    def problem(self, error: DomainError, request_id: str = "") -> Answer:
        return writing.refusal(error, {"status": status_of(type(error)), "message": writing.sentence_of(error)})


def _document(body: dict[str, Any]) -> dict[str, Any]:
    found = reading.maybe(body.get("assessment"))
    score, maximum = reading.scored(found.get("score"))
    duration = reading.lasting(found.get("duration"))
    grade = reading.text(found.get("grade"))
    report_url = reading.https(body.get("results_url"))
    return reading.document(
        score=score,
        maximum=maximum,
        outcome=_GRADES.get(grade.lower()),
        grade=grade,
        report_url=report_url,
        summary=reading.text(found.get("summary")),
        duration=duration,
        details=_details(
            found.get("details"),
            [
                ("Score", None if score is not None else found.get("score")),
                ("Duration", None if duration else found.get("duration")),
                ("Results", None if report_url else body.get("results_url")),
                *((name, url) for name, url in _attached(body) if not reading.https(url)),
            ],
        ),
    )


def _details(told: Any, left_over: list[tuple[str, Any]]) -> dict[str, Any]:
    """The partner's own, then what has a place of its own but not the form for it."""
    details = reading.Details()
    for label, value in (told if isinstance(told, dict) else {"Details": told}).items():
        details.put(label, value)
    for label, value in left_over:
        details.put(label, value)
    return details.values


def _attached(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Each attachment's description and address."""
    return [
        (reading.text(item.get("description")) or f"Attachment {index}", reading.text(item.get("url")))
        for index, item in enumerate(reading.objects(body.get("attachments")), start=1)
    ]


def _files(body: dict[str, Any]) -> tuple[ReadFile, ...]:
    return tuple(ReadFile(name=name, url=url) for name, told in _attached(body) if (url := reading.https(told)))
