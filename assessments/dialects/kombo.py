"""Kombo's unified assessment API, as the platform of it: partners that talk to Kombo talk to us.

Read in autumn 2026: the OpenAPI of ``https://api.kombo.dev/v1`` with the pages on assessments, and the source of the
official Python SDK (``kombo`` 1.4.0), whose models decide how our answers are parsed. Oddities:

- The catalogue is pushed by the partner, whole every time; what is left out is retired.
- The order is a webhook with our id of the order; every call about it names that id, and any 2xx means that it came.
- The signature is the HMAC-SHA-256 of the exact body, base64url without padding (as Node.js writes it).
- A result always has a ``result_url``, even an open one. The status can change only while it is OPEN.
- ``completed_at`` is when the assessment was completed, not when it was told: it orders nothing.
- ``remote_fields`` are meant for other systems. Two of them are words about the result, and are read as such.
- The inline flow (``inline-assessment:order-received``) wants a URL back while the candidate waits: not spoken here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from assessments.dialects import reading, replies, writing
from assessments.dialects.base import Address, Capability, Door, InboundKey, Mute, Unreadable
from assessments.dialects.values import Answer, OfferedType, OrderFacts, OrderQuery, ReadFile, ReadUpdate, Receipt
from core.api.parsing import LARGE_LIMIT
from core.errors import Conflict, Denied, DomainError, InvalidToken, Missing, NotAuthenticated, RateLimited, Unavailable
from partners.delivery.auth import Authentication, SignedBody
from partners.delivery.messages import Message

if TYPE_CHECKING:
    from core.http import Reply

_KINDS = {
    "BEHAVIORAL": "personality",
    "VIDEO_INTERVIEW": "interview",
    "SKILLS_TEST": "skills",
    "BACKGROUND_CHECK": "background_check",
    "REFERENCE_CHECK": "reference_check",
}
# What they have no word for; the rest of ours has none at all.
_TYPES = {kind: name for name, kind in _KINDS.items()} | {"coding": "SKILLS_TEST", "language": "SKILLS_TEST"}
_STATUSES = {
    "OPEN": ("requested", "sent", "started", "failed"),
    "COMPLETED": ("completed",),
    "CANCELLED": ("cancelled", "expired"),
    "REJECTED": ("declined",),
}
_WORDS = {status: name for name, statuses in _STATUSES.items() for status in statuses}
_TELLS = {"result": "COMPLETED", "cancelled": "CANCELLED"}
LARGEST_PAGE = 250

# An error's code and title; the nearest class above it counts.
_ERRORS: dict[type[DomainError], tuple[str, str]] = {
    NotAuthenticated: ("PLATFORM.AUTHENTICATION_INVALID", "Authentication invalid"),
    InvalidToken: ("PLATFORM.AUTHENTICATION_INVALID", "Authentication invalid"),
    Denied: ("INTEGRATION.PERMISSION_MISSING", "Permission missing"),
    RateLimited: ("PLATFORM.RATE_LIMIT_EXCEEDED", "Rate limit exceeded"),
    Unavailable: ("PLATFORM.UNKNOWN_ERROR", "Unknown error"),
    DomainError: ("PLATFORM.INPUT_INVALID", "Input invalid"),
}
_NO_INTEGRATION = ("PLATFORM.INTEGRATION_NOT_FOUND", "Integration not found")


class Kombo(Mute):
    """Repeatable: the order's id, which is the webhook's too, makes a second one the same."""

    name = "kombo"
    label = "Kombo"
    document = "Kombo: assessment and background check API"
    rules: Mapping[Capability, str] = {
        Capability.PUSHED_CATALOGUE: (
            "The partner puts all its packages at assessment/packages, each with `id`, `type`, "
            "`name` and `description`."
        ),
        Capability.LIST_CATALOGUE: "GET assessment/packages answers the packages that were put.",
        Capability.ORDER: (
            "The webhook assessment:order-received comes signed, with the order, its package and the candidate."
        ),
        Capability.RECEIPT: "The webhook is answered with any status from 200 to 299.",
        Capability.UPDATE: (
            "The partner puts the result at assessment/orders/{id}/result with `status` and "
            "`result_url`; only an open order changes its status."
        ),
        Capability.LIST_ORDERS: "GET assessment/orders answers the orders, page by page.",
    }
    offers = frozenset(
        {
            Capability.PUSHED_CATALOGUE,
            Capability.LIST_CATALOGUE,
            Capability.ORDER,
            Capability.RECEIPT,
            Capability.UPDATE,
            Capability.LIST_ORDERS,
        }
    )
    authentication: Authentication = SignedBody("X-Kombo-Signature")
    addresses: tuple[Address, ...] = (
        Address(purpose="order", label="Webhook", hint="Where the partner takes assessment:order-received."),
    )
    requires = frozenset({"email"})
    carries = frozenset({"first_name", "last_name", "phone"})
    key_label = "API key"
    inbound: InboundKey | None = InboundKey(scheme="bearer", installation="x-integration-id")
    doors: tuple[Door, ...] = (
        Door(
            method="PUT",
            path="compat/kombo/v1/assessment/packages",
            reads=Capability.PUSHED_CATALOGUE,
            label="Set packages",
        ),
        Door(
            method="GET",
            path="compat/kombo/v1/assessment/packages",
            reads=Capability.LIST_CATALOGUE,
            label="Get packages",
        ),
        Door(method="GET", path="compat/kombo/v1/assessment/orders", reads=Capability.LIST_ORDERS, label="Get orders"),
        Door(
            method="PUT",
            path="compat/kombo/v1/assessment/orders/{order}/result",
            reads=Capability.UPDATE,
            label="Update order result",
        ),
    )

    # --- The catalogue ---

    def read_pushed_catalogue(self, raw: bytes) -> tuple[OfferedType, ...]:
        """Whole or not at all: whoever sets packages is told at once what is wrong with them."""
        told = reading.items(reading.members(reading.parsed(raw)).get("packages"), "/packages")
        found: dict[str, OfferedType] = {}
        for index, entry in enumerate(told):
            package = _read_package(entry, f"/packages/{index}")
            found.setdefault(package.key, package)
        return tuple(found.values())

    def list_catalogue(self, offered: Sequence[OfferedType]) -> Answer:
        return _success({"packages": [_package(each) for each in offered]})

    # --- The order ---

    def order(self, facts: OrderFacts) -> Message:
        body = {
            "id": f"{facts.order}.received",
            "type": "assessment:order-received",
            "data": _order(facts, status="OPEN", integration=facts.installation),
        }
        return writing.order(facts, body, repeatable=True)

    def read_receipt(self, reply: Reply) -> Receipt:
        if replies.is_success(reply) and not replies.is_page(reply):
            return Receipt(accepted=True)
        raise replies.failed(reply)

    def read_order_query(self, query: str) -> OrderQuery:
        asked = parse_qs(query)
        return OrderQuery(
            cursor=asked.get("cursor", [""])[0],
            page_size=_page_size(asked.get("page_size", ["100"])[0]),
            orders=tuple(_listed(asked, "ids")),
            statuses=tuple(_statuses(_listed(asked, "statuses"))),
            created_after=_moment(asked["created_after"][0]) if "created_after" in asked else None,
        )

    def list_orders(self, orders: Sequence[OrderFacts], next_cursor: str) -> Answer:
        return _success({"next": next_cursor or None, "results": [_order(facts) for facts in orders]})

    # --- The result ---

    def read_update(self, raw: bytes) -> tuple[ReadUpdate, ...]:
        body = reading.members(reading.parsed(raw, limit=LARGE_LIMIT))
        status = reading.text(body.get("status")).upper()
        if status == "CANCELLED":
            return (ReadUpdate(kind="cancelled"),)
        if status == "COMPLETED":
            return (ReadUpdate(kind="result", document=_document(body), files=_files(body)),)
        if status != "OPEN":
            raise Unreadable("The status is expected to be COMPLETED, CANCELLED or OPEN.", pointer="/status")
        if not _tells_something(body):
            return (ReadUpdate(kind="accepted"),)
        document = _document(body if body.get("score") else body | {"score": None})
        return (ReadUpdate(kind="result", result_kind="partial", document=document, files=_files(body)),)

    def objection(self, facts: OrderFacts, update: ReadUpdate) -> DomainError | None:
        """The protocol knows no deadline of ours: a result that comes after it is taken as a late one."""
        stands = "OPEN" if facts.status == "expired" else _WORDS.get(facts.status, "OPEN")
        tells = "OPEN" if update.result_kind == "partial" else _TELLS.get(update.kind, "OPEN")
        if stands in {"OPEN", tells}:
            return None
        return Conflict(f"The order is {stands}. Its status can be changed only while it is OPEN.")

    def taken(self, facts: OrderFacts | None) -> Answer:
        return _success({}, warnings=[])

    def problem(self, error: DomainError, request_id: str = "") -> Answer:
        """``log_url`` is null: there is no page that the partner's people could open without signing in."""
        code, title = _named(error)
        told = {"code": code, "title": title, "message": writing.sentence_of(error), "log_url": None}
        return writing.refusal(error, {"status": "error", "error": told})


