"""CodeForge at work in the suite's world: what it sells, its tokens, and orders in any status. No assertions here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client as Http
from django.utils import timezone
from oauth2_provider.models import AccessToken

from assessments.lifecycle import Status
from assessments.models import AssessmentType, Backfill, Order, OrderUpdate, ResultSchema
from assessments.services import catalogue, expiry, orders, results, updates
from assessments.services.backfill import Told, receive
from assessments.services.results import Recorded
from core.models import Application as Candidacy
from core.models import Organization
from partners.delivery import readers
from partners.models import Application, Delivery, Endpoint, Environment, Event, Installation, Partner, Purpose
from partners.scopes import ALL, ORGANIZATION_SCOPES
from partners.services import clients, credentials, installations, onboarding
from partners.types import Client
from tests.world import PASSWORD, World

# A coding test of one number, with a verdict.
RESULT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 100, "title": "Score"},
        "verdict": {"enum": ["pass", "fail"], "x-outcome": {"pass": "passed", "fail": "failed"}},
        "report": {"type": "string", "format": "uri"},
    },
    "required": ["score"],
    "x-summary": {"score": "/score", "maximum": 100, "outcome": "/verdict", "report_url": "/report"},
}
ORDER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "language": {"type": "string", "enum": ["python", "go"]},
        "minutes": {"type": "integer", "minimum": 30, "maximum": 120},
    },
    "required": ["language"],
}
FIELDS = {"language": "python"}
DOCUMENT = {"score": 81, "verdict": "pass"}
# When what comes without an order was taken.
TAKEN = datetime(2025, 3, 4, 10, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16

_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A partner with one assessment type, installed in one organization."""

    partner: Partner
    application: Application
    installation: Installation
    assessment_type: AssessmentType
    schema: ResultSchema
    candidacy: Candidacy

    def client(self, *scopes: str, installation: Installation | None = None) -> Client:
        """The partner's side of a call, as selectors take it; every scope where none is named."""
        return Client(
            partner=self.partner,
            application=self.application,
            scopes=frozenset(scopes or ALL),
            installation=installation,
        )

    def api(self, *scopes: str, of: Installation | None = None) -> Api:
        """Its program, with a token of these scopes (every one where none is named)."""
        return Api(token(self.application, scopes or ALL, of=of))


class Api:
    """Calls of ``/api/v1`` with a bearer token."""

    def __init__(self, token: str) -> None:
        self._http = Http()
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: str) -> Any:
        return self._http.get(f"/api/v1/{path}", query, headers=self._headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.send("POST", path, json.dumps(body or {}).encode(), key=key)

    def speaking(self, version: str) -> Api:
        """The same caller in another dated version of the API."""
        self._headers |= {"Api-Version": version}
        return self

    def holding(self, etags: str) -> Api:
        """The same caller with answers that it has already."""
        return self.saying({"If-None-Match": etags})

    def saying(self, headers: dict[str, str]) -> Api:
        """The same caller with more headers."""
        other = Api("")
        other._headers = {**self._headers, **headers}
        return other

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, json.dumps(body).encode())

    def put(self, path: str, body: Any) -> Any:
        return self.send("PUT", path, json.dumps(body).encode())

    def delete(self, path: str) -> Any:
        return self._http.delete(f"/api/v1/{path}", headers=self._headers)

    def send(
        self, method: str, path: str, raw: bytes, *, kind: str = "application/json", key: str | None = None
    ) -> Any:
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return self._http.generic(method, f"/api/v1/{path}", raw, content_type=kind, headers=headers)

    def upload(self, path: str, content: bytes, *, name: str = "report.pdf", part: str = "file") -> Any:
        file = ContentFile(content, name=name)
        return self._http.post(f"/api/v1/{path}", {part: file}, headers=self._headers)


def token(application: Application, scopes: Iterable[str], *, of: Installation | None = None) -> str:
    """A bearer token, as OAuth leaves it in the database; with ``of``, one from the consent of that Installation."""
    text = f"token-{next(_numbers)}"
    row = AccessToken(
        application=application,
        user=of.service_user if of else None,
        scope=" ".join(scopes),
        expires=timezone.now() + timedelta(hours=1),
        token=text,
    )
    row.save()
    return text


def host(organization: Organization, *scopes: str) -> Api:
    """A program of the organization's own, with a token of these scopes (every one where none is named)."""
    return Api(program(organization, *scopes))


def program(organization: Organization, *scopes: str) -> str:
    """The token of such a program."""
    client, _secret = clients.create(organization, name="Our hiring system", actor="tests")
    return token(client, scopes or ORGANIZATION_SCOPES)


