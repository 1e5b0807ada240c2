"""What becomes of a delivery that was sent: what its reader makes of the reply, and what changed in the meantime."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.utils import timezone

from core.http import Reply
from partners.delivery import claims, outbox, readers, settlement
from partners.delivery.readers import Outcome, Reading
from partners.models import Attempt, Delivery, Endpoint, Installation
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer
from tests.partners.delivery import scene

pytestmark = pytest.mark.django_db


# --- Readers ----------------------------------------------------------------------------------------------------


class Spy(readers.TakesAny):
    """A reader that wants {"ok": …} and notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        self.breaks = False

    def read(self, delivery: Delivery, reply: Reply) -> Reading:
        said = json.loads(reply.body)
        return Reading(Outcome.DELIVERED) if said["ok"] else Reading(Outcome.REFUSED, said["why"])

    def settled(self, delivery: Delivery, state: str) -> None:
        last = delivery.attempts.last()
        self.told.append((delivery.event.subject, state, bytes(last.reply_body).decode() if last else ""))
        if self.breaks:
            raise RuntimeError("the reader broke")


@pytest.fixture
def spy() -> Iterator[Spy]:
    reader = Spy()
    readers.register("test.topic", reader)
    yield reader
    del readers._readers["test.topic"]


def test_a_reader_decides_what_a_2xx_means_and_hears_how_it_ended(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, spy: Spy
) -> None:
    server.behave(
        fakes.in_turn(fakes.status(200, b'{"ok": false, "why": "We are closed."}'), fakes.status(200, b'{"ok": true}'))
    )
    for subject in ("one", "two"):
        scene.owed(installation, subject, topic="test.topic")
        scene.deliver()
    rows = {row.event.subject: (row.state, row.note) for row in Delivery.objects.select_related("event")}
    assert rows == {"one": ("refused", "We are closed."), "two": ("delivered", "")}
    assert spy.told == [
        ("one", "refused", '{"ok": false, "why": "We are closed."}'),
        ("two", "delivered", '{"ok": true}'),
    ]


def test_a_2xx_that_the_reader_cannot_read_is_a_failed_attempt(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, spy: Spy
) -> None:
    server.behave(fakes.html)
    scene.owed(installation, topic="test.topic")
    scene.deliver()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.note) == (
        "due",
        "It answered 200, but not in the protocol: it could not be read.",
    )
    assert spy.told == []


def test_a_reader_that_breaks_does_not_make_the_partner_get_it_for_ever(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, spy: Spy
) -> None:
    spy.breaks = True
    server.behave(fakes.status(200, b'{"ok": true}'))
    scene.owed(installation, topic="test.topic")
    scene.owed(installation, "ord_2")
    scene.deliver()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert Attempt.objects.count() == 2


# --- Settling ----------------------------------------------------------------------------------------------------


def withdrawn_under_way(installation: Installation) -> None:
    """Two deliveries, one with a reader and one without, are sent; before they are settled they are withdrawn."""
    for topic in ("test.topic", "other.topic"):
        scene.owed(installation, "ord_1", topic=topic)
    sent = scene.attempted(*claims.claim(room=2, busy={}))
    for topic in ("test.topic", "other.topic"):
        outbox.withdraw(["ord_1"], topic, note="Cancelled.")
    settlement.settle(sent)


def test_what_is_withdrawn_while_its_attempt_fails_stays_withdrawn(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, spy: Spy
) -> None:
    server.behave(fakes.status(500))
    withdrawn_under_way(installation)
    assert set(Delivery.objects.values_list("state", "note")) == {("withdrawn", "Cancelled.")}
    assert list(Attempt.objects.values_list("number", "outcome")) == [(1, "overtaken")] * 2
    assert spy.told == []


def test_what_is_withdrawn_while_it_arrives_is_delivered_after_all(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, spy: Spy
) -> None:
    server.behave(fakes.status(200, b'{"ok": true}'))
    withdrawn_under_way(installation)
    assert list(Delivery.objects.values_list("state", "note")) == [("delivered", "")] * 2
    assert list(Attempt.objects.values_list("number", "outcome")) == [(1, "delivered")] * 2


def test_a_settlement_by_a_worker_whose_claim_lapsed_changes_nothing(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    scene.owed(installation)
    (slow,) = claims.claim(room=1, busy={})
    (sent,) = scene.attempted(slow)
    Delivery.objects.update(claimed_until=timezone.now())
    (other,) = claims.claim(room=1, busy={})
    settlement.settle([sent])
    row = Delivery.objects.get()
    assert (row.state, row.claim) == ("due", other.token)
    settlement.settle(scene.attempted(other))
    row.refresh_from_db()
    assert row.state == "delivered"
    assert list(Attempt.objects.order_by("number").values_list("number", "outcome")) == [
        (1, "overtaken"),
        (2, "delivered"),
    ]


def test_a_delivery_that_cannot_be_settled_holds_up_no_other(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = scene.owed(installation, "ord_bad")
    good = scene.owed(installation, "ord_good")
    real = settlement._attempt

    def broken(sent: settlement.Sent, outcome: str) -> Attempt:
        if sent.claim.delivery == bad:
            raise ValueError("this one cannot be written")
        return real(sent, outcome)

    monkeypatch.setattr(settlement, "_attempt", broken)
    scene.deliver()
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state) == ("delivered", "due")
    assert bad.claimed_until is not None


def test_the_410_of_an_old_url_does_not_disable_the_new_one(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.status(410))
    scene.owed(installation)
    (claim,) = claims.claim(room=1, busy={})
    (sent,) = scene.attempted(claim)
    Endpoint.objects.update(url=server.url + "/new")
    settlement.settle([sent])
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.consecutive_failures) == (True, 0)
