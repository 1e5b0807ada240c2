"""The doors of other protocols: who calls, about which order, and then one service. Answers are the dialect's.

A call is known by the secret last segment of its URL, or by the key that we issued to the Installation. Every one is
in the request log, its token hidden; the routes are made from the doors that the dialects name.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from assessments.dialects.base import Capability, Dialect, Door, InboundKey, Unreadable
from assessments.dialects.values import Answer, OfferedType
from assessments.models import AssessmentType, Backfill, Callback, Order
from assessments.services import asking, backfill, catalogue, hearing, refreshing, telling
from core import audit
from core.api.parsing import JSON_LIMIT, LARGE_LIMIT, take_body
from core.api.problems import translate
from core.api.request_log import current_request_id, note_client
from core.errors import (
    DomainError,
    InternalError,
    InvalidToken,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    ValidationFailed,
)
from core.ids import is_public_id, token_hash
from core.limits import client_address, limit
from core.models import AuditRecord
from core.places import place
from partners.errors import InstallationPaused, PartnerSuspended
from partners.models import Installation
from partners.services import connecting

log = structlog.get_logger(__name__)

WRONG_KEY = "callback.wrong_credential"
_RELATED = (
    "organization",
    "partner",
    "installation__organization",
    "installation__partner",
    "assessment_type",
    "candidate",
    "application__job",
    "placed_by",
    "result_schema",
)


class ForeignResponse(HttpResponse):
    """In the words of another protocol: nobody turns it into a problem of ours."""

    is_foreign = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One call at a door, once it is known who makes it. ``order`` where the URL says it."""

    dialect: Dialect
    door: Door
    installation: Installation
    order: Order | None
    raw: bytes
    query: str


