"""Checking a partner's conversation from the page of its connection: begun in a sandbox, read by its admins only."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from assessments.check_report import report
from assessments.models import Order, PartnerCheck
from assessments.services import asking, checking
from core.models import Membership, Organization, Role, User
from partners.models import Installation
from partners.services import connecting, sandboxes
from tests.assessments.dialects.shipped import payload
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.partners.delivery.scene import deliver
from tests.world import PASSWORD, World

SignIn = Callable[[Membership], Client]
CREDENTIAL = "vendor-key-7f3a"
pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        for path, sample in (("/catalogue", "list_tests.reply"), ("/order", "send_test.reply")):
            running.behave(fakes.status(200, payload("greenhouse", sample)), path=path)
        running.behave(fakes.status(200, b'{"status":200}'), path="/complaint")
        running.behave(fakes.status(200, payload("greenhouse", "test_status.complete.reply")))
        yield running


@pytest.fixture
def developer(world: World) -> Membership:
    """Admin of a sandbox with fictional candidates."""
    sandbox = Organization.objects.create(name="Veritas sandbox", is_sandbox=True)
    sandboxes.furnish(sandbox)
    person = User.objects.create_user("dev@veritas.example", PASSWORD, name="Dev")
    return Membership.objects.create(user=person, organization=sandbox, role=Role.ADMIN)


def connected(organization: Organization, server: PartnerServer) -> Installation:
    urls = {purpose: f"{server.url}/{purpose}" for purpose in ("catalogue", "order", "status", "complaint")}
    scopes = ("candidates.name:read", "candidates.email:read")
    return connecting.connect(
        organization, name="Veritas", dialect="greenhouse", urls=urls, credential=CREDENTIAL, scopes=scopes,
        actor="tests",
    )  # fmt: skip


def test_a_check_goes_from_the_catalogue_to_the_result_and_hides_the_credential(
    developer: Membership, server: PartnerServer, signed_in: SignIn
) -> None:
    installation, browser = connected(developer.organization, server), signed_in(developer)
    assert "Check the whole conversation" in browser.get(f"/integrations/{installation.public_id}/connection").text
    begun = browser.post(f"/integrations/{installation.public_id}/check")
    check = PartnerCheck.objects.get()
    assert begun["Location"] == f"/checks/{check.public_id}"

    checking.advance_due()
    assert browser.get(f"/checks/{check.public_id}/steps").status_code == 200
    deliver()
    order = Order.objects.get()
    assert (order.status, order.candidate.organization) == ("sent", developer.organization)
    asking.nudge(order)
    order.question.__class__.objects.update(next_at=check.started_at)
    asking.ask_due()
    PartnerCheck.objects.update(next_at=check.started_at)
    checking.advance_due()

    done = browser.get(f"/checks/{check.public_id}/steps")
    assert done.status_code == 286
    assert [line.strip() for line in done.text.splitlines() if 'class="timeline-title"' in line] == [
        f'<span class="timeline-title">{title} <span class="badge tone-good">fine</span></span>'
        for title in ("The catalogue", "The order", "Asked for: result", "The address for errors")
    ]
    assert "list_tests answers 200 with a bare array" in done.text
    assert CREDENTIAL not in browser.get(f"/checks/{check.public_id}").text


def test_what_does_not_come_in_time_is_said(developer: Membership, server: PartnerServer) -> None:
    server.behave(fakes.status(500), path="/order")
    check = checking.begin(connected(developer.organization, server), actor=None)
    checking.advance_due()
    deliver()
    PartnerCheck.objects.update(until=check.started_at, next_at=check.started_at)
    checking.advance_due()
    check.refresh_from_db()
    assert check.ended_at is not None
    steps = {step.title: step.conformance for step in report(check)}
    assert steps == {"The catalogue": "fine", "The order": "broken", "The result": "silent"}


def test_outside_a_sandbox_nothing_is_ordered(world: World, server: PartnerServer, signed_in: SignIn) -> None:
    installation, browser = connected(world.acme, server), signed_in(world.admin)
    page = browser.get(f"/integrations/{installation.public_id}/connection")
    assert "Check the whole conversation" not in page.text
    answer = browser.post(f"/integrations/{installation.public_id}/check", follow=True)
    assert "only where all candidates are fictional" in answer.text
    assert not PartnerCheck.objects.exists()


def test_mallory_finds_no_check_and_begins_none(
    world: World, developer: Membership, server: PartnerServer, signed_in: SignIn
) -> None:
    installation = connected(developer.organization, server)
    check, mallory = checking.begin(installation, actor=None), signed_in(world.mallory)
    for path in (f"/checks/{check.public_id}", f"/checks/{check.public_id}/steps"):
        assert mallory.get(path).status_code == 404
    assert mallory.post(f"/integrations/{installation.public_id}/check").status_code == 404
    assert PartnerCheck.objects.count() == 1
