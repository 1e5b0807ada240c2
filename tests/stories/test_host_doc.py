"""The examples of docs/host.md, run against a server as they stand; and its tables, held to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments import topics
from assessments.models import Order
from assessments.samples import OF_ORGANIZATIONS
from core.models import Candidate, RequestLog
from partners.models import Delivery, Event
from partners.scopes import ORGANIZATION_SCOPES
from partners.services import clients
from tests.assessments import scene
from tests.stories.pages import in_every_language, run_page, text
from tests.world import World

PAGE = "host.md"


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_work(language: str, live_server: LiveServer, world: World, tmp_path: Path) -> None:
    shop = scene.shop_of(world)
    client, secret = clients.create(world.acme, name="Our hiring system", actor=world.admin.user)
    keys = {"CLIENT_ID": client.client_id, "CLIENT_SECRET": secret}
    said = run_page(language, PAGE, where=tmp_path, BASE=live_server.url, **keys)
    order = Order.objects.get()
    lina = Candidate.objects.get(email="lina.okonjo@mail.example")
    assert (order.candidate, order.status, order.reason) == (lina, "cancelled", "The position is filled.")
    assert order.application.stage.name == "Assessment"
    assert "304" in re.findall(r"\b\d{3}$", said, re.MULTILINE)
    told = Event.objects.filter(partner=None, organization=world.acme).order_by("pk").values_list("topic", flat=True)
    assert list(told) == ["order.status_changed", "result.received", "order.status_changed"]
    assert Delivery.objects.filter(endpoint__organization=world.acme).count() == 2
    assert RequestLog.objects.filter(client_id=client.client_id, partner="").count() > 15
    assert shop.installation.orders.get() == order


def test_its_tables_are_those_of_the_code() -> None:
    scopes = dict(re.findall(r"^\| `([a-z]+:[a-z]+)` \| (.*) \|$", text(PAGE), re.MULTILINE))
    assert scopes == ORGANIZATION_SCOPES
    told = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.*?) \| (.*) \|$", text(PAGE), re.MULTILINE)
    assert {name: (members, sentence) for name, members, sentence in told} == {
        name: (", ".join(f"`{member}`" for member in OF_ORGANIZATIONS[name]), topic.sentence)
        for name, topic in topics.ORGANIZATION_TOPICS.items()
    }