def _named(error: DomainError) -> tuple[str, str]:
    """A *missing* whose facts name an ``integration`` is about the header, any other about what was asked for."""
    if isinstance(error, Missing) and "integration" in error.facts:
        return _NO_INTEGRATION
    return next(_ERRORS[kind] for kind in type(error).__mro__ if kind in _ERRORS)


def _success(data: dict[str, Any], **more: Any) -> Answer:
    return writing.answer(200, {"status": "success", "data": data, **more})


# --- What we tell ---------------------------------------------------------------------------------------------------


def _package(offered: OfferedType) -> dict[str, Any]:
    """Their models require each member; when a package was last changed is not ours to say."""
    return {
        "id": offered.key,
        "name": offered.name,
        "description": offered.description,
        "updated_at": None,
        "type": _TYPES.get(offered.kind),
    }


def _order(facts: OrderFacts, *, status: str = "", integration: str = "") -> dict[str, Any]:
    """Their models require each member, and take null for most."""
    known = facts.candidate
    return {
        "id": facts.order,
        "package_id": facts.assessment_type,
        "status": status or _WORDS.get(facts.status, "OPEN"),
        **({"integration_id": integration} if integration else {}),
        "candidate": {
            "remote_id": facts.candidate_id or None,
            "email": known.get("email", ""),
            "first_name": known.get("first_name") or None,
            "last_name": known.get("last_name") or None,
            "phone": known.get("phone") or None,
        },
        "application": {"remote_id": facts.application or None},
        "job": {
            "remote_id": facts.job.get("id") or None,
            "name": facts.job.get("title") or None,
            "job_code": None,
            "description": None,
            "location": {"raw": place} if (place := facts.job.get("location")) else None,
            "hiring_team": _team(facts),
        },
    }


