"""Every route of the API that knows its caller counts it, and says so: found from the routes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from core.api.views import ApiView
from partners.models import Environment
from partners.scopes import ALL
from partners.services import endpoints
from tests.assessments import scene
from tests.assessments.scene import Shop, shop_of
from tests.described import routes
from tests.world import World

CALLS = [
    (method, re.sub(r"\{\w+\}", "1", path).removeprefix("/api/v1/"), view.limited_as)
    for path, pattern in routes()
    if isinstance(view := getattr(pattern.callback, "cls", None), type) and issubclass(view, ApiView)
    if path.startswith("/api/v1/")
    for method in ("get", "post", "put", "patch", "delete")
    if hasattr(view, method)
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(world: World, settings: Settings) -> Shop:
    settings.RATE_LIMITS = {"api": "2/d", "results": "3/d"}
    return shop_of(world)


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
def test_each_call_is_counted_and_told(shop: Shop, method: str, path: str, scope: str) -> None:
    api, allowed = shop.api(), {"api": 2, "results": 3}[scope]
    for left in (*range(allowed - 1, -1, -1), 0):
        answer = api.send(method.upper(), path, b"{}")
        assert answer.headers["RateLimit-Policy"] == f'"{scope}";q={allowed};w=86400'
        assert answer.headers["RateLimit"].startswith(f'"{scope}";r={left};t=')
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 0 < int(answer.headers["Retry-After"]) <= 86400


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
def test_a_refused_call_is_counted_and_told_too(
    shop: Shop, settings: Settings, method: str, path: str, scope: str
) -> None:
    settings.RATE_LIMITS = {scope: "9/d"}
    api, without = shop.api(), scene.Api(scene.token(shop.application, ()))
    refused = [
        api.saying({"Api-Version": "1999-01-01"}).send(method.upper(), path, b"{}"),
        api.saying({"Accept": "application/xml"}).send(method.upper(), path, b"{}"),
        api.send(method.upper(), path, b"<a/>", kind="text/xml"),
        api.send("OPTIONS", path, b""),
        without.send(method.upper(), path, b"{}"),
    ]
    left = [answer.headers["RateLimit"].partition(";t=")[0] for answer in refused]
    assert left == [f'"{scope}";r={number}' for number in range(8, 3, -1)]
    assert (refused[0].status_code, refused[3].status_code) == (400, 405)


def test_a_call_of_nothing_is_counted_and_told_too(shop: Shop) -> None:
    api = shop.api()
    answers = [api.get("nothing"), api.send("POST", "orders/", b"{}"), api.get("nothing")]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == [
        '"api";r=1', '"api";r=0', '"api";r=0'
    ]  # fmt: skip


def test_a_ping_counts_twice_and_tells_the_limit_of_its_own(shop: Shop, settings: Settings) -> None:
    settings.RATE_LIMITS = {"api": "9/d", "ping": "1/d"}
    for environment in (Environment.LIVE, Environment.SANDBOX):
        endpoints.put(shop.partner, environment, "events", url="https://codeforge.example/hooks")
    answers = [shop.api().post("endpoints/events/ping") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 429]
    assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == ['"ping";r=0'] * 2
    assert shop.api().get("orders").headers["RateLimit"].startswith('"api";r=6;')
    # By who calls, not by where from.
    sandbox = scene.Api(scene.token(shop.partner.applications.get(environment=Environment.SANDBOX), ALL))
    assert sandbox.post("endpoints/events/ping").status_code == 202


@pytest.mark.parametrize("path", ["token", "revoke", "register"])
def test_oauth_tells_its_limits_too(client: Client, settings: Settings, path: str) -> None:
    scope = "register" if path == "register" else "token"
    settings.RATE_LIMITS = {scope: "4/d"}
    url, form = f"/oauth/{path}", "application/x-www-form-urlencoded"
    answers = [
        client.post(url, "a=1", form),
        client.get(url),
        client.post(url, "{", "application/json"),
        client.post(url, "{}", "application/json"),
        client.post(url, "{}", "application/json"),
    ]
    left = [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers]
    assert left == [f'"{scope}";r={number}' for number in (3, 2, 1, 0, 0)]
    assert answers[-1].json()["error"] == "temporarily_unavailable"


def test_a_good_token_tells_it_too(client: Client) -> None:
    made = client.post("/oauth/register", {"client_name": "CodeForge"}, "application/json")
    assert made.headers["RateLimit-Policy"].startswith('"register";')
    form = {name: made.json()[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    answer = client.post("/oauth/token", urlencode(form), "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.headers["RateLimit-Policy"][:8]) == (200, '"token";')


def test_a_program_of_an_organization_has_room_of_its_own(shop: Shop, world: World) -> None:
    api = scene.host(world.acme)
    assert [api.get("orders").status_code for _ in range(3)] == [200, 200, 429]
    assert [api.get("candidates").status_code for _ in range(2)] == [429, 429]
    assert scene.host(world.acme).get("orders").status_code == 200


def test_an_installation_has_room_of_its_own_and_so_has_another_partner(shop: Shop, world: World) -> None:
    def statuses(api: Any) -> list[int]:
        return [api.get("orders").status_code for _ in range(3)]

    assert statuses(shop.api()) == [200, 200, 429]
    assert statuses(shop.api(of=shop.installation)) == [200, 200, 429]
    assert statuses(scene.mallorys_shop(world).api()) == [200, 200, 429]
