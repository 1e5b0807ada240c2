"""What an organization's own programs are told: owed with the deed, thin, to its endpoint; else nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments.services import orders, results, transitions
from partners.delivery import sequencing
from partners.models import Delivery, Endpoint, Event
from partners.services import clients, endpoints
from tests.assessments import scene
from tests.assessments.scene import Api, Shop
from tests.world import World

pytestmark = pytest.mark.django_db
URL = "https://acme.example/hooks"


@pytest.fixture
def shop(world: World) -> Shop:
    return scene.shop_of(world)


@pytest.fixture
def api(world: World) -> Api:
    return scene.host(world.acme)


def told(organization: Any) -> list[tuple[str, dict[str, str]]]:
    events = Event.objects.filter(partner=None, organization=organization).order_by("pk")
    return [(event.topic, json.loads(event.body)["data"]) for event in events]


def put(organization: Any, **more: Any) -> Endpoint:
    return endpoints.put(organization, "live", "events", url=URL, **more)[0]


def test_an_organization_without_a_client_is_told_nothing(world: World, shop: Shop) -> None:
    put(world.acme)
    scene.post(scene.place(shop))
    assert told(world.acme) == []
    assert not Delivery.objects.filter(endpoint__organization=world.acme).exists()


def test_the_course_of_an_order_is_told_with_ids_alone(world: World, shop: Shop, api: Api) -> None:
    order = scene.place(shop)
    scene.tell(order, "accepted", reference="eng-1")
    scene.tell(order, "started")
    scene.tell(order, "progress", progress=40)
    scene.post(order)
    scene.post(scene.reread(order), {"score": 90}, kind="amended", reason="Marked twice.")
    first, second = order.results.order_by("revision")
    one = {"order": order.public_id}
    assert told(world.acme) == [
        ("order.status_changed", {**one, "status": "requested"}),
        ("order.status_changed", {**one, "status": "sent"}),
        ("order.status_changed", {**one, "status": "started"}),
        ("order.status_changed", {**one, "status": "completed"}),
        ("result.received", {**one, "result": first.public_id}),
        ("order.status_changed", {**one, "status": "completed"}),
        ("result.amended", {**one, "result": second.public_id}),
    ]
    assert told(world.globex) == []


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        (lambda order: orders.cancel(order, actor="tests"), "cancelled"),
        (lambda order: scene.tell(order, "declined", message="No seats left."), "declined"),
        (lambda order: scene.give_up(order), "failed"),
    ],
)
def test_every_end_is_told(world: World, shop: Shop, api: Api, deed: Callable[[Any], Any], status: str) -> None:
    order = scene.place(shop)
    deed(order)
    assert told(world.acme)[-1] == ("order.status_changed", {"order": order.public_id, "status": status})


def test_a_deed_that_is_undone_is_not_told(world: World, shop: Shop, api: Api) -> None:
    put(world.acme)
    order = scene.place(shop)
    before = (told(world.acme), Delivery.objects.count())
    with transaction.atomic():
        scene.post(order)
        transaction.set_rollback(True)
    assert (told(world.acme), Delivery.objects.count()) == before


def test_what_is_refused_changes_nothing_and_is_not_told(world: World, shop: Shop, api: Api) -> None:
    order = scene.place(shop)
    before = told(world.acme)
    scene.post(order, {"score": "many"})
    assert told(world.acme) == before


def test_each_event_is_owed_to_the_endpoint_if_it_wants_the_topic(world: World, shop: Shop, api: Api) -> None:
    endpoint = put(world.acme, topics=["result.received", "result.amended"])
    elsewhere = put(world.globex)
    scene.host(world.globex)
    scene.post(scene.place(shop))
    (delivery,) = Delivery.objects.filter(endpoint__organization__isnull=False)
    assert (delivery.endpoint, delivery.event.topic, delivery.purpose) == (endpoint, "result.received", "events")
    assert (delivery.state, elsewhere.deliveries.count()) == ("due", 0)


def test_a_batch_tells_of_each_of_its_orders(world: World, shop: Shop, api: Api) -> None:
    put(world.acme)
    mine = [scene.place(shop) for _ in range(3)]
    items = [{"order": order.public_id, "kind": "final", "document": {"score": 1}} for order in mine]
    assert shop.api().post("results:batch", {"results": items}).status_code == 200
    received = [data["order"] for topic, data in told(world.acme) if topic == "result.received"]
    assert received == [order.public_id for order in mine]
    assert Delivery.objects.filter(endpoint__organization=world.acme, event__topic="result.received").count() == 3


def test_a_result_costs_one_statement_more_where_somebody_listens(world: World, shop: Shop) -> None:
    def statements() -> int:
        order = scene.place(shop)
        with (
            CaptureQueriesContext(connection) as counted,
            transaction.atomic(),
        ):
            transitions.lock(order)
            results.record_locked(
                results.Posted(
                    order=order,
                    kind="final",
                    document_text='{"score": 1}',
                    document={"score": 1},
                    occurred_at=None,
                    reason="",
                    raw=b"{}",
                )
            )
        return len([query for query in counted if "SAVEPOINT" not in query["sql"]])

    statements()
    alone = statements()
    clients.create(world.acme, name="A", actor=None)
    shop.installation.organization.refresh_from_db()
    listening = statements()
    # The look for an endpoint; on SQLite, where a statement is a part, the events besides.
    assert listening - alone == (1 if connection.vendor == "postgresql" else 2)


def test_the_feed_holds_what_the_organization_was_told_and_nobody_elses(world: World, shop: Shop, api: Api) -> None:
    mallory = scene.host(world.globex)
    order = scene.place(shop)
    sequencing.assign()
    page = api.get("events").json()
    assert [(row["topic"], row["subject"], row["installation"]) for row in page["data"]] == [
        ("order.status_changed", order.public_id, None)
    ]
    assert page["data"][0]["payload"]["data"] == {"order": order.public_id, "status": "requested"}
    scene.post(order)
    sequencing.assign()
    news = api.get("events", since=page["next_since"], topic="result.received").json()["data"]
    assert [row["payload"]["data"]["result"] for row in news] == [order.results.get().public_id]
    assert mallory.get("events").json()["data"] == []
    # And the partner reads of its own news only, by either kind of token.
    for theirs in (shop.api(), shop.api(of=shop.installation)):
        topics = {row["topic"] for row in theirs.get("events").json()["data"]}
        assert topics == {"installation.created", "order.placed"}


def test_an_endpoint_is_named_pinged_and_rotated_by_the_program(world: World, api: Api) -> None:
    mallory = scene.host(world.globex)
    made = api.put("endpoints/events", {"url": URL, "topics": ["result.received"]})
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    again = api.put("endpoints/events", {"url": URL + "/2", "topics": []})
    assert (again.status_code, "secret" in again.json(), again.json()["id"]) == (200, False, made.json()["id"])
    assert [row["url"] for row in api.get("endpoints").json()["data"]] == [URL + "/2"]
    assert api.post("endpoints/events/rotate-secret").json()["secret"] != made.json()["secret"]
    for topic in ("ping", "order.status_changed", "result.received", "result.amended"):
        sent = api.post("endpoints/events/ping", {"topic": topic}).json()
        body = json.loads(api.get(f"deliveries/{sent['id']}").json()["body"])
        assert (sent["topic"], body["type"], body.get("test", False)) == (topic, topic, topic != "ping")
        assert mallory.get(f"deliveries/{sent['id']}").status_code == 404
    assert api.put("endpoints/order", {"url": URL}).json()["code"] == "unknown_purpose"
    for body in ({"url": URL, "topics": ["order.placed"]}, {"url": URL, "topics": ["installation.paused"]}):
        assert api.put("endpoints/events", body).json()["problems"][0]["code"] == "unknown_topic"
    assert mallory.get("endpoints/events").status_code == 404
    assert mallory.get("deliveries").json()["data"] == []


def test_what_failed_or_a_range_of_events_is_sent_again(world: World, shop: Shop, api: Api) -> None:
    put(world.acme)
    mallory = scene.host(world.globex)
    for _ in range(4):
        scene.place(shop)
    sequencing.assign()
    rows = Delivery.objects.filter(endpoint__organization=world.acme).order_by("pk")
    events = [row["id"] for row in api.get("events").json()["data"]]
    now = rows[0].created_at
    rows.update(state="delivered", settled_at=now)
    rows.filter(pk=rows[0].pk).update(state="given_up")
    since = {"since": now.isoformat()}
    assert mallory.post("deliveries/redeliver", since).json() == {"redelivered": 0}
    assert api.post("deliveries/redeliver", since).json() == {"redelivered": 1}
    assert api.post("deliveries/redeliver", since).json() == {"redelivered": 0}
    between = {"first": events[1], "last": events[2]}
    refused = mallory.post("deliveries/redeliver", between)
    assert (refused.status_code, refused.json()["problems"][0]["pointer"]) == (422, "/first")
    assert api.post("deliveries/redeliver", between).json() == {"redelivered": 2, "next": None}
    assert api.post("deliveries/redeliver", between).json() == {"redelivered": 0, "next": None}
    assert [row.state for row in rows.all()] == ["due", "due", "due", "delivered"]
    for body in ({"first": events[1]}, {**between, **since}, {}):
        assert api.post("deliveries/redeliver", body).status_code == 422


def test_a_range_holds_what_the_endpoint_did_not_want_then_and_wants_now(shop: Shop, world: World, api: Api) -> None:
    scene.place(shop)
    order = scene.place(shop)
    sequencing.assign()
    events = [row["id"] for row in api.get("events").json()["data"]]
    whole = {"first": events[0], "last": events[-1]}
    assert api.post("deliveries/redeliver", whole).json() == {"redelivered": 0, "next": None}
    put(world.acme, topics=["result.received"])
    assert api.post("deliveries/redeliver", whole).json() == {"redelivered": 0, "next": None}
    put(world.acme)
    assert api.post("deliveries/redeliver", whole).json() == {"redelivered": 2, "next": None}
    assert api.post("deliveries/redeliver", whole).json() == {"redelivered": 0, "next": None}
    rows = Delivery.objects.filter(endpoint__organization=world.acme)
    assert sorted(row.event.public_id for row in rows) == sorted(events)
    assert rows.filter(event__subject=order.public_id).get().state == "due"