def _team(facts: OrderFacts) -> list[dict[str, Any]]:
    """Whoever placed the order; we tell of nobody else."""
    if not facts.placed_by:
        return []
    nobody = {"remote_id": None, "first_name": None, "last_name": None}
    return [{**nobody, "email": facts.placed_by, "hiring_team_roles": ["RECRUITER"]}]


# --- What they ask --------------------------------------------------------------------------------------------------


def _listed(asked: dict[str, list[str]], name: str) -> list[str]:
    """Separated by commas, or the parameter more than once."""
    return [part.strip() for told in asked.get(name, []) for part in told.split(",") if part.strip()]


def _page_size(told: str) -> int:
    if told.isascii() and told.isdigit() and len(told) < 5 and 1 <= int(told) <= LARGEST_PAGE:
        return int(told)
    raise Unreadable(f"page_size is expected to be a whole number from 1 to {LARGEST_PAGE}.", pointer="/page_size")


def _statuses(told: list[str]) -> list[str]:
    unknown = set(told) - set(_STATUSES)
    if unknown:
        raise Unreadable(f"statuses are expected to be of {', '.join(_STATUSES)}.", pointer="/statuses")
    return [status for name in dict.fromkeys(told) for status in _STATUSES[name]]


def _moment(told: str) -> datetime:
    try:
        # The plus of a zone that was not percent-encoded has become a space.
        moment = datetime.fromisoformat(told.strip().replace(" ", "+"))
    except ValueError:
        expected = "a moment such as 2026-11-02T09:30:00.000Z"
        raise Unreadable(f"created_after is expected to be {expected}.", pointer="/created_after") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# --- What they tell -------------------------------------------------------------------------------------------------


