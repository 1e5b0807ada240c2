"""A partner's whole conversation in its protocol, walked through in a sandbox, with a report of every step.

What a protocol can do is asked, ordered and cancelled by the services that everything goes through; the partner calls
our doors as it always does. Nothing here waits: :func:`advance` does what can be done now, and is called again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from assessments.check_report import ERRORS, Conformance, Step, answer_text, call_text, report
from assessments.dialects.base import Capability, Dialect, Unreadable
from assessments.dialects.table import DIALECTS
from assessments.errors import CheckInSandboxOnly
from assessments.lifecycle import PENDING, Status
from assessments.models import AssessmentType, Order, PartnerCheck
from assessments.schemas.order_schema import OrderField, form_fields
from assessments.services import leases, orders, refreshing, telling
from core import audit, http
from core.errors import DomainError
from core.models import Application, User
from partners.delivery import asking
from partners.delivery.auth import Unsendable
from partners.delivery.messages import Message
from partners.models import Installation, Purpose

CHECK_DUE = "assessments.check_partners"
# How long the partner may take, and how often it is looked at meanwhile.
PATIENCE, PAUSE = timedelta(minutes=2), timedelta(seconds=2)
BATCH = 10
# The protocol carries a complaint; this one says what it is.
COMPLAINT = "This is a test of your error address: there is nothing to be mended."


def begin(installation: Installation, *, actor: User | None, patience: timedelta = PATIENCE) -> PartnerCheck:
    """A new check; the first steps are taken by :func:`advance`. Raises CheckInSandboxOnly: it orders for real."""
    if not installation.organization.is_sandbox or not dialect_of(installation).addresses:
        raise CheckInSandboxOnly
    check = PartnerCheck.objects.create(installation=installation, started_by=actor, until=timezone.now() + patience)
    audit.record(
        "partner.check_started", actor=actor, subject=installation.public_id, organization=installation.organization
    )
    return check


def advance_due() -> int:
    """Those that are to be looked at; returns how many."""
    claimed = leases.take(PartnerCheck.objects.all(), most=BATCH)
    for pk in claimed:
        advance(_loaded(pk))
    return len(claimed)


def advance(check: PartnerCheck) -> None:
    """Does what can be done now: asks, orders, cancels what has arrived, ends. Not inside a transaction."""
    if check.ended_at is not None:
        return
    if check.asked is None:
        check.asked = [asdict(step) for step in _asked(check.installation)]
        _place(check)
    if (second := check.cancelled_order) is not None and second.status in (Status.SENT, Status.STARTED):
        orders.cancel(second, actor=check.started_by, reason="A check of the protocol.")
    if (
        check.order is not None
        and check.order.status not in PENDING
        and not any(step["title"] == ERRORS for step in check.asked)
    ):
        check.asked += [asdict(step) for step in _complained(check)]
    now = timezone.now()
    is_over = now >= check.until or not any(step.conformance == Conformance.WAITING for step in report(check))
    check.ended_at, check.next_at = (now, None) if is_over else (None, now + PAUSE)
    check.claimed_until = None
    check.save()


def dialect_of(installation: Installation) -> Dialect:
    return DIALECTS[installation.partner.dialect]


def _loaded(pk: int) -> PartnerCheck:
    rows = PartnerCheck.objects.select_related(
        "installation__partner", "installation__organization", "started_by", "order", "cancelled_order"
    )
    return rows.get(pk=pk)


# --- What is asked ----------------------------------------------------------------------------------------------------


def _asked(installation: Installation) -> Iterator[Step]:
    dialect, ours = dialect_of(installation), installation.public_id
    if Capability.CATALOGUE in dialect.offers:
        yield _question(
            installation, Capability.CATALOGUE, "The catalogue", dialect.ask_catalogue(ours), dialect.read_catalogue
        )
        refreshing.refresh(installation)
    if Capability.PUSHED_CATALOGUE in dialect.offers:
        yield _pushed(installation)
    if Capability.FIELDS in dialect.offers:
        asks, title = dialect.ask_fields(ours), "The order form"
        yield _question(installation, Capability.FIELDS, title, asks, dialect.read_fields)


def _question(
    installation: Installation, capability: Capability, title: str, message: Message, read: Callable[[http.Reply], Any]
) -> Step:
    """One call, and whether its answer can be read."""
    rule = dialect_of(installation).rules.get(capability, "")
    endpoint = asking.address_of(installation, message.purpose)
    if endpoint is None or not endpoint.enabled:
        return Step(title=title, conformance=Conformance.ABSENT, sentence="There is no address for it.", rule=rule)
    sent = call_text(message.method, endpoint.url + (f"?{message.query}" if message.query else ""), message.body)
    try:
        reply = asking.ask(installation, message)
    except (http.Failure, Unsendable) as failure:
        return Step(
            title=title, conformance=Conformance.BROKEN, sentence=f"No answer: {failure}.", rule=rule, sent=sent
        )
    came = answer_text(reply.status, reply.body)
    try:
        found = read(reply)
    except Unreadable as error:
        return Step(
            title=title, conformance=Conformance.BROKEN, sentence=_placed(error), rule=rule, sent=sent, came=came
        )
    return Step(title=title, conformance=Conformance.FINE, sentence=_found(found), rule=rule, sent=sent, came=came)


def _placed(error: Unreadable) -> str:
    return f"{error.sentence} (at {error.pointer})" if error.pointer else error.sentence


def _found(found: Any) -> str:
    """What could be read, in words."""
    if isinstance(found, tuple):
        return f"{len(found)} assessments: {', '.join(each.name for each in found[:5])}" + ("…" if found[5:] else ".")
    if isinstance(found, dict):
        return f"{len(found.get('properties', {}))} fields."
    return "It was taken."


def _pushed(installation: Installation) -> Step:
    rule, title = dialect_of(installation).rules.get(Capability.PUSHED_CATALOGUE, ""), "The catalogue"
    last = refreshing.last_of(installation)
    if last is None or not last.outcome:
        return Step(title=title, conformance=Conformance.SILENT, sentence="The partner has not told it yet.", rule=rule)
    return Step(title=title, conformance=Conformance.FINE, sentence=last.sentence, rule=rule)


# --- What is ordered --------------------------------------------------------------------------------------------------


def _place(check: PartnerCheck) -> None:
    """One order to be done, and one to be cancelled where the partner can be told."""
    kind = AssessmentType.objects.filter(partner=check.installation.partner, retired_at=None).order_by("pk").first()
    applications = list(
        Application.objects.filter(organization=check.installation.organization, status=Application.Status.ACTIVE)
        .select_related("candidate", "job", "organization")
        .annotate(placed=Count("orders"))
        .order_by("placed", "pk")[:2]
    )
    if kind is None or not applications:
        _fail(check, "There is nothing to order: the catalogue is empty." if kind is None else "There is no candidate.")
        return
    try:
        with transaction.atomic():
            check.order = _order(check, kind, applications[0])
            if len(applications) > 1 and _may_cancel(check.installation):
                check.cancelled_order = _order(check, kind, applications[1])
            # With the orders: whoever goes on after a crash finds them.
            check.save()
    except DomainError as refusal:
        check.order = check.cancelled_order = None
        _fail(check, f"{refusal.detail} {' '.join(problem['message'] for problem in refusal.problems)}".strip())


def _order(check: PartnerCheck, kind: AssessmentType, application: Application) -> Order:
    return orders.place(
        application=application,
        installation=check.installation,
        assessment_type=kind,
        fields={
            field.name: _sample(field) for field in form_fields(json.loads(kind.order_schema or "{}")) if field.required
        },
        placed_by=check.started_by,
    )


def _sample(field: OrderField) -> Any:
    """A value that the form takes."""
    samples: dict[str, Any] = {
        "choice": field.choices[0][0] if field.choices else "",
        "choices": [field.choices[0][0]] if field.choices else [],
        "number": field.minimum or 1,
        "integer": int(field.minimum or 1),
        "boolean": True,
        "date": timezone.now().date().isoformat(),
        "email": "check@candidates.example",
        "url": "https://candidates.example/check",
    }
    return samples.get(field.kind, "Check"[: field.max_length])


def _may_cancel(installation: Installation) -> bool:
    endpoint = asking.address_of(installation, Purpose.CANCEL)
    return Capability.CANCEL in dialect_of(installation).offers and endpoint is not None and endpoint.enabled


def _fail(check: PartnerCheck, sentence: str) -> None:
    rule = dialect_of(check.installation).rules.get(Capability.ORDER, "")
    step = Step(title="The order", conformance=Conformance.BROKEN, sentence=sentence, rule=rule)
    check.asked = [*(check.asked or ()), asdict(step)]


# --- The address for errors -------------------------------------------------------------------------------------------


def _complained(check: PartnerCheck) -> Iterator[Step]:
    """When all else is over: it is not to be taken for a complaint about this order."""
    dialect = dialect_of(check.installation)
    if Capability.COMPLAIN in dialect.offers and check.order is not None:
        message = dialect.complain(telling.facts_of(check.order), COMPLAINT)
        yield _question(check.installation, Capability.COMPLAIN, ERRORS, message, _any_success)


def _any_success(reply: http.Reply) -> str:
    if not 200 <= reply.status < 300:
        raise Unreadable(f"It answered {reply.status}.")
    return "taken"
