"""Deliveries and requests by API: lists with cursors and filters, attempts, delivering again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import RequestLog
from partners.delivery import outbox, sequencing
from partners.models import Attempt, Delivery, Endpoint, Environment, Installation
from partners.services import endpoints, installations, onboarding
from partners.services.onboarding import Registration
from tests.partners.api.test_endpoints import URL, Api
from tests.partners.delivery import scene
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
    installed = api.get("/partner").json()["installations"][0]["id"]
    assert api.get(f"/deliveries?installation={installed}").json()["data"] == []
    endpoint = Endpoint.objects.get()
    outbox.owe(Installation.objects.get(public_id=installed), scene.message("ord_1"))
    found = api.get(f"/deliveries?installation={installed}").json()["data"]
    assert [(row["subject"], row["endpoint"]["id"]) for row in found] == [("ord_1", endpoint.public_id)]
    assert api.get("/deliveries?installation=ins_x").json()["data"] == []
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


def fail(delivery: Delivery, state: str, *, hours_ago: float = 1) -> None:
    ended = timezone.now() - timedelta(hours=hours_ago)
    Delivery.objects.filter(pk=delivery.pk).update(state=state, settled_at=ended)


def hours_ago(count: float) -> str:
    return (timezone.now() - timedelta(hours=count)).isoformat()


def states(*rows: Delivery) -> list[str]:
    return [Delivery.objects.get(pk=row.pk).state for row in rows]


def test_everything_that_failed_since_a_moment_is_delivered_again_once(api: Api, deliveries: list[Delivery]) -> None:
    first, second, third = deliveries
    fail(first, "given_up", hours_ago=30)
    fail(second, "given_up")
    fail(third, "refused")
    assert api.post("/deliveries/redeliver", {"since": hours_ago(24)}).json() == {"redelivered": 2}
    assert states(*deliveries) == ["given_up", "due", "due"]
    assert api.post("/deliveries/redeliver", {"since": hours_ago(24)}).json() == {"redelivered": 0}


def test_a_range_of_events_is_delivered_again_but_for_what_is_unclear_or_withdrawn(
    api: Api, deliveries: list[Delivery]
) -> None:
    first, second, third = deliveries
    sequencing.assign()
    whole = {"first": first.event.public_id, "last": third.event.public_id}
    fail(first, "delivered")
    fail(second, "unclear")
    fail(third, "withdrawn")
    assert api.post("/deliveries/redeliver", whole).json() == {"redelivered": 1, "next": None}
    assert states(*deliveries) == ["due", "unclear", "withdrawn"]
    fail(second, "given_up")
    until = {**whole, "last": first.event.public_id}
    assert api.post("/deliveries/redeliver", until).json() == {"redelivered": 0, "next": None}
    begun = {**whole, "first": second.event.public_id}
    assert api.post("/deliveries/redeliver", begun).json() == {"redelivered": 1, "next": None}
    backwards = {"first": third.event.public_id, "last": first.event.public_id}
    assert api.post("/deliveries/redeliver", backwards).json() == {"redelivered": 0, "next": None}


def test_a_long_range_is_walked_to_its_end_although_its_beginning_arrives_meanwhile(
    api: Api, deliveries: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SANDBOX_DELIVERIES", 2)
    sequencing.assign()
    for delivery in deliveries:
        fail(delivery, "delivered")
    first, _, third = deliveries
    body = {"first": first.event.public_id, "last": third.event.public_id}
    begun = api.post("/deliveries/redeliver", body).json()
    assert begun == {"redelivered": 2, "next": third.event.public_id}
    for delivery in deliveries:
        fail(delivery, "delivered")
    ended = api.post("/deliveries/redeliver", {**body, "first": begun["next"]}).json()
    assert ended == {"redelivered": 1, "next": None}
    assert states(*deliveries) == ["delivered", "delivered", "due"]


def test_a_range_owes_a_partner_nothing_that_no_endpoint_wanted_when_it_happened(
    api: Api, deliveries: list[Delivery]
) -> None:
    Delivery.objects.filter(pk=deliveries[1].pk).delete()
    sequencing.assign()
    body = {"first": deliveries[0].event.public_id, "last": deliveries[2].event.public_id}
    fail(deliveries[0], "delivered")
    fail(deliveries[2], "delivered")
    assert api.post("/deliveries/redeliver", body).json() == {"redelivered": 2, "next": None}
    assert not Delivery.objects.filter(event=deliveries[1].event).exists()


def test_until_and_state_narrow_what_is_delivered_again(api: Api, deliveries: list[Delivery]) -> None:
    first, second, third = deliveries
    fail(first, "given_up", hours_ago=30)
    fail(second, "refused", hours_ago=30)
    fail(third, "given_up")
    body = {"since": hours_ago(48), "until": hours_ago(24), "state": "given_up"}
    assert api.post("/deliveries/redeliver", body).json() == {"redelivered": 1}
    assert states(*deliveries) == ["due", "refused", "given_up"]


def test_what_may_have_arrived_is_delivered_again_by_name_only(api: Api, deliveries: list[Delivery]) -> None:
    fail(deliveries[0], "unclear")
    fail(deliveries[1], "withdrawn")
    assert api.post("/deliveries/redeliver", {"since": hours_ago(24)}).json() == {"redelivered": 0}
    body = {"since": hours_ago(24), "state": "unclear"}
    assert api.post("/deliveries/redeliver", body).json() == {"redelivered": 1}


def test_so_many_are_delivered_again_at_once_those_that_ended_first(
    api: Api, deliveries: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SANDBOX_DELIVERIES", 2)
    for delivery in deliveries:
        fail(delivery, "given_up")
    assert api.post("/deliveries/redeliver", {"since": hours_ago(24)}).json() == {"redelivered": 2}
    assert states(*deliveries) == ["due", "due", "given_up"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/since"),
        ({"since": "yesterday"}, "/since"),
        ({"since": 5}, "/since"),
        ({"since": "2026-11-02T10:00:00Z", "state": "withdrawn"}, "/state"),
        ({"since": "2026-11-02T10:00:00Z", "until": "now"}, "/until"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(api: Api, body: dict[str, Any], pointer: str) -> None:
    answer = api.post("/deliveries/redeliver", body)
    assert (answer.status_code, answer.json()["problems"][0]["pointer"]) == (422, pointer)


def test_nothing_of_another_partner_or_environment_is_delivered_again(deliveries: list[Delivery], live: Live) -> None:
    for delivery in deliveries:
        fail(delivery, "given_up")
    mallory = onboarding.register_partner(name="Sneak", contact_email="")
    for token in (
        own_token(mallory.application, mallory.client_secret),
        own_token(live.application, live.client_secret),
    ):
        assert Api(token).post("/deliveries/redeliver", {"since": hours_ago(24)}).json() == {"redelivered": 0}
    assert states(*deliveries) == ["given_up"] * 3


def test_logs_begin_at_a_moment(api: Api, deliveries: list[Delivery]) -> None:
    Delivery.objects.filter(pk=deliveries[0].pk).update(created_at=timezone.now() - timedelta(hours=2))
    found = api.get("/deliveries?since=" + hours_ago(1)).json()["data"]
    assert [row["id"] for row in found] == [deliveries[2].public_id, deliveries[1].public_id]
    RequestLog.objects.update(created_at=timezone.now() - timedelta(hours=2))
    api.get("/partner")
    assert [row["path"] for row in api.get("/requests?since=" + hours_ago(1)).json()["data"]] == ["/api/v1/partner"]
    for path in ("/deliveries", "/requests"):
        assert api.get(f"{path}?since=yesterday").json()["problems"][0]["parameter"] == "since"


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
    assert api.get("/requests?access_token=s3cr3t").status_code == 422
    assert api.get("/requests?status=nonsense").status_code == 422
    why, hidden = api.get("/requests?code=validation_failed").json()["data"]
    assert hidden["query"] == "access_token=[hidden]"
    assert why["query"] == "status=nonsense"
    assert why["problem"] == {
        "detail": "The query parameter status cannot be accepted.",
        "problems": [
            {"pointer": "", "parameter": "status", "code": "invalid", "message": "An HTTP status, such as 422."}
        ],
        "problem_count": 1,
    }


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
