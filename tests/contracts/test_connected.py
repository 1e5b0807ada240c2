"""What every partner connected by its protocol goes through, over HTTP in both directions, in each dialect there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Http
from django.urls import get_resolver

from assessments.cards import view_of
from assessments.dialects.base import Capability
from assessments.dialects.table import DIALECTS
from assessments.models import Order, ReportToFetch
from assessments.rendering.viewmodel import leaves
from assessments.services import connections
from core.models import RequestLog
from partners.models import Delivery
from tests.assessments.compat import scene
from tests.assessments.compat.scene import Vendor
from tests.assessments.dialects.shipped import payload
from tests.assessments.rendering.test_builder import pointers
from tests.assessments.scene import reread
from tests.contracts.conversations import CONVERSATIONS, Told
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.world import World

pytestmark = pytest.mark.django_db
NAMES = [dialect.name for dialect in connections.connectable()]
every_dialect = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


def met(world: World, server: PartnerServer, name: str) -> Vendor:
    """Connected, with its catalogue here."""
    vendor, conversation = scene.connected(world, server, name), CONVERSATIONS[name]
    for purpose, (sample, status) in conversation.answers.items():
        vendor.says(purpose, sample, status)
    if Capability.CATALOGUE in DIALECTS[name].offers:
        assert vendor.refresh().outcome == "done", vendor.refresh().sentence
    for told in conversation.before:
        assert tell(vendor, told).status_code == 200
    return vendor


def tell(vendor: Vendor, told: Told, order: Order | None = None, **headers: str) -> Any:
    door = told.door
    if "{token}" in door and order is not None:
        door = door.replace("{token}", vendor.token_of(order))
    door = door.replace("{order}", order.public_id if order else "")
    body = payload(vendor.dialect, told.sample) if told.sample else b""
    return vendor.tell(told.method, door, body, **headers)


def filled(vendor: Vendor) -> dict[str, Any]:
    """What the order form of its first type asks for, at the least."""
    schema = json.loads(vendor.types[0].order_schema or "{}")
    asked = {name: schema["properties"][name] for name in schema.get("required", [])}
    return {name: _answer(part) for name, part in asked.items()}


def _answer(part: dict[str, Any]) -> Any:
    choices = [*part.get("enum", []), *(choice["const"] for choice in part.get("oneOf", []))]
    return (
        choices[0] if choices else {"boolean": True, "number": 1, "integer": 1}.get(part.get("type", ""), "2026-12-01")
    )


def through(vendor: Vendor) -> Order:
    """From the order to the last that the vendor tells."""
    order, conversation = vendor.ordered(fields=filled(vendor)), CONVERSATIONS[vendor.dialect]
    for told in conversation.after:
        answer = tell(vendor, told, order)
        assert 200 <= answer.status_code < 300, answer.content
    if conversation.asked:
        vendor.says("status", conversation.asked)
        vendor.asks(order)
    return reread(order)


@every_dialect
def test_from_connecting_to_a_rendered_result(world: World, server: PartnerServer, name: str) -> None:
    vendor = met(world, server, name)
    order = through(vendor)
    assert order.status == "completed"
    result = order.results.order_by("-revision")[0]
    assert result.kind == "final"
    shown = view_of(result, "recruiter")
    # Whatever the document holds is shown, once: the very renderer of native results.
    assert sorted(field.pointer for field in leaves(shown)) == sorted(pointers(json.loads(result.document)))
    assert shown.headlines


@every_dialect
def test_every_word_of_it_is_kept_raw_and_normalised(world: World, server: PartnerServer, name: str) -> None:
    vendor = met(world, server, name)
    order = through(vendor)
    samples = [payload(name, told.sample) for told in CONVERSATIONS[name].after if told.sample]
    kept = [bytes(raw) for raw in order.updates.values_list("raw", flat=True)]
    assert [sample for sample in samples if sample not in kept] == []
    assert all(json.loads(text)["kind"] for text in order.updates.values_list("normalised", flat=True))


@every_dialect
def test_the_same_told_again_changes_nothing(world: World, server: PartnerServer, name: str) -> None:
    vendor = met(world, server, name)
    order = through(vendor)
    before = (order.results.count(), order.updates.count())
    for _ in range(3):
        tell(vendor, CONVERSATIONS[name].after[-1], order)
        if CONVERSATIONS[name].asked:
            vendor.asks(order)
    assert (order.results.count(), order.updates.count(), reread(order).status) == (*before, "completed")


@every_dialect
def test_a_call_without_the_key_is_refused_where_the_protocol_has_one(
    world: World, server: PartnerServer, name: str
) -> None:
    vendor = met(world, server, name)
    order = vendor.ordered(fields=filled(vendor))
    inbound = DIALECTS[name].inbound
    assert inbound is not None
    last = CONVERSATIONS[name].after[-1]
    wrong = {**vendor.credentials(), inbound.header: "Bearer wrong" if inbound.scheme == "bearer" else "Basic d3Jvbmc6"}
    for headers in ({"x-nothing": "1"}, wrong):
        status = tell(vendor, last, order, **headers).status_code
        assert status in ({401, 403} if inbound.is_required else {200}), status
    assert reread(order).status in {"requested", "sent"}


@every_dialect
def test_mallorys_key_opens_nothing_of_acmes(world: World, server: PartnerServer, name: str) -> None:
    vendor = met(world, server, name)
    order = vendor.ordered(fields=filled(vendor))
    if not DIALECTS[name].inbound or not DIALECTS[name].inbound.is_required:  # type: ignore[union-attr]  # just asked
        return
    sneak = connections.connect(
        world.globex,
        dialect=DIALECTS[name],
        name="Sneak",
        urls={address.purpose: f"{server.url}/sneak/{address.purpose}" for address in DIALECTS[name].addresses},
        credential="x",
        scopes=(),
        actor=world.mallory.user,
    )
    before = order.updates.count()
    mallory = Vendor(
        dialect=name, server=server, installation=sneak.installation, key=sneak.key, application=world.application
    )
    answer = tell(vendor, CONVERSATIONS[name].after[-1], order, **mallory.credentials())
    assert answer.status_code in {200, 401, 403, 404}
    assert order.updates.count() == before
    assert reread(order).status in {"requested", "sent"}


@every_dialect
def test_what_cannot_be_read_is_kept_and_refused_in_the_protocols_form(
    world: World, server: PartnerServer, name: str
) -> None:
    vendor = met(world, server, name)
    order = vendor.ordered(fields=filled(vendor))
    last = CONVERSATIONS[name].after[-1]
    if Capability.UPDATE not in DIALECTS[name].offers:
        return
    door = last.door.replace("{order}", order.public_id)
    door = door.replace("{token}", vendor.token_of(order)) if "{token}" in door else door
    answer = vendor.tell(last.method, door, b"\x00{ not json")
    assert not answer.headers["Content-Type"].startswith("application/problem+json")
    kept = order.updates.filter(kind="unreadable")
    # Where the body alone says which order it is about, nobody knows: of that the request log has the length.
    assert kept.count() == (0 if "{" not in last.door else 1)
    assert RequestLog.objects.latest("pk").request_body.startswith("[not readable: 11 bytes")
    assert reread(order).status in {"requested", "sent"}


@every_dialect
def test_the_credential_goes_along_and_nothing_else_of_ours(world: World, server: PartnerServer, name: str) -> None:
    vendor = met(world, server, name)
    vendor.ordered(fields=filled(vendor))
    call = vendor.calls("order")[-1]
    assert vendor.key not in str(call.headers)
    assert world.ada.phone not in call.body.decode()
    assert world.ada.email in call.body.decode()


@every_dialect
def test_without_what_the_protocol_needs_of_the_candidate_nothing_is_sent(
    world: World, server: PartnerServer, name: str
) -> None:
    from core.errors import ValidationFailed

    vendor = met(world, server, name)
    world.ada.email = ""
    world.ada.save()
    vendor.application.refresh_from_db()
    with pytest.raises(ValidationFailed) as refused:
        vendor.place(fields=filled(vendor))
    assert [problem["pointer"] for problem in refused.value.problems] == ["/candidate/email"]
    assert not Delivery.objects.filter(event__topic="order.placed").exists()


@every_dialect
def test_each_door_is_a_route_and_an_unknown_method_is_refused_in_form(name: str, db: None) -> None:
    for door in DIALECTS[name].doors:
        path = "/" + door.path.replace("{token}", "x" * 22).replace("{order}", "ord_1")
        assert get_resolver().resolve(path).kwargs.keys() <= {"token", "order"}
        answer = Http().generic("DELETE", path)
        assert answer.status_code in {405, 200}
        assert not answer.headers["Content-Type"].startswith(("application/problem+json", "text/html"))


def test_reports_by_url_are_fetched_and_those_by_content_kept(world: World, server: PartnerServer) -> None:
    from assessments.services import fetching
    from tests.assessments.scene import PDF
    from tests.fakes import partner_server as fakes

    vendor = met(world, server, "workable")
    order = vendor.ordered()
    vendor.answers["report"] = fakes.status(200, PDF, content_type="text/html")
    body = json.loads(payload("workable", "completed"))
    ReportToFetch.objects.create(order=order, url=f"{server.url}/report", name="Full report")
    assert fetching.fetch_due() == 1
    stored = order.attachments.get()
    assert (stored.content_type, stored.name) == ("application/pdf", "Full report.pdf")
    assert "authorization" not in vendor.calls("report")[0].headers
    assert body["attachments"]