def _read_package(entry: Any, pointer: str) -> OfferedType:
    """A type that we do not know is *other*."""
    told = reading.members(entry, pointer)
    key, name = reading.identity(told.get("id")), reading.text(told.get("name"))
    if not key or not name:
        wanted = "name" if key else "id"
        raise Unreadable(f"The {wanted} of the package at {pointer} is missing.", pointer=f"{pointer}/{wanted}")
    kind = _KINDS.get(reading.text(told.get("type")), "other")
    return OfferedType(key=key, name=name, description=reading.text(told.get("description")), kind=kind)


def _tells_something(body: dict[str, Any]) -> bool:
    """Whether an open result has content; a URL is always there, and a score of 0 means nothing yet."""
    return any(body.get(name) for name in ("score", "attributes", "attachments"))


def _document(body: dict[str, Any]) -> dict[str, Any]:
    remote = reading.maybe(body.get("remote_fields"))
    report_url = reading.https(body.get("result_url"))
    score, stated = reading.number(body.get("score")), reading.number(body.get("max_score"))
    maximum = stated if stated is not None and stated > 0 else None
    return reading.document(
        score=score,
        maximum=maximum,
        grade=reading.text(reading.maybe(remote.get("smartrecruiters")).get("scoreLabel")),
        report_url=report_url,
        summary=reading.text(reading.maybe(remote.get("recruitee")).get("subtitle")),
        parts=[_part(attribute) for attribute in _attributes(body, "SUB_RESULT")],
        details=_details(body, report_url),
    )


def _attributes(body: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Those of one of the two types."""
    return [item for item in reading.objects(body.get("attributes")) if item.get("type") == kind]


def _part(attribute: dict[str, Any]) -> dict[str, Any]:
    score = reading.maybe(attribute.get("score"))
    return reading.document(
        name=reading.text(attribute.get("label")) or reading.identity(attribute.get("id")) or "Part",
        score=reading.number(score.get("value")),
        maximum=reading.number(score.get("max")),
        status=reading.word(attribute.get("status")),
    )


def _details(body: dict[str, Any], report_url: str) -> dict[str, Any]:
    details = reading.Details()
    for attribute in _attributes(body, "TEXT"):
        details.put(attribute.get("label"), attribute.get("value"))
    details.put("Completed at", reading.text(body.get("completed_at")))
    details.put("Result", None if report_url else reading.text(body.get("result_url")))
    for _, name, item in _attached(body):
        told = reading.text(item.get("data_url"))
        details.put(name, None if reading.https(told) else told)
    return details.values


def _attached(body: dict[str, Any]) -> list[tuple[int, str, dict[str, Any]]]:
    return [
        (index, reading.text(item.get("name")) or f"Attachment {index + 1}", item)
        for index, item in enumerate(reading.objects(body.get("attachments")))
    ]


def _files(body: dict[str, Any]) -> tuple[ReadFile, ...]:
    return tuple(file for place in _attached(body) if (file := _file(*place)) is not None)


def _file(index: int, name: str, item: dict[str, Any]) -> ReadFile | None:
    """By content, or by an https address; an attachment with neither is none."""
    if item.get("data"):
        return ReadFile(name=name, content=_decoded(item["data"], f"/attachments/{index}/data"))
    url = reading.https(item.get("data_url"))
    return ReadFile(name=name, url=url) if url else None


def _decoded(told: Any, pointer: str) -> bytes:
    try:
        return base64.b64decode(told, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Unreadable("The data of the attachment is expected to be base64.", pointer=pointer) from None