def door_view(dialect: Dialect, doors: Mapping[str, Door]) -> Callable[..., HttpResponse]:
    """The view of one path: its doors by their methods."""

    @csrf_exempt
    def view(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            answer = _answer(request, dialect, doors, named)
        except Exception as error:
            refusal = translate(error)
            if isinstance(refusal, InternalError):
                log.exception("door.unexpected", dialect=dialect.name)
            answer = dialect.problem(refusal, current_request_id())
        return ForeignResponse(
            answer.body, status=answer.status, content_type=answer.content_type, headers=dict(answer.headers)
        )

    return view


def _answer(request: HttpRequest, dialect: Dialect, doors: Mapping[str, Door], named: dict[str, str]) -> Answer:
    door = doors.get(request.method or "")
    if door is None:
        raise MethodNotAllowed(f"Here only {', '.join(sorted(doors))} is taken.")
    order, installation = _known(request, dialect, named)
    limit("doors", named.get("token") or installation.public_id)
    # Nothing is read of what a stranger sends.
    raw = take_body(request, limit=LARGE_LIMIT if door.reads == Capability.UPDATE else JSON_LIMIT)
    note_client(request, partner=installation.partner.public_id, organization=installation.organization.public_id)
    if installation.partner.is_suspended:
        raise PartnerSuspended
    visit = Visit(
        dialect=dialect,
        door=door,
        installation=installation,
        order=order,
        raw=raw,
        query=request.META.get("QUERY_STRING", ""),
    )
    try:
        return _DEEDS[door.reads](visit)
    except Unreadable as error:
        raise _unread(error) from None


# --- Who calls ------------------------------------------------------------------------------------------------------


def _known(request: HttpRequest, dialect: Dialect, named: dict[str, str]) -> tuple[Order | None, Installation]:
    """:func:`_who`; an address from which nobody is known may try so often only. Raises RateLimited too."""
    try:
        return _who(request, dialect, named)
    except (NotAuthenticated, InvalidToken, NotFound):
        limit("doors_refused", client_address(request))
        raise


def _who(request: HttpRequest, dialect: Dialect, named: dict[str, str]) -> tuple[Order | None, Installation]:
    """Raises NotFound (no such order), NotAuthenticated and InvalidToken."""
    if "token" in named:
        order = _by_token(named["token"], dialect)
        _check_key_of_order(request, dialect, order)
        return order, order.installation
    installation = _by_key(request, dialect)
    return (_by_id(named["order"], installation) if "order" in named else None), installation


def _by_token(token: str, dialect: Dialect) -> Order:
    callback = Callback.objects.filter(token_hash=token_hash(token), order__partner__dialect=dialect.name).first()
    order = _orders().filter(pk=callback.order_id).first() if callback else None
    if order is None:
        raise NotFound("There is no such order.")
    return order


def _by_id(order_id: str, installation: Installation) -> Order:
    found = _orders().filter(public_id=order_id, installation=installation) if is_public_id(order_id, "ord") else None
    order = found.first() if found is not None else None
    if order is None:
        raise NotFound("There is no such order.")
    return order


def _orders() -> QuerySet[Order]:
    rows = Order.objects.filter(is_told=True).exclude(installation__status=Installation.Status.REMOVED)
    return rows.select_related(*_RELATED)


def _check_key_of_order(request: HttpRequest, dialect: Dialect, order: Order) -> None:
    """The URL is the secret. Where the protocol wants a key beside it, it has to be right; else it is noted."""
    inbound = dialect.inbound
    if inbound is None:
        return
    key = _key_of(request, inbound)
    if inbound.is_required:
        if not key:
            raise NotAuthenticated("The call carries no key.")
        if not connecting.is_shown_by(order.installation, key):
            raise InvalidToken("The key is not the one that was issued to this partner.")
    elif key and not connecting.is_shown_by(order.installation, key):
        _note_wrong_key(order)


def _note_wrong_key(order: Order) -> None:
    """Once for each order: a program repeats itself."""
    log.warning("wrong_credential", order=order.public_id)
    if not AuditRecord.objects.filter(verb=WRONG_KEY, subject=order.public_id).exists():
        audit.record(WRONG_KEY, actor="door", subject=order.public_id, organization=order.organization)


def _by_key(request: HttpRequest, dialect: Dialect) -> Installation:
    inbound = dialect.inbound
    key = _key_of(request, inbound)
    if inbound is None or not key:
        raise NotAuthenticated("The call carries no key.")
    installation = connecting.holder_of(key)
    if installation is None or installation.partner.dialect != dialect.name:
        raise InvalidToken("The key is unknown, or was replaced by a newer one.")
    if inbound.installation and request.headers.get(inbound.installation, "") != installation.public_id:
        raise NotFound("There is no such integration.", integration=installation.public_id)
    return installation


def _key_of(request: HttpRequest, inbound: InboundKey | None) -> str:
    """The key that the call shows; empty where it shows none, or in another way."""
    told = request.headers.get(inbound.header, "").strip() if inbound else ""
    if not inbound or not inbound.scheme:
        return told
    scheme, _, value = told.partition(" ")
    if scheme.lower() != inbound.scheme:
        return ""
    return _user_name(value.strip()) if inbound.scheme == "basic" else value.strip()


def _user_name(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


# --- What is done ---------------------------------------------------------------------------------------------------


def _update(visit: Visit) -> Answer:
    order = visit.order or _named_in_body(visit)
    if order is None:
        return visit.dialect.taken(None)
    heard = hearing.hear_raw(order, visit.raw, request_id=current_request_id())
    if heard.refusal is not None:
        return visit.dialect.problem(heard.refusal, current_request_id())
    return visit.dialect.taken(telling.facts_of(order))


def _named_in_body(visit: Visit) -> Order | None:
    """By the partner's own id, within the Installation; None for one that waits until the id is known.

    What cannot be read is kept where it says so much. Raises NotFound.
    """
    try:
        read = visit.dialect.read_update(visit.raw)
        reference, order_id = next(((each.reference, each.order) for each in read), ("", ""))
    except Unreadable as error:
        if not error.reference:
            raise
        reference, order_id = error.reference, ""
    mine = _orders().filter(installation=visit.installation)
    found = mine.filter(public_id=order_id) if order_id else mine.filter(reference=reference or None)
    order = found.order_by("-pk").first()
    if order is None and not hearing.keep_early(
        visit.installation, reference, visit.raw, request_id=current_request_id()
    ):
        raise NotFound("There is no order of this id.")
    return order


def _nudge(visit: Visit) -> Answer:
    """Answered at once; asked later. The body is nobody's business."""
    if visit.order is None:
        raise NotFound("There is no such order.")
    asking.nudge(visit.order)
    return visit.dialect.taken(telling.facts_of(visit.order))


def _unasked(visit: Visit) -> Answer:
    """A result without an order goes the way of every back-fill."""
    read = visit.dialect.read_unasked(visit.raw)
    if visit.installation.status == Installation.Status.PAUSED:
        raise InstallationPaused
    assessment_type = AssessmentType.objects.filter(
        partner=visit.installation.partner_id, key=read.assessment_type
    ).first()
    schema = catalogue.current_schema(assessment_type) if assessment_type else None
    if assessment_type is None or schema is None:
        raise NotFound("The catalogue has no such assessment. It is read daily, and when an admin asks for it.")
    row = backfill.receive(
        visit.installation,
        backfill.told_of(read, assessment_type, schema),
        raw=visit.raw,
        request_id=current_request_id(),
    )
    if row.state == Backfill.State.REJECTED:
        detail = f"The result does not fit its form. It is kept as {row.public_id}."
        return visit.dialect.problem(ValidationFailed(detail, problems=row.problems), current_request_id())
    application = row.order.application.public_id if row.order else ""
    return visit.dialect.taken_unasked(visit.raw, application)


def _catalogue(visit: Visit) -> Answer:
    refreshing.push(visit.installation, visit.raw)
    return visit.dialect.taken(None)


def _list_catalogue(visit: Visit) -> Answer:
    return visit.dialect.list_catalogue(_offered(visit))


def _offered(visit: Visit) -> list[OfferedType]:
    rows = AssessmentType.objects.filter(partner=visit.installation.partner_id, retired_at=None).order_by("pk")
    return [OfferedType(key=row.key, name=row.name, description=row.description, kind=row.kind) for row in rows]


def _list_orders(visit: Visit) -> Answer:
    """Oldest first. Candidates are in it, so that a paused Installation gets none."""
    if visit.installation.status == Installation.Status.PAUSED:
        raise InstallationPaused
    asked = visit.dialect.read_order_query(visit.query)
    rows = _orders().filter(installation=visit.installation)
    if asked.orders:
        rows = rows.filter(public_id__in=[order for order in asked.orders if is_public_id(order, "ord")])
    if asked.statuses:
        rows = rows.filter(status__in=asked.statuses)
    if asked.created_after:
        rows = rows.filter(created_at__gte=asked.created_after)
    if asked.cursor:
        rows = rows.filter(pk__gt=_by_id(asked.cursor, visit.installation).pk)
    found = list(rows.order_by("pk")[: asked.page_size + 1])
    page = found[: asked.page_size]
    cursor = page[-1].public_id if len(found) > len(page) else ""
    return visit.dialect.list_orders([telling.facts_of(order) for order in page], cursor)


_DEEDS: dict[Capability, Callable[[Visit], Answer]] = {
    Capability.UPDATE: _update,
    Capability.NUDGE: _nudge,
    Capability.UNASKED: _unasked,
    Capability.PUSHED_CATALOGUE: _catalogue,
    Capability.LIST_CATALOGUE: _list_catalogue,
    Capability.LIST_ORDERS: _list_orders,
}


def _unread(error: Unreadable) -> DomainError:
    return ValidationFailed(error.sentence, problems=[place(error.pointer, "unreadable", error.sentence)])
