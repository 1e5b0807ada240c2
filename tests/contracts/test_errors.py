"""Every refusal of every route is one RFC 9457 problem, and stands in the request log: found from the routes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from assessments.models import OrderUpdate
from assessments.services import erasures
from core.api.views import ApiView, NowhereView
from core.errors import all_codes
from core.models import RequestLog
from core.openapi.views import document
from partners.models import Environment
from partners.scopes import ALL
from partners.services import endpoints
from tests.assessments import scene
from tests.described import routes
from tests.world import World, make_application, make_candidate

pytestmark = pytest.mark.django_db

JSON = "application/json"
METHODS = ("get", "post", "put", "patch", "delete")
MEMBERS = {"type", "title", "status", "detail", "code", "problems", "request_id"}
CODES = {error.code for error in all_codes()}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A method of a route; ``described`` is its operation, None where the route has no such method."""

    path: str
    method: str
    described: dict[str, Any] | None
    limit: int = 0

    @property
    def takes_json(self) -> bool:
        return JSON in (self.described or {}).get("requestBody", {}).get("content", {})

    @property
    def is_under_a_token(self) -> bool:
        return any("oauth2" in needed for needed in (self.described or {}).get("security", ()))


def calls() -> Iterator[Call]:
    for path, pattern in routes():
        view = getattr(pattern.callback, "cls", None)
        if path.startswith(("/api/", "/oauth/")) and path != "/oauth/authorize" and view is not NowhereView:
            for method in METHODS:
                yield Call(
                    path=path,
                    method=method,
                    described=document()["paths"][path].get(method),
                    limit=view.body_limit if isinstance(view, type) and issubclass(view, ApiView) else 0,
                )


CALLS = list(calls())
OFFERED = [call for call in CALLS if call.described]
WITH_JSON = [call for call in OFFERED if call.takes_json and call.is_under_a_token]


class Caller:
    """A partner with every scope, and an id that is there for each parameter of a path."""

    def __init__(self, world: World) -> None:
        shop = scene.shop_of(world)
        order = scene.place(shop)
        scene.tell(order, "accepted")
        gone = make_candidate(world.acme, "Edda", "Okafor")
        scene.place(shop, application=make_application(gone, world.stages[0]))
        endpoint, _, _ = endpoints.put(shop.partner, Environment.LIVE, "events", url="https://codeforge.example/hooks")
        self.ids = {
            "erasure_id": erasures.erase(gone, ground="asked", actor=world.admin.user).public_id,
            "order_id": order.public_id,
            "update_id": OrderUpdate.objects.latest("pk").public_id,
            "delivery_id": endpoints.ping(endpoint).public_id,
            "purpose": "events",
            "key": shop.assessment_type.key,
            "version": "1",
        }
        self.client_id = shop.application.client_id
        self.token = scene.token(shop.application, ALL)
        self.sandbox_token = scene.token(shop.partner.applications.get(environment=Environment.SANDBOX), ALL)
        self._client = Client(raise_request_exception=False)

    def send(self, call: Call, body: bytes = b"", kind: str = JSON, **headers: str) -> Any:
        token = self.sandbox_token if "/sandbox/" in call.path else self.token
        sent = {"Authorization": f"Bearer {token}", **headers}
        path = re.sub(r"\{(\w+)\}", lambda hole: self.ids.get(hole[1], "1"), call.path)
        return self._client.generic(call.method.upper(), path, body, kind, headers=sent)


@pytest.fixture
def caller(world: World, settings: Settings) -> Caller:
    settings.RATE_LIMITS = {}
    return Caller(world)


