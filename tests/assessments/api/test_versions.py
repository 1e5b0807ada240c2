"""A partner that speaks the version before: its own id of an order is `external_id`, everywhere and both ways."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.models import Order
from assessments.services import catalogue, feed
from partners.models import Application, Environment
from partners.scopes import ALL
from tests.assessments import scene
from tests.assessments.scene import Api, Shop
from tests.world import World

BEFORE, NOW = "2026-10-01", "2026-12-01"


@pytest.fixture
def older(shop: Shop) -> Shop:
    Application.objects.filter(pk=shop.application.pk).update(api_version=BEFORE)
    return shop


def accept(api: Api, order: Order, body: dict[str, Any], key: str | None = None) -> Any:
    return api.post(f"orders/{order.public_id}/accept", body, key=key)


def test_the_whole_loop_in_the_version_before(older: Shop, order: Order) -> None:
    api = older.api()
    assert accept(api, order, {"external_id": "eng-1"}).status_code == 201
    read = api.get(f"orders/{order.public_id}")
    assert (read.json()["external_id"], "reference" in read.json()) == ("eng-1", False)
    assert read.headers["Api-Version"] == BEFORE
    assert {"Deprecation", "Sunset", "Link"} <= read.headers.keys()
    for path in ("orders", "orders?since=2026-01-01T00:00:00Z"):
        assert [row["external_id"] for row in api.get(path).json()["data"]] in (["eng-1"], [])
    item = {"external_id": "eng-1", "kind": "final", "document": scene.DOCUMENT}
    (line,) = api.post("results:batch", {"results": [item]}).json()["data"]
    assert (line["status"], line["order"]) == (201, order.public_id)
    order.refresh_from_db()
    assert (order.reference, order.status) == ("eng-1", "completed")


def members(value: Any) -> set[str]:
    """The names of all members, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(members, value.values()))
    return set[str]().union(*map(members, value)) if isinstance(value, list) else set()


def test_every_answer_about_an_order_names_the_id_as_it_did(older: Shop, order: Order, world: World) -> None:
    api, path = older.api(), f"orders/{order.public_id}"
    told = accept(api, order, {"external_id": "eng-1"}).json()
    again = accept(api, order, {"external_id": "eng-1"})
    assert (again.status_code, again.json()["told"]) == (200, {"kind": "accepted", "external_id": "eng-1"})
    feed.assign()
    sandbox = older.partner.applications.get(environment=Environment.SANDBOX)
    Application.objects.filter(pk=sandbox.pk).update(api_version=BEFORE)
    host = scene.host(world.acme).speaking(BEFORE)
    answers = [
        told,
        api.get(path).json(),
        api.get("orders").json(),
        api.get("orders", since="2026-01-01T00:00:00Z").json(),
        api.get(f"{path}/updates").json(),
        api.get(f"{path}/updates/{told['id']}").json(),
        host.get(path).json(),
        host.get("orders").json(),
        host.post(f"{path}/cancel").json(),
        catalogued(Api(scene.token(sandbox, ALL))).post("sandbox/orders", {"assessment_type": "probe"}).json(),
    ]
    for answer in answers:
        assert "external_id" in members(answer), answer
        assert "reference" not in members(answer), answer
    for answer in (api.get("events").json(), api.get(f"{path}/results").json()):
        assert not {"reference", "external_id"} & members(answer)


def catalogued(api: Api) -> Api:
    api.put("assessment-types/probe", {"name": "Probe", "kind": "skills"})
    return api


def test_a_batch_speaks_of_the_id_in_words_of_no_version(older: Shop, shop: Shop) -> None:
    for _ in range(2):
        accept(older.api(), scene.place(shop), {"external_id": "twice"})
    item = {"kind": "final", "document": scene.DOCUMENT}
    lines = older.api().post("results:batch", {"results": [item, {**item, "external_id": "twice"}]}).json()["data"]
    assert [line["status"] for line in lines] == [422, 422]
    assert not {"reference", "external_id"} & {
        word for line in lines for problem in line["problem"]["problems"] for word in problem["message"].split()
    }
    assert lines[1]["problem"]["problems"][0]["pointer"] == "/external_id"


def test_what_is_wrong_is_pointed_at_in_the_words_that_were_sent(older: Shop, order: Order) -> None:
    refused = accept(older.api(), order, {"external_id": 7})
    assert [problem["pointer"] for problem in refused.json()["problems"]] == ["/external_id"]
    item = {"external_id": "x" * 300, "kind": "final", "document": {}}
    (line,) = older.api().post("results:batch", {"results": [item]}).json()["data"]
    assert [problem["pointer"] for problem in line["problem"]["problems"]] == ["/external_id"]


def test_a_place_in_a_document_is_called_the_same_in_every_version(older: Shop) -> None:
    schema = {"type": "object", "properties": {"reference": {"type": "integer"}}}
    catalogue.publish(catalogue.draft_schema(older.assessment_type, json.dumps(schema)))
    accept(older.api(), scene.place(older), {"external_id": "eng-1"})
    item = {"external_id": "eng-1", "kind": "final", "document": {"reference": "x"}}
    (line,) = older.api().post("results:batch", {"results": [item]}).json()["data"]
    assert [problem["pointer"] for problem in line["problem"]["problems"]] == ["/reference"]


def test_the_header_changes_one_call_and_the_other_word_means_nothing(older: Shop, order: Order) -> None:
    api = older.api().speaking(NOW)
    accept(api, order, {"reference": "eng-1", "external_id": "eng-2"})
    read = api.get(f"orders/{order.public_id}")
    assert (read.json()["reference"], read.headers["Api-Version"]) == ("eng-1", NOW)
    assert "Deprecation" not in read.headers


def test_a_replay_is_in_the_version_of_its_call(older: Shop, order: Order) -> None:
    first = accept(older.api(), order, {"external_id": "eng-1"}, key="once")
    again = accept(older.api(), order, {"external_id": "eng-1"}, key="once")
    assert (again.headers["Idempotent-Replayed"], again.content) == ("true", first.content)
    assert again.headers["Api-Version"] == BEFORE
    other = accept(older.api().speaking(NOW), order, {"external_id": "eng-1"}, key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_an_application_is_pinned_and_can_be_upgraded(older: Shop) -> None:
    api = older.api()
    assert api.get("partner").json()["api_version"] == BEFORE
    answer = api.patch("partner", {"api_version": NOW})
    assert (answer.status_code, answer.json()["api_version"]) == (200, NOW)
    assert api.get("partner").headers["Api-Version"] == NOW
    for wrong in ("2026-12-02", None, 7):
        refused = api.patch("partner", {"api_version": wrong})
        assert (refused.status_code, refused.json()["problems"][0]["pointer"]) == (422, "/api_version")


def test_an_installations_token_chooses_no_version_for_its_partner(older: Shop) -> None:
    answer = older.api(of=older.installation).patch("partner", {"api_version": NOW})
    assert (answer.status_code, answer.json()["code"]) == (403, "own_credentials_needed")
