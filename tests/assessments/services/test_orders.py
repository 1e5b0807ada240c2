"""Placing, cancelling, resending and confirming orders: what each owes, writes down and refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from assessments.errors import ApplicationNotActive, AssessmentTypeRetired, IllegalTransition, InstallationNotActive
from assessments.lifecycle import Status
from assessments.models import AssessmentType, Order
from assessments.services import catalogue, deadlines, orders
from core.errors import DomainError, NotFound, ValidationFailed
from core.models import Application, AuditRecord
from core.services import hiring
from partners.errors import PartnerSuspended
from partners.models import Delivery, Event
from partners.services import installations, onboarding
from tests.assessments import scene
from tests.assessments.scene import FIELDS, Shop
from tests.world import World

pytestmark = pytest.mark.django_db


def events_of(order: Order) -> list[str]:
    return list(Event.objects.filter(subject=order.public_id).order_by("pk").values_list("topic", flat=True))


def deliveries_of(order: Order) -> list[str]:
    rows = Delivery.objects.filter(event__subject=order.public_id).order_by("pk")
    return list(rows.values_list("state", flat=True))


def deeds_on(order: Order) -> list[str]:
    return list(AuditRecord.objects.filter(subject=order.public_id).order_by("pk").values_list("verb", flat=True))


def test_placing_an_order_owes_the_partner_a_thin_event_and_is_audited(shop: Shop, world: World) -> None:
    scene.endpoint(shop)
    order = scene.place(shop, placed_by=world.recruiter.user)
    assert (order.status, order.organization, order.candidate) == ("requested", world.acme, world.ada)
    assert (order.partner, order.result_schema) == (shop.partner, shop.schema)
    assert json.loads(order.fields) == FIELDS
    event = Event.objects.get(subject=order.public_id)
    body = json.loads(event.body)
    assert (event.topic, body["type"]) == ("order.placed", "order.placed")
    assert body["data"] == {
        "order": order.public_id,
        "installation": shop.installation.public_id,
        "organization": world.acme.public_id,
        "assessment_type": "coding",
    }
    assert deliveries_of(order) == ["due"]
    deed = AuditRecord.objects.get(subject=order.public_id)
    assert (deed.verb, deed.actor, deed.organization) == ("order.placed", world.recruiter.user, world.acme)


def test_an_order_remembers_the_schema_version_of_its_day(shop: Shop) -> None:
    before = scene.place(shop)
    newer = catalogue.publish(catalogue.draft_schema(shop.assessment_type, '{"type": "object", "title": "Two"}'))
    assert scene.place(shop).result_schema == newer
    assert scene.reread(before).result_schema == shop.schema


def test_a_type_without_a_schema_can_be_ordered(shop: Shop) -> None:
    shop.schema.delete()
    assert scene.place(shop).result_schema is None


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({}, ["/fields/language"]),
        ({"language": "cobol"}, ["/fields/language"]),
        ({"language": "python", "minutes": 5}, ["/fields/minutes"]),
        ({"language": 7, "minutes": "long"}, ["/fields/language", "/fields/minutes"]),
    ],
)
def test_what_the_order_schema_refuses_is_refused_by_pointer(
    shop: Shop, fields: dict[str, Any], pointers: list[str]
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        scene.place(shop, fields=fields)
    assert sorted({problem["pointer"] for problem in refused.value.problems}) == pointers
    assert Order.objects.count() == 0


def test_a_type_that_asks_nothing_takes_no_fields(shop: Shop) -> None:
    catalogue.put_type(shop.partner, "coding", name="Plain", description="", kind="coding", order_schema_text="")
    shop.assessment_type.refresh_from_db()
    with pytest.raises(ValidationFailed):
        scene.place(shop, fields=FIELDS)
    assert scene.place(shop, fields={}).status == "requested"


def test_a_deadline_lies_in_the_future(shop: Shop) -> None:
    with pytest.raises(ValidationFailed) as refused:
        scene.place(shop, deadline_at=timezone.now() - timedelta(seconds=1))
    assert [problem["pointer"] for problem in refused.value.problems] == ["/deadline_at"]


def test_without_a_word_the_deadline_is_the_end_of_the_types_last_day_by_the_candidates_clock(shop: Shop) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 23, 30, tzinfo=UTC), tick=False):
        assert scene.place(shop).deadline_at is None
        AssessmentType.objects.update(deadline_days=7)
        shop.candidacy.candidate.time_zone = "Africa/Lagos"
        # In Lagos it is the 2nd already.
        assert scene.place(shop).deadline_at == datetime(2026, 12, 9, 22, 59, tzinfo=UTC)
        said = datetime(2026, 12, 3, tzinfo=UTC)
        assert scene.place(shop, deadline_at=said).deadline_at == said


def test_an_order_is_refused_for_each_part_that_does_not_fit(shop: Shop, sneak: Shop, world: World) -> None:
    def refusal(**changes: Any) -> type[DomainError]:
        with pytest.raises(DomainError) as refused:
            scene.place(shop, **changes)
        return type(refused.value)

    assert refusal(assessment_type=sneak.assessment_type) is NotFound
    assert refusal(application=world.globex_application) is NotFound
    hiring.decide(world.application, Application.Status.REJECTED, actor=world.admin.user)
    assert refusal() is ApplicationNotActive
    hiring.decide(world.application, Application.Status.ACTIVE, actor=world.admin.user)
    catalogue.retire(shop.partner, "coding")
    assert refusal() is AssessmentTypeRetired
    installations.pause(shop.installation, actor="tests")
    assert refusal() is InstallationNotActive
    installations.remove(shop.installation, actor="tests")
    assert refusal() is InstallationNotActive
    assert Order.objects.count() == 0
    assert not Event.objects.filter(topic="order.placed").exists()


def test_a_suspended_partner_gets_no_order(shop: Shop) -> None:
    onboarding.suspend(shop.partner, actor="tests")
    with pytest.raises(PartnerSuspended):
        scene.place(shop)


def test_cancelling_ends_the_order_tells_the_partner_and_withdraws_what_was_on_its_way(
    shop: Shop, world: World
) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    orders.cancel(order, actor=world.recruiter.user, reason="The job is filled.")
    order = scene.reread(order)
    assert (order.status, order.cancellation, order.reason) == ("cancelled", "asked", "The job is filled.")
    assert events_of(order) == ["order.placed", "order.cancelled"]
    assert deliveries_of(order) == ["withdrawn", "due"]
    assert deeds_on(order) == ["order.placed", "order.cancelled"]


def test_what_has_ended_cannot_be_cancelled_again(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    with pytest.raises(IllegalTransition):
        orders.cancel(order, actor="tests")
    assert events_of(order) == ["order.placed", "order.cancelled"]


def test_resending_is_a_new_event_for_the_same_order(shop: Shop) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    orders.resend(order, actor="tests")
    assert events_of(order) == ["order.placed", "order.placed"]
    assert deliveries_of(order) == ["withdrawn", "due"]
    assert len(set(Event.objects.filter(subject=order.public_id).values_list("public_id", flat=True))) == 2
    assert deeds_on(order) == ["order.placed", "order.resent"]


def test_the_same_acceptance_counts_again_after_a_resend(shop: Shop) -> None:
    order = scene.in_status(shop, Status.SENT)
    orders.resend(order, actor="tests")
    assert scene.reread(order).status == "requested"
    again = scene.tell(scene.reread(order), "accepted")
    assert (scene.reread(order).status, again.outcome, order.updates.count()) == ("sent", "applied", 1)


def test_what_failed_past_its_deadline_is_extended_first_and_then_sent_again(shop: Shop) -> None:
    order = scene.in_status(shop, Status.FAILED)
    Order.objects.filter(pk=order.pk).update(deadline_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(IllegalTransition, match="extend it first"):
        orders.resend(scene.reread(order), actor="tests")
    assert scene.reread(order).status == "failed"
    later = timezone.now() + timedelta(days=3)
    deadlines.extend(scene.reread(order), deadline_at=later, actor="tests")
    # The partner does not know it yet: the order itself will bring the deadline.
    assert events_of(order) == ["order.placed"]
    orders.resend(scene.reread(order), actor="tests")
    order = scene.reread(order)
    assert (order.status, order.deadline_at, events_of(order)) == ("requested", later, ["order.placed"] * 2)


def test_nothing_is_resent_to_a_paused_partner(shop: Shop) -> None:
    order = scene.in_status(shop, Status.FAILED)
    installations.pause(shop.installation, actor="tests")
    with pytest.raises(InstallationNotActive):
        orders.resend(scene.reread(order), actor="tests")
    assert (scene.reread(order).status, events_of(order)) == ("failed", ["order.placed"])


def test_a_person_who_knows_that_the_partner_has_it_confirms_it(shop: Shop, world: World) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    orders.confirm_sent(order, actor=world.recruiter.user)
    assert (scene.reread(order).status, deliveries_of(order)) == ("sent", ["withdrawn"])
    assert deeds_on(order) == ["order.placed", "order.confirmed"]
    with pytest.raises(IllegalTransition):
        orders.confirm_sent(order, actor=world.recruiter.user)


@pytest.mark.parametrize("kind", ["accepted", "declined", "started", "cancelled", "expired"])
def test_whatever_the_partner_answers_withdraws_the_order_that_was_still_on_its_way(shop: Shop, kind: str) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    scene.tell(order, kind)
    assert deliveries_of(order) == ["withdrawn"]


def test_a_result_withdraws_the_order_that_was_still_on_its_way(shop: Shop) -> None:
    scene.endpoint(shop)
    order = scene.place(shop)
    scene.post(order)
    assert deliveries_of(order) == ["withdrawn"]


def test_removing_an_installation_cancels_its_open_orders_and_no_other(shop: Shop, sneak: Shop) -> None:
    open_ones = [
        scene.in_status(shop, status) for status in (Status.REQUESTED, Status.SENT, Status.STARTED, Status.FAILED)
    ]
    done = scene.in_status(shop, Status.COMPLETED)
    elsewhere = scene.place(sneak)
    installations.remove(shop.installation, actor="tests")
    for order in map(scene.reread, open_ones):
        assert (order.status, order.reason) == ("cancelled", "installation_removed")
        assert events_of(order)[-1] == "order.cancelled"
    assert scene.reread(done).status == "completed"
    assert scene.reread(elsewhere).status == "requested"


def test_a_pause_leaves_open_orders_as_they_are(shop: Shop, order: Order) -> None:
    installations.pause(shop.installation, actor="tests")
    assert scene.reread(order).status == "requested"
