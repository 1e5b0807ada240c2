"""Every route of the API that knows its caller counts it, and says so: found from the routes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pytest_django import Settings

from core.api.views import ApiView
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
