"""A partner that speaks the version before: its own id of an order is `external_id`, everywhere and both ways."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.models import Order
from partners.models import Application
from tests.assessments import scene
from tests.assessments.scene import Api, Shop

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


def test_what_is_wrong_is_pointed_at_in_the_words_that_were_sent(older: Shop, order: Order) -> None:
    refused = accept(older.api(), order, {"external_id": 7})
    assert [problem["pointer"] for problem in refused.json()["problems"]] == ["/external_id"]
    item = {"external_id": "x" * 300, "kind": "final", "document": {}}
    (line,) = older.api().post("results:batch", {"results": [item]}).json()["data"]
    assert [problem["pointer"] for problem in line["problem"]["problems"]] == ["/results/0/external_id"]


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