def open_shop(name: str, organization: Organization, candidacy: Candidacy, *, scopes: Iterable[str] = ALL) -> Shop:
    """An approved partner with live credentials, one type with a published schema, at work in the organization."""
    slug = name.lower()
    registration = onboarding.register_partner(
        name=name, contact_email=f"dev@{slug}.example", password=PASSWORD, redirect_uris=[f"https://{slug}.example/cb"]
    )
    partner = onboarding.approve(registration.partner, actor="support")
    application, _secret = credentials.issue(partner, Environment.LIVE)
    assessment_type, _created = catalogue.put_type(
        partner,
        "coding",
        name=f"{name} coding test",
        description="Two tasks in an hour.",
        kind="coding",
        order_schema_text=json.dumps(ORDER_SCHEMA),
    )
    schema = catalogue.publish(catalogue.draft_schema(assessment_type, json.dumps(RESULT_SCHEMA)))
    installation = installations.install(partner, organization, scopes=scopes, actor="tests")
    return Shop(
        partner=partner,
        application=application,
        installation=installation,
        assessment_type=assessment_type,
        schema=schema,
        candidacy=candidacy,
    )


def endpoint(shop: Shop, url: str = "https://codeforge.example/hooks", purpose: str = Purpose.EVENTS) -> Endpoint:
    """Where its events go."""
    return Endpoint.objects.create(partner=shop.partner, environment=Environment.LIVE, purpose=purpose, url=url)


def place(shop: Shop, **changes: Any) -> Order:
    """A fresh order of the shop's type, by a recruiter's application."""
    order = orders.place(
        **{
            "application": shop.candidacy,
            "installation": shop.installation,
            "assessment_type": shop.assessment_type,
            "fields": FIELDS,
            "placed_by": None,
            **changes,
        }
    )
    return reread(order)


def reread(order: Order) -> Order:
    """As a view gets it: with what belongs to it, and nothing remembered."""
    related = ("organization", "partner", "installation__organization", "installation__partner", "assessment_type")
    return Order.objects.select_related(*related, "result_schema", "candidate", "application__job").get(pk=order.pk)


def tell(order: Order, kind: str, **words: Any) -> OrderUpdate:
    """What the partner tells of it, in no particular bytes."""
    return updates.record(order, kind=kind, occurred_at=words.pop("occurred_at", None), raw=b"{}", **words)


def post(order: Order, document: Any = None, *, kind: str = "final", **words: Any) -> Recorded:
    """A result by the service."""
    value = DOCUMENT if document is None else document
    text = json.dumps(value)
    return results.record(
        order,
        kind=kind,
        document=value,
        document_text=text,
        raw=text.encode(),
        occurred_at=words.pop("occurred_at", None),
        **words,
    )


def backfill(shop: Shop, document: Any = None, **candidate: str) -> Backfill:
    """A result of the shop's type without an order, of whom these words mean; "old-7" to the partner."""
    value = DOCUMENT if document is None else document
    told = Told(
        assessment_type=shop.assessment_type,
        result_schema=shop.assessment_type.result_schemas.filter(state="published").latest("version"),
        candidate=candidate,
        document_text=json.dumps(value, indent=1),
        document=value,
        occurred_at=TAKEN,
        reference="old-7",
    )
    return receive(shop.installation, told, raw=b"{}", request_id="req_1")


def in_status(shop: Shop, status: Status) -> Order:
    """An order that came to this status by the services alone."""
    order = place(shop)
    match status:
        case Status.SENT:
            tell(order, "accepted")
        case Status.STARTED:
            tell(order, "started")
        case Status.COMPLETED:
            post(order)
        case Status.DECLINED:
            tell(order, "declined", message="No seats left.")
        case Status.CANCELLED:
            orders.cancel(order, actor="tests")
        case Status.EXPIRED:
            Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))
            expiry.expire_due()
        case Status.FAILED:
            give_up(order)
    order = reread(order)
    assert order.status == status
    return order


def give_up(order: Order, state: str = Delivery.State.GIVEN_UP, note: str = "It answered 500.") -> None:
    """Settles the newest order.placed of it, as the delivery floor tells its reader."""
    event = Event.objects.filter(subject=order.public_id, topic="order.placed").latest("pk")
    at = Endpoint.objects.filter(partner=order.partner).first() or Endpoint.objects.create(
        partner=order.partner, environment=Environment.LIVE, purpose=Purpose.EVENTS, url="https://x.example/"
    )
    delivery, _new = Delivery.objects.get_or_create(event=event, endpoint=at, defaults={"purpose": Purpose.ORDER})
    Delivery.objects.filter(pk=delivery.pk).update(state=state, note=note)
    delivery.refresh_from_db()
    with transaction.atomic():
        readers.reader_of("order.placed").settled(delivery, state)


def shop_of(world: World) -> Shop:
    return open_shop("CodeForge", world.acme, world.application)


def mallorys_shop(world: World) -> Shop:
    return open_shop("Sneak", world.globex, world.globex_application)
