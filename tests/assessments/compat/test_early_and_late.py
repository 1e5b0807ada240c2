"""Calls that come before we know what they are about, after all is over, or against what happened; and cancelling."""

from __future__ import annotations

import json

import pytest

from assessments.models import EarlyCall, StatusQuestion
from assessments.services import orders
from assessments.services.asking import SOON
from assessments.timeline import timeline
from core.models import AuditRecord
from partners.delivery import claims, settlement
from partners.models import Delivery, Event
from partners.services import onboarding
from tests.assessments.compat.scene import Vendor
from tests.assessments.dialects.shipped import payload
from tests.assessments.scene import reread
from tests.fakes import partner_server as fakes
from tests.partners.delivery.scene import attempted, deliver
from tests.world import World

pytestmark = pytest.mark.django_db
UPDATE = "assessment.update"


def test_an_update_that_comes_before_our_call_has_returned_is_heard_when_it_has(lingua: Vendor) -> None:
    order = lingua.place()
    [claim] = claims.claim(room=1, busy={})
    (sent,) = attempted(claim)
    answer = lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.result"))
    assert (answer.status_code, EarlyCall.objects.count()) == (200, 1)
    settlement.settle([sent])
    order = reread(order)
    assert (order.status, order.results.count(), EarlyCall.objects.count()) == ("completed", 1, 0)


def test_an_update_about_an_order_that_nobody_waits_for_is_not_found(lingua: Vendor) -> None:
    lingua.ordered()
    told = json.loads(payload("ashby", "assessment.update.result")) | {"assessment_id": "somebody-elses"}
    answer = lingua.tell("POST", UPDATE, json.dumps(told).encode())
    assert answer.json()["success"] is False
    assert EarlyCall.objects.count() == 0


def test_after_an_unclear_start_the_partners_calls_wait_for_a_person_who_knows_its_id(lingua: Vendor) -> None:
    lingua.answers["order"] = fakes.slowly(1.6)
    order = lingua.ordered()
    lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.result"))
    assert reread(order).status == "requested"
    orders.confirm_sent(order, actor="tests", reference="0c9b9a3e-6c7f-4d5e-8b1a-2f3e4d5c6b7a")
    assert reread(order).status == "completed"


def test_a_person_who_knows_the_partners_id_lets_it_be_asked(veritas: Vendor) -> None:
    veritas.answers["order"] = fakes.slowly(1.6)
    order = veritas.ordered()
    assert not StatusQuestion.objects.filter(order=order).exists()
    orders.confirm_sent(order, actor="tests", reference="98765")
    assert StatusQuestion.objects.get(order=order).step < len(SOON)
    veritas.says("status", "test_status.complete.reply")
    veritas.asks(order)
    assert reread(order).status == "completed"


def test_a_suspended_partner_is_not_asked_until_it_is_reinstated(veritas: Vendor) -> None:
    order = veritas.ordered()
    veritas.says("status", "test_status.complete.reply")
    onboarding.suspend(veritas.installation.partner, actor="support")
    veritas.asks(order)
    assert veritas.calls("status") == []
    assert StatusQuestion.objects.get(order=order).trouble == "The partner is suspended."
    onboarding.reinstate(veritas.installation.partner, actor="support")
    veritas.asks(order)
    assert reread(order).status == "completed"


def test_a_result_after_a_cancellation_is_kept_as_late(lingua: Vendor) -> None:
    order = lingua.ordered()
    orders.cancel(order, actor="tests")
    lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.result"))
    order = reread(order)
    assert (order.status, order.results.get().is_late) == ("cancelled", True)


def test_a_cancellation_after_a_result_contradicts_nothing(lingua: Vendor) -> None:
    order = lingua.ordered()
    lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.result"))
    lingua.tell("POST", UPDATE, payload("ashby", "assessment.update.cancelled"))
    assert reread(order).status == "completed"
    assert order.updates.filter(kind="cancelled", outcome="ignored").count() == 1


def test_a_protocol_that_cannot_cancel_starts_no_conversation(veritas: Vendor) -> None:
    order = veritas.ordered()
    orders.cancel(order, actor="tests")
    order = reread(order)
    assert (order.status, order.cancellation) == ("cancelled", "none")
    assert not Event.objects.filter(subject=order.public_id, topic="order.cancelled").exists()


@pytest.mark.parametrize(
    ("status", "body", "cancellation"),
    [(200, b'{"success":true,"results":{}}', "acknowledged"), (422, b'{"message":"It is being rated."}', "too_late")],
)
def test_the_answer_to_a_cancellation_is_read(lingua: Vendor, status: int, body: bytes, cancellation: str) -> None:
    lingua.answers["cancel"] = fakes.status(status, body)
    order = lingua.ordered()
    orders.cancel(order, actor="tests")
    deliver()
    order = reread(order)
    assert order.cancellation == cancellation
    if cancellation == "too_late":
        assert order.cancellation_answer == "It is being rated."


def test_a_result_without_an_order_is_attached_to_a_candidate_the_partner_knows(lingua: Vendor) -> None:
    order = lingua.ordered()
    sent = json.loads(lingua.calls("order")[0].body)
    told = json.loads(payload("ashby", "assessment.addCompletedToCandidate"))
    told["candidateId"] = sent["candidate"]["ashby_id"]
    answer = lingua.tell("POST", "assessment.addCompletedToCandidate", json.dumps(told).encode())
    assert answer.json()["results"]["applicationId"] == sent["application"]["ashby_id"]
    assert order.candidate.orders.filter(status="completed").count() == 1


def test_a_result_for_a_candidate_it_never_had_waits_for_a_person(lingua: Vendor, world: World) -> None:
    from core.ids import as_uuid

    told = json.loads(payload("ashby", "assessment.addCompletedToCandidate"))
    for stranger in (world.bram, world.globex_candidate):
        told["candidateId"] = as_uuid(stranger.public_id)
        answer = lingua.tell("POST", "assessment.addCompletedToCandidate", json.dumps(told).encode())
        assert answer.json()["results"]["applicationId"] is None
        assert stranger.orders.count() == 0


def test_the_timeline_tells_it_all(veritas: Vendor, world: World) -> None:
    order = veritas.ordered()
    veritas.tell("PATCH", f"orders/{veritas.token_of(order)}", authorization="Basic d3Jvbmc6")
    veritas.answers["status"] = fakes.status(200, b'{"nothing":"of use"}')
    veritas.asks(order)
    veritas.asks(order)
    deliver()
    entries = timeline(reread(order), world.admin)
    titles = [entry.title for entry in entries]
    assert "Lingua replied: accepted" in titles
    assert "A call with a wrong credential was taken, for its address was right" in titles
    assert "Lingua answered our question: something that cannot be read" in titles
    assert "What could not be read, to Lingua" in titles
    assert "Lingua was asked how it stands, 2 times so far" in titles
    unread = next(entry for entry in entries if "cannot be read" in entry.title)
    assert "partner_status" in unread.note
    assert order.updates.filter(kind="unreadable").count() == 1
    assert Delivery.objects.filter(event__topic="order.complaint").count() == 1
    assert AuditRecord.objects.filter(subject=order.public_id, verb="callback.wrong_credential").count() == 1
