"""A vendor of each protocol over real HTTP, from the form in which an admin connects it to what a recruiter reads.

The vendor answers at a port of its own and calls our doors on a running server; the people use the pages. Kombo's is
also spoken by its official SDK, as the page of that protocol shows.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client
from kombo import Kombo
from pytest_django.live_server_helper import LiveServer

from assessments.dialects.table import DIALECTS
from assessments.forms import PREFIX
from assessments.models import AssessmentType, Order
from assessments.services import connections, refreshing
from core.models import Membership
from partners.models import Installation
from tests.assessments.compat.scene import CREDENTIAL, Vendor
from tests.assessments.dialects.shipped import payload
from tests.contracts.conversations import CONVERSATIONS, Told
from tests.contracts.test_connected import filled
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.partners.delivery.scene import deliver
from tests.world import World

SignIn = Callable[[Membership], Client]
pytestmark = pytest.mark.django_db(transaction=True)
# What the recruiter reads of each vendor's sample result.
READ = {
    "ashby": ("scale not stated", "Completed"),
    "greenhouse": ("scale not stated", "Completed"),
    "workable": ("Passed", "Completed"),
    "recruitee": ("Completed",),
    "kombo": ("Completed",),
}


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture
def base(live_server: LiveServer, settings: Any) -> str:
    """Our doors are where the vendor is told that they are."""
    settings.PUBLIC_URL = live_server.url
    return str(live_server.url)


def connect(name: str, server: PartnerServer, admin: Client, world: World) -> Vendor:
    """The admin fills in the form; the key is shown once."""
    speaks = DIALECTS[name]
    urls = {f"url_{address.purpose}": f"{server.url}/{address.purpose}" for address in speaks.addresses}
    form = {"name": "Lingua", "credential": CREDENTIAL, **urls}
    page = admin.post(f"/protocols/{name}", form)
    assert page.status_code == 200, page.content.decode()
    shown = re.search(r"assay_key_[\w-]+", page.content.decode())
    vendor = Vendor(
        dialect=name,
        server=server,
        installation=Installation.objects.get(partner__dialect=name),
        key=shown[0] if shown else "",
        application=world.application,
    )
    server.behave(lambda visit: vendor.answer(visit, server.received[-1]))
    for purpose, (sample, status) in CONVERSATIONS[name].answers.items():
        vendor.says(purpose, sample, status)
    return vendor


def call(vendor: Vendor, base: str, told: Told, order: Order | None = None) -> None:
    """The vendor calls one of our doors on the running server."""
    door = told.door
    if order is not None:
        token = vendor.token_of(order) if "{token}" in door else ""
        door = door.replace("{token}", token).replace("{order}", order.public_id)
    answer = httpx.request(
        told.method,
        f"{base}/compat/{vendor.dialect}/{door}",
        headers={"Content-Type": "application/json", **vendor.credentials()},
        content=payload(vendor.dialect, told.sample) if told.sample else b"",
        trust_env=False,
    )
    assert answer.is_success, answer.text


@pytest.mark.parametrize("name", [dialect.name for dialect in connections.connectable()])
def test_from_the_form_to_the_profile(
    name: str,
    base: str,
    server: PartnerServer,
    world: World,
    signed_in: SignIn,
) -> None:
    admin, recruiter = signed_in(world.admin), signed_in(world.recruiter)
    vendor, conversation = connect(name, server, admin, world), CONVERSATIONS[name]
    refreshing.refresh_due()
    for told in conversation.before:
        call(vendor, base, told)

    kind = AssessmentType.objects.filter(partner=vendor.installation.partner).order_by("pk")[0]
    sending = f"/candidates/{world.ada.public_id}/send"
    assert kind.name in recruiter.get(sending).content.decode()
    answers = {f"{PREFIX}{field}": value for field, value in filled(vendor).items()}
    placed = recruiter.post(f"{sending}/{kind.public_id}", {"application": world.application.public_id, **answers})
    assert placed.status_code == 302, placed.content.decode()
    deliver()
    order = Order.objects.get()
    for told in conversation.after:
        call(vendor, base, told, order)
    if conversation.asked:
        vendor.says("status", conversation.asked)
        vendor.asks(order)

    profile = recruiter.get(f"/candidates/{world.ada.public_id}").content.decode()
    assert [word for word in (kind.name, *READ[name]) if word not in profile] == []
    assert CREDENTIAL not in profile
    # The other organization's people see neither the partner nor the result.
    mallory = signed_in(world.mallory)
    assert "Lingua" not in mallory.get("/integrations").content.decode()
    assert mallory.get(f"/orders/{order.public_id}").status_code == 404


def test_kombos_official_sdk_puts_packages_reads_orders_and_puts_a_result(
    base: str, server: PartnerServer, world: World, signed_in: SignIn
) -> None:
    vendor = connect("kombo", server, signed_in(world.admin), world)
    page = (Path(settings.BASE_DIR) / "docs" / "dialects" / "kombo.md").read_text()
    names: dict[str, Any] = {"BASE": base, "KEY": vendor.key, "INSTALLATION": vendor.installation.public_id}
    (block,) = re.findall(r"^ *```python\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    exec(textwrap.dedent(block), names)
    client: Kombo = names["client"]

    packages: Any = [{"id": "1001", "type": "SKILLS_TEST", "name": "Modelling", "description": "One hour."}]
    client.assessment.set_packages(packages=packages)
    order = vendor.ordered()
    listed: Any = client.assessment.get_assessment_orders()
    (asked,) = listed.result.data.results
    assert (asked.id, asked.candidate.email) == (order.public_id, world.ada.email)
    result: Any = {"status": "COMPLETED", "result_url": "https://lingua.example/r/1", "score": 90, "max_score": 120}
    client.assessment.update_order_result(assessment_order_id=asked.id, **result)
    profile = signed_in(world.recruiter).get(f"/candidates/{world.ada.public_id}").content.decode()
    assert [word for word in ("Modelling", "90", "Completed") if word not in profile] == []