def is_refused(answer: Any, status: int, code: str) -> None:
    """As every refusal is."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert set(problem) >= MEMBERS
    assert problem["type"].endswith(f"/docs/errors#{code}")
    assert (problem["status"], problem["request_id"]) == (status, answer["Request-Id"])
    assert code in CODES
    row = RequestLog.objects.get(request_id=answer["Request-Id"])
    assert (row.status, row.problem_code) == (status, code)


def test_there_are_many() -> None:
    assert (len(OFFERED) > 40, len(WITH_JSON) > 10) == (True, True)


def test_a_call_without_a_token_or_with_an_unknown_one_is_401(caller: Caller, subtests: pytest.Subtests) -> None:
    for call in (call for call in OFFERED if call.is_under_a_token):
        with subtests.test(f"{call.method} {call.path}"):
            is_refused(caller.send(call, Authorization=""), 401, "not_authenticated")
            is_refused(caller.send(call, Authorization="Bearer unknown"), 401, "invalid_token")


def test_a_method_that_a_route_has_not_is_405_with_those_it_has(caller: Caller, subtests: pytest.Subtests) -> None:
    for call in (call for call in CALLS if not call.described):
        with subtests.test(f"{call.method} {call.path}"):
            answer = caller.send(call, b"{}")
            is_refused(answer, 405, "method_not_allowed")
            offered = {method.upper() for method in METHODS if method in document()["paths"][call.path]}
            assert offered <= set(answer["Allow"].split(", "))
            assert call.method.upper() not in answer["Allow"]


def test_a_query_parameter_that_a_read_does_not_know_is_named(caller: Caller, subtests: pytest.Subtests) -> None:
    for call in (call for call in OFFERED if call.method == "get" and call.is_under_a_token):
        with subtests.test(call.path):
            answer = caller.send(replace(call, path=call.path + "?limt=5"))
            if answer.status_code != 403:
                is_refused(answer, 422, "validation_failed")
                assert [problem["parameter"] for problem in answer.json()["problems"]] == ["limt"]


def test_a_body_that_is_no_json_or_called_otherwise_is_named(caller: Caller, subtests: pytest.Subtests) -> None:
    for call in WITH_JSON:
        with subtests.test(f"{call.method} {call.path}"):
            is_refused(caller.send(call, b'{"a": NaN'), 400, "malformed_json")
            is_refused(caller.send(call, b"<a/>", "text/xml"), 415, "unsupported_media_type")


def test_a_body_that_is_packed_is_not_unpacked(caller: Caller, subtests: pytest.Subtests) -> None:
    """A kibibyte that would be a mebibyte: we read what comes, as it comes."""
    bomb = gzip.compress(b" " * 1024 * 1024)
    headers = {"Content-Encoding": "gzip"}
    for call in WITH_JSON:
        with subtests.test(f"{call.method} {call.path}"):
            is_refused(caller.send(call, bomb, **headers), 415, "unsupported_media_type")


def test_a_body_over_the_limit_is_413(caller: Caller, subtests: pytest.Subtests) -> None:
    for call in (call for call in OFFERED if call.limit and call.is_under_a_token):
        with subtests.test(f"{call.method} {call.path}"):
            is_refused(caller.send(call, b" " * (call.limit + 1)), 413, "payload_too_large")


def test_what_is_nowhere_is_404(caller: Caller) -> None:
    for path in ("/api/v1/nothing", "/api/v1/order/s", "/api/v2/orders", "/api/", "/oauth/nothing"):
        is_refused(caller.send(Call(path=path, method="get", described=None)), 404, "not_found")


@pytest.mark.parametrize("method", METHODS)
def test_a_call_of_nothing_below_the_api_is_in_the_log_of_who_made_it(caller: Caller, method: str) -> None:
    for path in ("/api/v1/order/s", "/api/v1/orders/"):
        answer = caller.send(Call(path=path, method=method, described=None), b"{}")
        is_refused(answer, 404, "not_found")
        assert RequestLog.objects.get(request_id=answer["Request-Id"]).client_id == caller.client_id
        anonymous = caller.send(Call(path=path, method=method, described=None), Authorization="")
        is_refused(anonymous, 404, "not_found")
        assert anonymous.json()["detail"] == answer.json()["detail"]
    assert answer.json()["detail"] == "There is nothing here: paths have no slash at their end. Call /api/v1/orders."


def test_a_file_of_the_reference_is_only_read(caller: Caller) -> None:
    for path in ("/api/v1/openapi.json", "/api/v1/postman.json", "/.well-known/oauth-authorization-server"):
        for method in ("post", "put", "patch", "delete"):
            answer = Client(enforce_csrf_checks=True).generic(method.upper(), path)
            is_refused(answer, 405, "method_not_allowed")
            assert "GET" in answer["Allow"]


def test_who_takes_problems_is_given_json(caller: Caller) -> None:
    for accept in ("application/problem+json", "application/problem+json, text/html;q=0.5"):
        answer = caller.send(Call(path="/api/v1/orders", method="get", described=None), Accept=accept)
        assert (answer.status_code, answer["Content-Type"]) == (200, JSON)


def test_a_form_that_nobody_reads_is_406(caller: Caller, subtests: pytest.Subtests) -> None:
    for call in (call for call in OFFERED if call.is_under_a_token and call.method == "get"):
        if JSON in call.described["responses"]["200"].get("content", {}):  # type: ignore[index]  # it is offered
            with subtests.test(call.path):
                is_refused(caller.send(call, Accept="application/xml"), 406, "not_acceptable")
