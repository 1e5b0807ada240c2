"""Endpoints by API: put, list, rotate, ping; by the partner itself and nobody else."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from core import secrets
from core.models import RememberedReply, RequestLog
from partners.delivery import readers
from partners.models import Delivery, Endpoint, Installation, SigningSecret
from partners.services import installations, onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.partners.steps import allow, asking, bearer, exchange, own_token
from tests.world import World

URL = "https://codeforge.example/hooks"


class Api:
    """Calls with a token."""

    def __init__(self, token: str) -> None:
        self.headers = bearer(token)

    def get(self, path: str, **headers: str) -> Any:
        return Client().get(f"/api/v1{path}", headers={**self.headers, **headers})

    def put(self, path: str, body: Any, **headers: str) -> Any:
        sent = {**self.headers, **headers}
        return Client().put(f"/api/v1{path}", json.dumps(body), "application/json", headers=sent)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        sent = "" if body is None else json.dumps(body)
        return Client().post(f"/api/v1{path}", sent, "application/json", headers={**self.headers, **headers})


@pytest.fixture
def api(sandboxed: Registration) -> Api:
    return Api(own_token(sandboxed.application, sandboxed.client_secret))


@pytest.fixture
def stranger(db: None) -> Api:
    """Another partner."""
    made = onboarding.register_partner(name="Parley", contact_email="")
    return Api(own_token(made.application, made.client_secret))


def test_put_creates_with_a_secret_that_is_shown_this_once(api: Api) -> None:
    answer = api.put("/endpoints/order", {"url": URL})
    body = answer.json()
    endpoint = Endpoint.objects.get()
    assert answer.status_code == 201
    assert body == {
        "id": endpoint.public_id,
        "purpose": "order",
        "url": URL,
        "enabled": True,
        "topics": [],
        "disabled_reason": None,
        "consecutive_failures": 0,
        "open_until": None,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
        "secret": body["secret"],
    }
    assert body["secret"] == secrets.decrypt(SigningSecret.objects.get().encrypted)
    again = api.put("/endpoints/order", {"url": URL, "enabled": False})
    assert (again.status_code, "secret" in again.json(), again.json()["enabled"]) == (200, False, False)
    assert "secret" not in api.get("/endpoints").json()["data"][0]
    assert "secret" not in api.get("/endpoints/order").json()


def test_an_endpoint_put_again_with_its_key_shows_its_secret_again(api: Api) -> None:
    key = {"Idempotency-Key": "k1"}
    first, again = (api.put("/endpoints/order", {"url": URL}, **key) for _ in range(2))
    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert again.json() == first.json()
    assert again.json()["secret"] == secrets.decrypt(SigningSecret.objects.get().encrypted)
    row = RememberedReply.objects.get()
    assert (row.clear, first.json()["secret"].encode() in bytes(row.body)) == ("", False)
    other = api.put("/endpoints/order", {"url": f"{URL}/2"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert "secret" not in api.put("/endpoints/order", {"url": URL}).json()


def test_rotating_shows_the_new_secret(api: Api) -> None:
    old = api.put("/endpoints/order", {"url": URL}).json()["secret"]
    answer = api.post("/endpoints/order/rotate-secret")
    assert answer.status_code == 200
    assert answer.json()["secret"] not in ("", old)


def test_a_rotation_repeated_with_its_key_rotates_once_and_keeps_no_readable_secret(api: Api) -> None:
    api.put("/endpoints/order", {"url": URL})
    first, second = (api.post("/endpoints/order/rotate-secret", **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert SigningSecret.objects.count() == 2
    assert not RequestLog.objects.filter(request_body__contains=first.json()["secret"]).exists()


def test_a_fourth_rotation_in_a_day_is_refused_until_there_is_room(api: Api) -> None:
    api.put("/endpoints/order", {"url": URL})
    answers = [api.post("/endpoints/order/rotate-secret") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    first = SigningSecret.objects.order_by("pk")[0].expires_at
    assert answers[3].json()["code"] == "too_many_rotations"
    assert datetime.fromisoformat(answers[3].json()["until"]).date() == (first and first.date())


def test_a_ping_answers_with_its_delivery(api: Api) -> None:
    api.put("/endpoints/order", {"url": URL})
    answer = api.post("/endpoints/order/ping")
    delivery = Delivery.objects.get()
    assert (answer.status_code, answer.json()["id"], answer.json()["topic"]) == (202, delivery.public_id, "ping")
    found = api.get(f"/deliveries/{delivery.public_id}").json()
    assert (found["state"], found["attempts"], json.loads(found["body"])["type"]) == ("due", [], "ping")


def test_an_endpoint_gets_the_topics_that_it_names(api: Api, sandboxed: Registration) -> None:
    wanted = ["order.placed", "installation.paused", "order.placed"]
    assert api.put("/endpoints/events", {"url": URL, "topics": wanted}).json()["topics"] == [
        "installation.paused",
        "order.placed",
    ]
    installations.pause(sandboxed.installation, actor="tests")
    installations.resume(sandboxed.installation, actor="tests")
    assert [row["topic"] for row in api.get("/deliveries").json()["data"]] == ["installation.paused"]
    # What is put without them wants everything again.
    assert api.put("/endpoints/events", {"url": URL}).json()["topics"] == []


def test_an_unknown_topic_is_refused_where_it_stands(api: Api) -> None:
    answer = api.put("/endpoints/events", {"url": URL, "topics": ["ping", "order.place"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert [(problem["pointer"], problem["code"]) for problem in answer.json()["problems"]] == [
        ("/topics/1", "unknown_topic")
    ]
    api.put("/endpoints/events", {"url": URL})
    refused = api.post("/endpoints/events/ping", {"topic": "order.place"})
    assert (refused.status_code, refused.json()["problems"][0]["pointer"]) == (422, "/topic")


@pytest.mark.parametrize("topic", sorted(readers.announced(readers.Side.PARTNER)))
def test_a_sample_of_each_topic_says_that_it_is_a_test(api: Api, topic: str) -> None:
    api.put("/endpoints/order", {"url": URL, "topics": ["order.cancelled"]})
    delivery = api.post("/endpoints/order/ping", {"topic": topic}).json()
    body = json.loads(api.get(f"/deliveries/{delivery['id']}").json()["body"])
    assert (delivery["topic"], body["type"], body.get("test", False)) == (topic, topic, topic != "ping")
    assert {"timestamp", "data"} <= body.keys()


def test_pings_are_limited(api: Api, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "ping": "1/m"}
    api.put("/endpoints/order", {"url": URL})
    assert [api.post("/endpoints/order/ping").status_code for _ in range(2)] == [202, 429]
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("url", ["http://codeforge.example/", "https://10.0.0.1/", "https://[fd00::1]/", "nonsense"])
def test_a_url_that_must_not_be_called_is_422_with_a_pointer(api: Api, url: str) -> None:
    answer = api.put("/endpoints/order", {"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_url")
    assert [problem["pointer"] for problem in answer.json()["problems"]] == ["/url"]
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": 1.5}, "/url"),
        ({"url": []}, "/url"),
        ({"url": URL, "enabled": "maybe"}, "/enabled"),
        ([], ""),
    ],
)
def test_a_body_of_another_shape_is_422(api: Api, body: Any, pointer: str) -> None:
    answer = api.put("/endpoints/order", body)
    assert answer.status_code == 422
    assert [problem["pointer"] for problem in answer.json()["problems"]] == [pointer]


def test_a_purpose_that_does_not_exist_is_named(api: Api) -> None:
    for answer in (api.put("/endpoints/everything", {"url": URL}), api.post("/endpoints/everything/ping")):
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_purpose")


def test_an_endpoint_that_was_not_put_is_404(api: Api) -> None:
    for path in ("/endpoints/order/ping", "/endpoints/order/rotate-secret"):
        assert api.post(path).status_code == 404
    assert api.get("/endpoints/order").status_code == 404


def test_a_sixth_endpoint_of_a_sandbox_partner_is_a_conflict(api: Api) -> None:
    purposes = ["order", "cancel", "status", "catalogue", "complaint", "events"]
    statuses = [api.put(f"/endpoints/{purpose}", {"url": URL}).status_code for purpose in purposes]
    assert statuses == [201, 201, 201, 201, 201, 409]


def test_another_partner_sees_and_touches_nothing_of_it(api: Api, stranger: Api) -> None:
    api.put("/endpoints/order", {"url": URL})
    delivery_id = api.post("/endpoints/order/ping").json()["id"]
    assert stranger.get("/endpoints").json()["data"] == []
    assert stranger.get("/deliveries").json()["data"] == []
    for answer in (
        stranger.get("/endpoints/order"),
        stranger.post("/endpoints/order/ping"),
        stranger.post("/endpoints/order/rotate-secret"),
        stranger.get(f"/deliveries/{delivery_id}"),
        stranger.post(f"/deliveries/{delivery_id}/redeliver"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_two_environments_have_endpoints_of_their_own(api: Api, live: Live) -> None:
    api.put("/endpoints/order", {"url": URL})
    assert Api(own_token(live.application, live.client_secret)).get("/endpoints").json()["data"] == []


def test_a_token_of_one_installation_cannot_redirect_the_partners_webhooks(
    live: Live, world: World, signed_in: Any
) -> None:
    code = allow(signed_in(world.admin), asking(live.application), world.acme)["code"]
    api = Api(exchange(live.application, live.client_secret, code).json()["access_token"])
    for answer in (api.put("/endpoints/order", {"url": URL}), api.get("/endpoints"), api.post("/endpoints/order/ping")):
        assert (answer.status_code, answer.json()["code"]) == (403, "own_credentials_needed")


def test_a_missing_scope_is_named(sandboxed: Registration) -> None:
    api = Api(own_token(sandboxed.application, sandboxed.client_secret, "orders:read"))
    answer = api.get("/deliveries")
    assert (answer.status_code, answer.json()["code"], answer.json()["required"]) == (
        403,
        "insufficient_scope",
        "events:read",
    )
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", error="insufficient_scope", scope="events:read"'


def test_a_method_that_is_not_taken_is_405(api: Api) -> None:
    assert api.post("/partner").status_code == 405
    assert api.get("/deliveries/dlv_x/redeliver").status_code == 405


def test_without_a_token_nothing_is_told(db: None) -> None:
    for path in ("/partner", "/endpoints", "/deliveries", "/requests"):
        assert Client().get(f"/api/v1{path}").status_code == 401


def test_the_partner_knows_itself(live: Live, installed: Installation, world: World) -> None:
    api = Api(own_token(live.application, live.client_secret, "orders:read"))
    assert api.get("/partner").json() == {
        "id": live.partner.public_id,
        "name": "CodeForge",
        "description": "",
        "website": "",
        "contact_email": "dev@codeforge.example",
        "status": "approved",
        "dialect": "native",
        "environment": "live",
        "api_version": "2026-12-01",
        "client_id": live.application.client_id,
        "scopes": ["orders:read"],
        "sandbox": None,
        "installations": [
            {
                "id": installed.public_id,
                "organization": {"id": world.acme.public_id, "name": "Acme Robotics"},
                "status": "active",
                "scopes": ["candidates.name:read", "orders:read"],
                "installed_at": api.get("/partner").json()["installations"][0]["installed_at"],
            }
        ],
    }
