"""Deliveries and requests by API: lists with cursors and filters, attempts, delivering again."""

from __future__ import annotations

import pytest
from django.utils import timezone

from core.models import RequestLog
from partners.models import Attempt, Delivery, Environment, Installation
from partners.services import endpoints, installations
from partners.services.onboarding import Registration
from tests.partners.api.test_endpoints import URL, Api
from tests.partners.fixtures import Live
from tests.partners.steps import own_token
from tests.world import World


@pytest.fixture
def api(sandboxed: Registration) -> Api:
    return Api(own_token(sandboxed.application, sandboxed.client_secret))


@pytest.fixture
def deliveries(sandboxed: Registration) -> list[Delivery]:
    """Three pings, the newest last."""
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "events", url=URL)
    return [endpoints.ping(endpoint) for _ in range(3)]


def test_deliveries_come_newest_first_in_pages(api: Api, deliveries: list[Delivery]) -> None:
    first = api.get("/deliveries?limit=2").json()
    second = api.get(f"/deliveries?limit=2&cursor={first['next_cursor']}").json()
    listed = [row["id"] for row in first["data"] + second["data"]]
    assert listed == [row.public_id for row in reversed(deliveries)]
    assert second["next_cursor"] is None


def test_deliveries_are_filtered_by_state_topic_and_subject(api: Api, deliveries: list[Delivery]) -> None:
    Delivery.objects.filter(pk=deliveries[0].pk).update(state="given_up")
    assert [row["id"] for row in api.get("/deliveries?state=given_up").json()["data"]] == [deliveries[0].public_id]
    assert api.get("/deliveries?topic=order.placed").json()["data"] == []
    subject = deliveries[0].event.subject
    assert len(api.get(f"/deliveries?topic=ping&subject={subject}").json()["data"]) == 3
    refused = api.get("/deliveries?state=lost")
    assert (refused.status_code, refused.json()["problems"][0]["parameter"]) == (422, "state")


def test_a_delivery_shows_its_attempts_with_what_came_back(api: Api, deliveries: list[Delivery]) -> None:
    now = timezone.now()
    Attempt.objects.create(
        delivery=deliveries[0], number=1, started_at=now, duration_ms=12, url=URL, status=500, outcome="retried",
        reply_body=b"boom \xff",
    )  # fmt: skip
    found = api.get(f"/deliveries/{deliveries[0].public_id}").json()
    assert found["webhook_id"] == deliveries[0].event.public_id
    assert found["attempts"] == [
        {
            "number": 1,
            "started_at": found["attempts"][0]["started_at"],
            "duration_ms": 12,
            "url": URL,
            "status": 500,
            "failure": None,
            "outcome": "retried",
            "reply_body": "boom \ufffd",
        }
    ]


def test_delivering_again_keeps_the_webhook_id(api: Api, deliveries: list[Delivery]) -> None:
    Delivery.objects.filter(pk=deliveries[0].pk).update(state="given_up", settled_at=timezone.now())
    answer = api.post(f"/deliveries/{deliveries[0].public_id}/redeliver")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["webhook_id"]) == ("due", deliveries[0].event.public_id)


def test_a_withdrawn_delivery_is_not_delivered_again(api: Api, deliveries: list[Delivery]) -> None:
    Delivery.objects.filter(pk=deliveries[0].pk).update(state="withdrawn", settled_at=timezone.now())
    answer = api.post(f"/deliveries/{deliveries[0].public_id}/redeliver")
    assert (answer.status_code, answer.json()["code"]) == (409, "delivery_withdrawn")


def test_a_live_client_sees_no_sandbox_delivery(deliveries: list[Delivery], live: Live) -> None:
    assert Api(own_token(live.application, live.client_secret)).get("/deliveries").json()["data"] == []


def test_events_of_a_removed_installation_stay_in_the_log(live: Live, installed: Installation, world: World) -> None:
    endpoints.put(live.partner, Environment.LIVE, "events", url=URL)
    installations.remove(installed, actor=world.admin.user)
    listed = Api(own_token(live.application, live.client_secret)).get("/deliveries").json()["data"]
    assert [row["topic"] for row in listed] == ["installation.removed"]


def test_every_call_is_in_the_log_with_its_request_id(api: Api) -> None:
    refused = api.put("/endpoints/order", {"url": "nonsense"})
    listed = api.get("/requests?code=invalid_url").json()["data"]
    assert [(row["method"], row["path"], row["status"], row["request_id"]) for row in listed] == [
        ("PUT", "/api/v1/endpoints/order", 422, refused["Request-Id"])
    ]
    assert listed[0]["request_body"] == '{"url": "nonsense"}'
    assert len(api.get("/requests?status=422").json()["data"]) == 1
    assert len(api.get(f"/requests?request_id={refused['Request-Id']}").json()["data"]) == 1
    assert api.get("/requests?status=nonsense").status_code == 422


def test_the_log_of_another_partner_is_not_shown(api: Api) -> None:
    RequestLog.objects.create(
        request_id="req_x", client_id="x", partner="par_x", method="GET", path="/api/v1/x", status=200, latency_ms=1
    )
    api.get("/partner")
    assert {row["path"] for row in api.get("/requests").json()["data"]} == {"/oauth/token", "/api/v1/partner"}


def test_the_live_log_is_not_the_sandbox_log(api: Api, live: Live) -> None:
    api.get("/partner")
    listed = Api(own_token(live.application, live.client_secret)).get("/requests").json()["data"]
    assert {row["path"] for row in listed} == {"/oauth/token"}
