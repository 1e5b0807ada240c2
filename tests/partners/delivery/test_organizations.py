"""What an organization's endpoint is owed is sent, signed, retried and given up as what a partner's is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.models import Organization
from partners.delivery import outbox
from partners.models import Delivery, Partner
from partners.services import clients, endpoints
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer
from tests.partners.delivery import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Organization:
    organization = Organization.objects.create(name="Acme Robotics")
    clients.create(organization, name="Our hiring system", actor=None)
    return organization


def owed(organization: Organization, subject: str = "ord_1") -> Delivery:
    event = outbox.told_to(organization.pk, scene.message(subject))
    event.save()
    outbox.deliver_to(organization.endpoints.all(), [event])
    return Delivery.objects.get(event=event)


def test_a_call_arrives_word_for_word_and_is_signed_with_its_own_secret(
    acme: Organization, server: PartnerServer
) -> None:
    endpoint, secret, _ = endpoints.put(acme, "live", "events", url=server.url + "/hooks")
    delivery = owed(acme)
    scene.deliver()
    (call,) = server.received
    assert (call.body, call.webhook_id) == (delivery.event.body.encode(), delivery.event.public_id)
    assert call.is_signed_by(str(secret))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.endpoint) == ("delivered", endpoint)


def test_both_secrets_sign_after_a_rotation(acme: Organization, server: PartnerServer) -> None:
    endpoint, old, _ = endpoints.put(acme, "live", "events", url=server.url + "/hooks")
    new = endpoints.rotate_secret(endpoint, actor="tests")
    owed(acme)
    scene.deliver()
    (call,) = server.received
    assert (call.is_signed_by(str(old)), call.is_signed_by(new)) == (True, True)


def test_what_fails_is_tried_again_and_a_gone_endpoint_is_disabled(acme: Organization, server: PartnerServer) -> None:
    endpoint, _, _ = endpoints.put(acme, "live", "events", url=server.url + "/hooks")
    server.behave(fakes.status(500))
    delivery = owed(acme)
    scene.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempt_count) == ("due", 1)
    server.behave(fakes.status(410))
    outbox.redeliver(delivery, actor="tests")
    scene.deliver()
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "It answered 410 Gone.")


def test_a_partner_that_is_suspended_holds_no_organization_up(acme: Organization, server: PartnerServer) -> None:
    partner = scene.partner("CodeForge")
    installation = scene.installation(partner, "Globex")
    scene.endpoint(partner, server.url + "/partner")
    scene.owed(installation)
    Partner.objects.update(status=Partner.Status.SUSPENDED)
    endpoints.put(acme, "live", "events", url=server.url + "/hooks")
    owed(acme)
    scene.deliver()
    assert [call.path for call in server.received] == ["/hooks"]


def test_a_sandbox_organization_is_told_a_hundred_times_an_hour(acme: Organization, server: PartnerServer) -> None:
    Organization.objects.filter(pk=acme.pk).update(is_sandbox=True)
    acme.refresh_from_db()
    endpoints.put(acme, "sandbox", "events", url=server.url + "/hooks")
    rows: list[Any] = [owed(acme, f"ord_{number}") for number in range(outbox.SANDBOX_DELIVERIES + 1)]
    assert (rows[-1].next_at - rows[0].next_at) >= outbox.SANDBOX_WINDOW
    assert rows[-2].next_at - rows[0].next_at < outbox.SANDBOX_WINDOW
    assert json.loads(rows[0].event.body)
