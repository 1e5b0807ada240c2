"""Programs of an organization that meet at the same moment, on PostgreSQL: one row, one winner, nothing left open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client as Http

from assessments.models import Order
from core.errors import NotFound
from core.models import Application, AuditRecord, Candidate
from partners.errors import TooManyClients
from partners.models import Delivery, Endpoint, Event
from partners.services import clients, endpoints
from tests.assessments import scene
from tests.partners.delivery.test_races import at_once
from tests.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


def test_a_client_that_is_revoked_while_it_gets_and_uses_tokens_has_none_that_works(world: World) -> None:
    client, secret = clients.create(world.acme, name="A", actor=None)
    form = urlencode({"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret})

    def use() -> str:
        answer = Http().post("/oauth/token", form, "application/x-www-form-urlencoded")
        assert answer.status_code in {200, 401}, answer.content
        token: str = answer.json().get("access_token", "")
        if token:
            assert scene.Api(token).post("jobs", {"title": "Meanwhile"}).status_code in {201, 401}
        return token

    deeds: list[Any] = [use, use, use, lambda: clients.revoke(client, actor=None), use, use]
    turns = iter(deeds)
    given = [token for token in at_once(6, lambda: next(turns)()) if token]
    assert {scene.Api(token).get("organization").status_code for token in given} <= {401}


def test_revocations_at_once_are_one(world: World) -> None:
    client, _ = clients.create(world.acme, name="A", actor=None)

    def revoke() -> bool:
        try:
            clients.revoke(client, actor=None)
        except NotFound:
            return False
        return True

    assert sum(at_once(4, revoke)) == 1
    assert AuditRecord.objects.filter(verb="client.revoked").count() == 1


def test_there_is_never_a_twenty_first_client(world: World) -> None:
    for number in range(clients.MOST_CLIENTS - 2):
        clients.create(world.acme, name=f"A{number}", actor=None)

    def create() -> bool:
        try:
            clients.create(world.acme, name="At once", actor=None)
        except TooManyClients:
            return False
        return True

    assert sum(at_once(5, create)) == 2


def test_candidates_applications_and_endpoints_that_are_made_at_once_are_made_once(world: World) -> None:
    api = scene.host(world.acme)
    person = {"first_name": "Lina", "last_name": "Okonjo", "email": "lina@mail.example"}
    answers = at_once(5, lambda: api.post("candidates", person))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    lina = Candidate.objects.get(email="lina@mail.example")
    body = {"candidate": lina.public_id, "job": world.job.public_id}
    answers = at_once(5, lambda: api.post("applications", body))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert Application.objects.filter(candidate=lina).count() == 1
    made = at_once(5, lambda: endpoints.put(world.acme, "live", "events", url="https://acme.example/h"))
    assert (sum(created for _, _, created in made), Endpoint.objects.count()) == (1, 1)


def test_an_order_that_is_sent_five_times_at_once_under_one_key_is_one_order_told_once(world: World) -> None:
    shop, api = scene.shop_of(world), scene.host(world.acme)
    endpoints.put(world.acme, "live", "events", url="https://acme.example/h")
    body = {
        "application": shop.candidacy.public_id,
        "installation": shop.installation.public_id,
        "assessment_type": "coding",
        "fields": scene.FIELDS,
    }
    answers = at_once(5, lambda: api.post("orders", body, key="one"))
    assert {answer.status_code for answer in answers} <= {201, 409}
    order = Order.objects.get()
    assert Event.objects.filter(partner=None, subject=order.public_id).count() == 1
    assert Delivery.objects.filter(endpoint__organization=world.acme).count() == 1


def test_equal_orders_at_once_are_one_and_the_others_are_asked(world: World) -> None:
    shop, api = scene.shop_of(world), scene.host(world.acme)
    body = {
        "application": shop.candidacy.public_id,
        "installation": shop.installation.public_id,
        "assessment_type": "coding",
        "fields": scene.FIELDS,
    }
    answers = at_once(5, lambda: api.post("orders", body))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    order = Order.objects.get()
    named = [answer.json()["orders"][0]["id"] for answer in answers if answer.status_code == 409]
    assert named == [order.public_id] * 4


def test_a_cancellation_and_a_result_at_once_are_told_in_the_order_that_they_had(world: World) -> None:
    shop, api = scene.shop_of(world), scene.host(world.acme)
    order = scene.place(shop)
    deeds: Iterator[Any] = iter(
        [
            lambda: api.post(f"orders/{order.public_id}/cancel"),
            lambda: shop.api().post(f"orders/{order.public_id}/results", {"kind": "final", "document": {"score": 1}}),
        ]
    )
    at_once(2, lambda: next(deeds)())
    status = scene.reread(order).status
    events = Event.objects.filter(partner=None, subject=order.public_id).order_by("pk")
    told = [event.body for event in events if event.topic == "order.status_changed"]
    assert f'"status":"{status}"' in told[-1]
    assert len(told) == 2
