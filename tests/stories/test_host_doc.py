"""The commands of docs/host.md, run by a shell against a server as they stand; and its tables, held to the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from assessments import topics
from assessments.models import Order
from assessments.samples import OF_ORGANIZATIONS
from core.models import Candidate, RequestLog
from partners.models import Delivery, Event
from partners.scopes import ORGANIZATION_SCOPES
from partners.services import clients
from tests.assessments import scene
from tests.world import World

TEXT = (Path(settings.BASE_DIR) / "docs" / "host.md").read_text(encoding="utf-8")


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server: LiveServer, world: World, tmp_path: Path) -> None:
    shop = scene.shop_of(world)
    client, secret = clients.create(world.acme, name="Our hiring system", actor=world.admin.user)
    given = f"BASE={live_server.url}\nCLIENT_ID={client.client_id}\nCLIENT_SECRET={secret}\n"
    script = "set -euo pipefail\n" + given + "\n".join(re.findall(r"^```sh\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE))
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    order = Order.objects.get()
    lina = Candidate.objects.get(email="lina.okonjo@mail.example")
    assert (order.candidate, order.status, order.reason) == (lina, "cancelled", "The position is filled.")
    assert order.application.stage.name == "Assessment"
    assert "}304\n" in done.stdout
    told = Event.objects.filter(partner=None, organization=world.acme).order_by("pk").values_list("topic", flat=True)
    assert list(told) == ["order.status_changed", "result.received", "order.status_changed"]
    assert Delivery.objects.filter(endpoint__organization=world.acme).count() == 2
    assert RequestLog.objects.filter(client_id=client.client_id, partner="").count() > 15
    assert shop.installation.orders.get() == order


def test_its_tables_are_those_of_the_code() -> None:
    scopes = dict(re.findall(r"^\| `([a-z]+:[a-z]+)` \| (.*) \|$", TEXT, re.MULTILINE))
    assert scopes == ORGANIZATION_SCOPES
    told = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.*?) \| (.*) \|$", TEXT, re.MULTILINE)
    assert {name: (members, sentence) for name, members, sentence in told} == {
        name: (", ".join(f"`{member}`" for member in OF_ORGANIZATIONS[name]), topic.sentence)
        for name, topic in topics.ORGANIZATION_TOPICS.items()
    }
