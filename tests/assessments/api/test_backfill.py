"""Results without an order, by API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.models import Backfill, Order, ResultSchema
from assessments.services import backfill, catalogue
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import DOCUMENT, Shop
from tests.world import World

pytestmark = pytest.mark.django_db

TAKEN = "2025-03-04T10:00:00Z"


def body(candidate: Any, **changes: Any) -> dict[str, Any]:
    told = {"assessment_type": "coding", "candidate": candidate, "kind": "final"}
    return {**told, "document": DOCUMENT, "occurred_at": TAKEN, **changes}


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]]


@pytest.fixture
def known(shop: Shop) -> Order:
    """An earlier order, which the partner calls "earlier"."""
    order = scene.place(shop)
    scene.tell(order, "accepted", reference="earlier")
    return order


def test_one_with_the_reference_of_an_earlier_order_is_attached_at_once(shop: Shop, known: Order) -> None:
    answer = shop.api().post("results", body({"reference": "earlier"}, reference="old-7", reason="Moved over."))
    row = Backfill.objects.get()
    assert row.order is not None
    assert row.result is not None
    shown = answer.json()
    assert (answer.status_code, shown) == (
        201,
        {
            "id": row.public_id,
            "state": "attached",
            "assessment_type": "coding",
            "installation": shop.installation.public_id,
            "reference": "old-7",
            "schema_version": 1,
            "order": row.order.public_id,
            "result": row.result.public_id,
            "problems": [],
            "occurred_at": TAKEN,
            "received_at": shown["received_at"],
        },
    )
    order = shop.api().get(f"orders/{row.order.public_id}").json()
    assert (order["status"], order["reference"]) == ("completed", "old-7")
    results = shop.api().get(f"orders/{row.order.public_id}/results").json()["data"]
    assert [(result["id"], result["reason"], result["occurred_at"]) for result in results] == [
        (row.result.public_id, "Moved over.", TAKEN)
    ]


def test_an_address_is_answered_alike_whomever_it_belongs_to(shop: Shop, world: World) -> None:
    api = shop.api()
    addresses = [world.ada.email, "nobody@mail.example"]
    first = [api.post("results", body({"email": address})) for address in addresses]
    backfill.match_due()
    assert [row.state for row in Backfill.objects.order_by("id")] == ["attached", "waiting"]
    again = [api.post("results", body({"email": address})) for address in addresses]
    one_by_one = [api.get(f"results/backfills/{answer.json()['id']}") for answer in first]
    assert {answer.status_code for answer in (*first, *again)} == {202}
    listed = api.get("results/backfills").json()["data"]
    for shown in [*(answer.json() for answer in (*first, *again, *one_by_one)), *listed]:
        assert (shown["state"], shown["order"], shown["result"]) == ("received", None, None)
    assert [row["id"] for row in listed] == [answer.json()["id"] for answer in reversed(first)]
    assert api.get("orders").json()["data"] == []


def test_they_are_narrowed_by_where_they_stand_as_far_as_that_is_told(shop: Shop, world: World, known: Order) -> None:
    api = shop.api()
    attached = api.post("results", body({"reference": "earlier"})).json()["id"]
    waiting = api.post("results", body({"reference": "no-such"})).json()["id"]
    addressed = api.post("results", body({"email": world.ada.email}, reference="old-8")).json()["id"]
    backfill.match_due()
    assert Backfill.objects.get(public_id=addressed).state == "attached"
    rejected = api.post("results", body({"email": "nobody@mail.example"}, document={})).json()["backfill"]
    found = {state: api.get("results/backfills", state=state).json()["data"] for state in Backfill.State.values}
    assert {state: [row["id"] for row in rows] for state, rows in found.items()} == {
        "received": [addressed],
        "waiting": [waiting],
        "attached": [attached],
        "dismissed": [],
        "rejected": [rejected],
    }
    assert all(row["state"] == state for state, rows in found.items() for row in rows)


def test_what_cannot_be_matched_waits_and_says_so(shop: Shop, known: Order) -> None:
    answer = shop.api().post("results", body({"reference": "never heard of"}))
    assert (answer.status_code, answer.json()["state"], answer.json()["order"]) == (202, "waiting", None)


def test_the_same_key_replays_and_without_a_key_the_same_is_one(shop: Shop, known: Order) -> None:
    api, told = shop.api(), body({"reference": "earlier"})
    first, replayed = api.post("results", told, key="k"), api.post("results", told, key="k")
    again = api.post("results", told)
    assert first.json() == replayed.json() == again.json()
    assert (replayed["Idempotent-Replayed"], Backfill.objects.count(), Order.objects.count()) == ("true", 1, 2)


def test_a_document_that_breaks_the_schema_is_422_with_every_pointer_and_kept(shop: Shop, world: World) -> None:
    api = shop.api()
    answer = api.post("results", body({"email": world.ada.email}, document={"score": 101, "verdict": "?"}))
    assert problems(answer) == [("/score", "too_large"), ("/verdict", "not_in_enum")]
    kept = api.get(f"results/backfills/{answer.json()['backfill']}").json()
    assert (kept["state"], kept["problems"]) == ("rejected", []), "it named an address"
    assert backfill.match_due() == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"assessment_type": "other"}, [("/assessment_type", "unknown")]),
        ({"installation": "ins_other"}, [("/installation", "unknown")]),
        ({"kind": "partial"}, [("/kind", "invalid_choice")]),
        ({"candidate": {}}, [("/candidate", "required")]),
        ({"candidate": {"id": "cand_1", "email": "a@b.example"}}, [("/candidate", "required")]),
        ({"candidate": {"email": "nobody"}}, [("/candidate/email", "not_an_address")]),
        ({"candidate": {"reference": 7}}, [("/candidate/reference", "not_a_string")]),
        ({"candidate": "Ada"}, [("/candidate", "invalid")]),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, [("/occurred_at", "in_the_future")]),
        ({"occurred_at": None}, [("/occurred_at", "null")]),
    ],
)
def test_bad_input_is_named_by_its_pointer(
    shop: Shop, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    answer = shop.api().post("results", {**body({"email": "nobody@mail.example"}), **changes})
    assert problems(answer) == expected
    assert not Backfill.objects.exists()


def test_a_type_without_a_published_schema_takes_none(shop: Shop) -> None:
    shop.assessment_type.result_schemas.update(state="draft")
    assert problems(shop.api().post("results", body({"email": "a@b.example"}))) == [("/assessment_type", "no_schema")]


def test_a_refusal_that_may_pass_is_not_what_the_key_brings_back(shop: Shop) -> None:
    api, told = shop.api(), body({"email": "a@b.example"}, document={})

    def answers() -> list[Any]:
        return [api.post("results", told, key="k") for _ in range(2)]

    def publish(schema: Any) -> None:
        catalogue.publish(catalogue.draft_schema(shop.assessment_type, json.dumps(schema)))

    ResultSchema.objects.update(state=ResultSchema.State.DRAFT)
    assert [problems(answer) for answer in answers()] == [[("/assessment_type", "no_schema")]] * 2
    publish(scene.RESULT_SCHEMA)
    installations.pause(shop.installation, actor="tests")
    assert [answer.json()["code"] for answer in answers()] == ["installation_paused"] * 2
    installations.resume(shop.installation, actor="tests")
    rejected = [(problems(answer), answer.json()["backfill"]) for answer in answers()]
    assert rejected == [([("/score", "required")], Backfill.objects.get().public_id)] * 2
    publish({"type": "object"})
    taken, again = answers()
    assert (taken.status_code, taken.json()["id"]) == (202, rejected[0][1])
    assert (again.content, again["Idempotent-Replayed"]) == (taken.content, "true")


def test_a_partner_at_work_in_several_organizations_says_in_which(shop: Shop, world: World) -> None:
    elsewhere = installations.install(shop.partner, world.globex, scopes=["results:write"], actor="t")
    api, told = shop.api(), body({"email": world.ada.email})
    assert problems(api.post("results", told)) == [("/installation", "required")]
    assert api.post("results", {**told, "installation": elsewhere.public_id}).status_code == 202
    assert api.post("results", {**told, "installation": shop.installation.public_id}).status_code == 202
    backfill.match_due()
    assert [row.state for row in Backfill.objects.order_by("id")] == ["waiting", "attached"]


def test_nothing_new_is_taken_while_the_installation_is_paused(shop: Shop) -> None:
    installations.pause(shop.installation, actor="tests")
    answer = shop.api().post("results", body({"email": "nobody@mail.example"}))
    assert (answer.status_code, answer.json()["code"]) == (403, "installation_paused")


def test_the_scope_is_needed_by_the_token_and_by_the_consent(shop: Shop) -> None:
    api = shop.api("orders:read")
    for answer in (api.post("results", body({"email": "a@b.example"})), api.get("results/backfills")):
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    installations.install(shop.partner, shop.installation.organization, scopes=["orders:read"], actor="tests")
    assert problems(shop.api().post("results", body({"email": "a@b.example"}))) == [("/installation", "unknown")]


def test_another_partner_finds_nothing(shop: Shop, sneak: Shop) -> None:
    told = shop.api().post("results", body({"email": "nobody@mail.example"})).json()["id"]
    assert sneak.api().get(f"results/backfills/{told}").status_code == 404
    assert sneak.api().get("results/backfills").json()["data"] == []
    elsewhere = {"installation": shop.installation.public_id}
    assert problems(sneak.api().post("results", body({"email": "a@b.example"}, **elsewhere))) == [
        ("/installation", "unknown")
    ]
