"""Erasures by API: a partner sees its own, acknowledges once, and tries it all in its sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Erasure, ErasureNotice
from assessments.services import erasures
from core.models import AuditRecord, Candidate
from partners.delivery import sequencing
from partners.models import Installation
from partners.scopes import ALL
from partners.services import installations, onboarding
from tests.assessments import scene
from tests.assessments.scene import Api, Shop
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def erasure(world: World, shop: Shop) -> Erasure:
    """Of Ada, whom CodeForge had an order for."""
    scene.place(shop)
    return erasures.erase(world.ada, ground="asked", actor=world.admin.user)


def test_a_partner_reads_its_part_by_ids_and_acknowledges_it_once(world: World, shop: Shop, erasure: Erasure) -> None:
    api, here = shop.api(), f"erasures/{erasure.public_id}"
    order = shop.installation.orders.get()
    shown = api.get(here).json()
    assert shown == {
        "id": erasure.public_id,
        "candidate": world.ada.public_id,
        "organization": world.acme.public_id,
        "installation": shop.installation.public_id,
        "orders": [order.public_id],
        "erased_at": shown["erased_at"],
        "acknowledgement": None,
    }
    assert api.get("erasures", acknowledged="false").json()["data"] == [shown]
    then = (timezone.now() - timedelta(hours=2)).replace(microsecond=0)
    first = api.post(f"{here}/acknowledge", {"erased_at": then.isoformat(), "message": "Backups too."})
    assert first.status_code == 201
    assert first.json()["acknowledgement"]["message"] == "Backups too."
    again = api.post(f"{here}/acknowledge", {"message": "Twice."})
    assert (again.status_code, again.json()) == (200, first.json())
    assert api.get("erasures", acknowledged="true").json()["data"] == [first.json()]
    assert api.get("erasures", acknowledged="false").json()["data"] == []
    assert AuditRecord.objects.filter(verb="erasure.acknowledged").count() == 1


def test_nobody_else_sees_or_acknowledges_it(shop: Shop, sneak: Shop, erasure: Erasure) -> None:
    here = f"erasures/{erasure.public_id}"
    elsewhere = shop.api(of=sneak.installation)
    for api in (sneak.api(), elsewhere):
        assert api.get("erasures").json()["data"] == []
        assert (api.get(here).status_code, api.post(f"{here}/acknowledge").status_code) == (404, 404)
    reader, writer = shop.api("orders:read"), shop.api("orders:write")
    assert (reader.post(f"{here}/acknowledge").status_code, writer.get(here).status_code) == (403, 403)
    assert ErasureNotice.objects.get().acknowledged_at is None


def test_a_paused_partner_answers_too_for_it_holds_what_it_held(world: World, shop: Shop, erasure: Erasure) -> None:
    installations.pause(Installation.objects.get(pk=shop.installation.pk), actor=world.admin.user)
    assert shop.api().post(f"erasures/{erasure.public_id}/acknowledge").status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"erased_at": "yesterday"}, "/erased_at"), ({"message": "x" * 501}, "/message"), ({"message": 7}, "/message")],
)
def test_what_is_wrong_with_an_acknowledgement_is_told_by_pointer(
    shop: Shop, erasure: Erasure, body: dict[str, object], pointer: str
) -> None:
    answer = shop.api().post(f"erasures/{erasure.public_id}/acknowledge", body)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["problems"]]) == (422, [pointer])
    assert shop.api().get("erasures", acknowledged="perhaps").status_code == 422


def test_the_order_says_that_it_is_purged_and_nothing_of_the_person(shop: Shop, erasure: Erasure) -> None:
    order = shop.api().get(f"orders/{shop.installation.orders.get().public_id}").json()
    assert order["purged_at"] is not None
    assert {name: value for name, value in order["candidate"].items() if name != "id"} == dict.fromkeys(
        ("first_name", "last_name", "email", "phone", "resume_url")
    )


def test_it_is_tried_in_the_sandbox_where_another_candidate_takes_the_place(db: None) -> None:
    registration = onboarding.register_partner(name="Probe", contact_email="dev@probe.example")
    api = Api(scene.token(registration.application, ALL))
    api.put("assessment-types/probe", {"name": "Probe"})
    first = api.post("sandbox/orders", {"assessment_type": "probe"}).json()
    done = api.post("sandbox/erasures", {"order": first["id"]})
    assert (done.status_code, done.json()["orders"]) == (201, [first["id"]])
    assert api.post("sandbox/erasures", {"order": first["id"]}).status_code == 200
    assert api.get(f"orders/{first['id']}").json()["status"] == "cancelled"
    sequencing.assign()
    topics = [event["topic"] for event in api.get("events").json()["data"]]
    assert "candidate.erased" in topics
    next_one = api.post("sandbox/orders", {"assessment_type": "probe"}).json()["candidate"]
    assert next_one["first_name"] == first["candidate"]["first_name"]
    assert next_one["id"] != first["candidate"]["id"]
    assert api.get(f"orders/{first['id']}/resume").status_code == 404
    assert Candidate.objects.filter(organization=registration.organization, erased_at=None).count() == 4


def test_elsewhere_nobody_erases_by_that_call(shop: Shop) -> None:
    order = scene.place(shop)
    answer = shop.api().post("sandbox/erasures", {"order": order.public_id})
    assert (answer.status_code, answer.json()["code"]) == (403, "sandbox_only")
    assert Erasure.objects.count() == 0
