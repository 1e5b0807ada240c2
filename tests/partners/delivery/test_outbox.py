"""What is owed: Events and Deliveries in the caller's transaction, withdrawing, redelivering, resuming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core.models import AuditRecord
from partners.delivery import outbox, sequencing, wake
from partners.errors import DeliveryWithdrawn
from partners.models import Delivery, Endpoint, Environment, Event, Installation, Partner, Purpose
from tests.partners.delivery import scene

Captured = Callable[..., Any]
pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Partner:
    return scene.partner()


@pytest.fixture
def installation(partner: Partner) -> Installation:
    return scene.installation(partner)


def test_an_event_and_its_delivery_are_written_and_the_workers_woken_on_commit(
    installation: Installation, django_capture_on_commit_callbacks: Captured
) -> None:
    endpoint = scene.endpoint(installation.partner, purpose=Purpose.ORDER)
    message = scene.message("ord_1", method="PUT", query="a=1", repeatable=False)
    with django_capture_on_commit_callbacks() as callbacks:
        event = outbox.owe(installation, message)
    assert callbacks == [sequencing.ring, wake.ring]
    assert (event.partner, event.installation, event.organization) == (
        installation.partner,
        installation,
        installation.organization,
    )
    assert (event.topic, event.subject, event.body) == ("order.placed", "ord_1", message.body)
    delivery = event.deliveries.get()
    assert (delivery.endpoint, delivery.purpose, delivery.method, delivery.query, delivery.repeatable) == (
        endpoint,
        "order",
        "PUT",
        "a=1",
        False,
    )
    assert (delivery.state, delivery.attempt_count, delivery.claimed_until) == ("due", 0, None)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_owed(installation: Installation) -> None:
    scene.endpoint(installation.partner)

    with transaction.atomic():
        outbox.owe(installation, scene.message())
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


def test_the_endpoint_of_the_purpose_comes_before_the_one_for_events(installation: Installation) -> None:
    partner = installation.partner
    assert outbox.endpoint_for(installation, "order", "order.placed") is None
    for_events = scene.endpoint(partner, purpose=Purpose.EVENTS)
    assert outbox.endpoint_for(installation, "order", "order.placed") == for_events
    for_orders = scene.endpoint(partner, purpose=Purpose.ORDER)
    assert outbox.endpoint_for(installation, "order", "order.placed") == for_orders
    own = scene.endpoint(partner, purpose=Purpose.ORDER, installation=installation)
    assert outbox.endpoint_for(installation, "order", "order.placed") == own
    assert outbox.endpoint_for(installation, "cancel", "order.placed") == for_events


def test_an_installation_never_reaches_another_environment_partner_or_installation() -> None:
    partner, other = scene.partner("CodeForge"), scene.partner("Lingua")
    installation = scene.installation(partner, "Acme")
    neighbour = scene.installation(partner, "Globex")
    scene.endpoint(partner, environment=Environment.SANDBOX)
    scene.endpoint(other)
    scene.endpoint(partner, installation=neighbour)
    assert outbox.endpoint_for(installation, "order", "order.placed") is None


def test_a_sandbox_organization_is_reached_at_the_sandbox_endpoint() -> None:
    partner = scene.partner()
    installation = scene.installation(partner, sandbox=True)
    scene.endpoint(partner)
    sandbox = scene.endpoint(partner, environment=Environment.SANDBOX)
    assert outbox.endpoint_for(installation, "order", "order.placed") == sandbox


def test_without_an_endpoint_the_event_stands_alone(installation: Installation) -> None:
    event = outbox.owe(installation, scene.message())
    assert not event.deliveries.exists()


def test_what_no_endpoint_wants_is_an_event_without_a_delivery(installation: Installation) -> None:
    scene.endpoint(installation.partner, purpose=Purpose.ORDER, topics=["order.cancelled"])
    assert not outbox.owe(installation, scene.message()).deliveries.exists()
    for_events = scene.endpoint(installation.partner, topics=["order.placed"])
    assert outbox.owe(installation, scene.message()).deliveries.get().endpoint == for_events


def test_a_disabled_endpoint_gets_its_delivery_which_waits(installation: Installation) -> None:
    scene.endpoint(installation.partner, enabled=False, disabled_reason="Moved.")
    assert scene.owed(installation).state == "due"


def test_a_ping_goes_to_the_endpoint_it_names(partner: Partner) -> None:
    scene.endpoint(partner)
    endpoint = scene.endpoint(partner, purpose=Purpose.CANCEL)
    event = outbox.owe_endpoint(endpoint, scene.message(endpoint.public_id, topic="ping", purpose="events"))
    assert (event.partner, event.installation, event.organization) == (partner, None, None)
    assert event.deliveries.get().endpoint == endpoint


def test_withdrawing_takes_back_what_is_due_of_that_topic_and_subject_only(installation: Installation) -> None:
    scene.endpoint(installation.partner)
    due = scene.owed(installation, "ord_1")
    sent = scene.owed(installation, "ord_1")
    other_topic = scene.owed(installation, "ord_1", topic="order.cancelled", purpose="cancel")
    other_order = scene.owed(installation, "ord_2")
    Delivery.objects.filter(pk=sent.pk).update(state="delivered")
    outbox.withdraw(["ord_1"], "order.placed", note="The order was cancelled.")
    states = {row.pk: (row.state, row.note) for row in Delivery.objects.all()}
    assert states == {
        due.pk: ("withdrawn", "The order was cancelled."),
        sent.pk: ("delivered", ""),
        other_topic.pk: ("due", ""),
        other_order.pk: ("due", ""),
    }


@pytest.mark.parametrize("state", ["delivered", "refused", "unclear", "given_up"])
def test_redelivering_makes_it_due_again_on_a_fresh_schedule(
    state: str, installation: Installation, django_capture_on_commit_callbacks: Captured
) -> None:
    scene.endpoint(installation.partner)
    delivery = scene.owed(installation)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, attempt_count=10, settled_at=timezone.now(), next_at=timezone.now() + timedelta(days=1), note="?"
    )
    delivery.refresh_from_db()
    with django_capture_on_commit_callbacks() as callbacks:
        again = outbox.redeliver(delivery, actor="par_1")
    assert callbacks == [wake.ring]
    assert (again.pk, again.event_id, again.state, again.note) == (delivery.pk, delivery.event_id, "due", "")
    assert (again.attempt_count, again.attempts_before, again.settled_at) == (10, 10, None)
    assert again.next_at <= timezone.now()
    record = AuditRecord.objects.get(verb="delivery.redelivered")
    assert (record.subject, record.actor_label, record.facts) == (delivery.public_id, "par_1", {"was": state})


def test_redelivering_brings_forward_what_is_due_later(installation: Installation) -> None:
    scene.endpoint(installation.partner)
    delivery = scene.owed(installation)
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now() + timedelta(hours=5), attempt_count=4)
    assert outbox.redeliver(delivery, actor=None).next_at <= timezone.now()


def test_redelivering_leaves_a_delivery_alone_that_a_worker_holds(installation: Installation) -> None:
    scene.endpoint(installation.partner)
    delivery = scene.owed(installation)
    until = timezone.now() + timedelta(seconds=20)
    Delivery.objects.filter(pk=delivery.pk).update(claim="theirs", claimed_until=until)
    assert (outbox.redeliver(delivery, actor=None).claim, delivery.claimed_until) == ("theirs", until)
    assert not AuditRecord.objects.exists()


def test_a_withdrawn_delivery_is_not_redelivered(installation: Installation) -> None:
    scene.endpoint(installation.partner)
    delivery = scene.owed(installation)
    outbox.withdraw(["ord_1"], "order.placed", note="Cancelled.")
    with pytest.raises(DeliveryWithdrawn):
        outbox.redeliver(delivery, actor=None)


def test_an_endpoint_that_resumes_forgets_its_failures_and_what_waits_is_due_now(
    installation: Installation, django_capture_on_commit_callbacks: Captured
) -> None:
    later = timezone.now() + timedelta(hours=2)
    endpoint = scene.endpoint(installation.partner, consecutive_failures=7, open_until=later)
    waiting, ended = scene.owed(installation, "ord_1"), scene.owed(installation, "ord_2")
    Delivery.objects.filter(pk=waiting.pk).update(next_at=later, attempt_count=3)
    Delivery.objects.filter(pk=ended.pk).update(next_at=later, state="given_up")
    with django_capture_on_commit_callbacks() as callbacks:
        assert outbox.resume_endpoint(endpoint) == 1
    assert callbacks == [wake.ring]
    endpoint = Endpoint.objects.get(pk=endpoint.pk)
    assert (endpoint.consecutive_failures, endpoint.open_until) == (0, None)
    waiting.refresh_from_db()
    assert waiting.next_at <= timezone.now()


def test_a_sandbox_partner_gets_a_hundred_deliveries_an_hour_and_the_rest_later() -> None:
    partner = scene.partner(status=Partner.Status.SANDBOX)
    installation = scene.installation(partner, sandbox=True)
    endpoint = scene.endpoint(partner, environment=Environment.SANDBOX)
    start = timezone.now()
    for number in range(201):
        outbox.owe(installation, scene.message(f"ord_{number}"))
    due = list(Delivery.objects.order_by("id").values_list("next_at", flat=True))
    hour = timedelta(hours=1)
    second = timedelta(seconds=30)
    assert all(start <= moment < start + second for moment in due[:100])
    assert all(start + hour <= moment < start + hour + second for moment in due[100:200])
    assert start + 2 * hour <= due[200] < start + 2 * hour + second
    # Putting the endpoint again is no way around it.
    assert outbox.resume_endpoint(endpoint) == 100


def test_other_sandbox_partners_and_older_deliveries_do_not_count() -> None:
    partner, other = (scene.partner(name, status=Partner.Status.SANDBOX) for name in ("One", "Other"))
    crowded, calm = (scene.installation(one, one.name, sandbox=True) for one in (other, partner))
    for one in (partner, other):
        scene.endpoint(one, environment=Environment.SANDBOX)
    for number in range(100):
        outbox.owe(crowded, scene.message(f"ord_{number}"))
        outbox.owe(calm, scene.message(f"ord_c{number}"))
    Delivery.objects.filter(endpoint__partner=partner).update(next_at=timezone.now() - timedelta(hours=2))
    assert scene.owed(calm, "ord_last").next_at <= timezone.now()
