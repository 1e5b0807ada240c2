"""What every list of the API keeps: a new one is found in the URL conf, and fails here until it has its rows below."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from assessments.api.attachments import AttachmentsView
from assessments.api.backfill import ToldBackfillsView
from assessments.api.catalogue import AssessmentTypesView
from assessments.api.erasures import ErasuresView
from assessments.api.host.applications import ApplicationsView
from assessments.api.host.candidates import CandidatesView
from assessments.api.host.catalogue import OffersView
from assessments.api.host.connections import ConnectionsView
from assessments.api.host.jobs import JobsView
from assessments.api.orders import OrdersView
from assessments.api.results import ResultsView
from assessments.api.schemas import ResultSchemasView
from assessments.api.updates import UpdatesView
from assessments.services import attachments, catalogue, erasures, feed
from core.api.views import ApiView
from core.openapi.views import document
from partners.api.deliveries import DeliveriesView
from partners.api.endpoints import EndpointsView
from partners.api.events import EventsView
from partners.api.requests import RequestsView
from partners.delivery import outbox, sequencing
from partners.models import Environment, Purpose
from partners.services import connecting, endpoints
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.partners.delivery import scene as deliveries
from tests.world import World, make_application, make_candidate, make_job

pytestmark = pytest.mark.django_db

URL = "https://codeforge.example/hooks"
Rows = Iterator[object]


@pytest.fixture
def shop(world: World) -> Shop:
    return scene.shop_of(world)


# A row more with every step.


def _orders(shop: Shop) -> Rows:
    while True:
        scene.place(shop)
        yield feed.assign()


def _updates(shop: Shop) -> Rows:
    order = scene.reread(shop.installation.orders.get())
    for number in count():
        yield scene.tell(order, "note", note=f"Note {number}.")


def _results(shop: Shop) -> Rows:
    order = scene.reread(shop.installation.orders.get())
    for number in count():
        yield scene.post(order, {"score": number}, kind="partial")


def _backfills(shop: Shop) -> Rows:
    api = shop.api()
    for number in count():
        told = {"assessment_type": "coding", "candidate": {"email": "nobody@mail.example"}, "kind": "final"}
        yield api.post("results", {**told, "document": {"score": number}, "occurred_at": "2025-03-04T10:00:00Z"})


def _erasures(shop: Shop) -> Rows:
    for number in count():
        person = make_candidate(shop.installation.organization, "Kai", f"Moreau-{number}")
        scene.place(shop, application=make_application(person, shop.candidacy.stage))
        yield erasures.erase(person, ground="asked", actor="tests")


def _types(shop: Shop) -> Rows:
    for number in count():
        yield catalogue.put_type(
            shop.partner, f"t{number}", name="T", description="", kind="other", order_schema_text=""
        )


def _schemas(shop: Shop) -> Rows:
    for number in count():
        yield catalogue.draft_schema(shop.assessment_type, json.dumps({"type": "object", "maxProperties": number}))


def _events(shop: Shop) -> Rows:
    for number in count():
        outbox.owe(shop.installation, deliveries.message(f"ord_{number}"))
        yield sequencing.assign()


def _deliveries(shop: Shop) -> Rows:
    endpoint, _, _ = endpoints.put(shop.partner, Environment.LIVE, "events", url=URL)
    while True:
        yield endpoints.ping(endpoint)


def _requests(shop: Shop) -> Rows:
    api = shop.api()
    while True:
        yield api.get("partner")


def _endpoints(shop: Shop) -> Rows:
    for purpose in sorted(Purpose.values):
        yield endpoints.put(shop.partner, Environment.LIVE, purpose, url=URL)
    while True:
        yield None


def _attachments(shop: Shop) -> Rows:
    order = scene.reread(shop.installation.orders.get())
    for number in count():
        yield attachments.store(order, name="report.pdf", content=scene.PDF + bytes([number]))


def _candidates(shop: Shop) -> Rows:
    for number in count():
        yield make_candidate(shop.installation.organization, "Ada", f"Okafor {number}", email=f"a{number}@mail.example")


def _jobs(shop: Shop) -> Rows:
    for number in count():
        yield make_job(shop.installation.organization, f"Job {number}", ["Applied"])


def _connections(shop: Shop) -> Rows:
    for number in count():
        yield connecting.connect(
            shop.installation.organization,
            name=f"Vendor {number}",
            dialect="greenhouse",
            urls={},
            credential="key",
            scopes=[],
            actor="tests",
        )


def _applications(shop: Shop) -> Rows:
    for number in count():
        candidate = make_candidate(shop.installation.organization, "Ada", "N", email=f"b{number}@mail.example")
        yield make_application(candidate, shop.candidacy.stage)


def _told(shop: Shop) -> Rows:
    while True:
        scene.place(shop)
        yield sequencing.assign()


# View, what is asked of it ({order} is one that there is), and what fills it. What only an organization may ask, or
# is answered of something else, is asked by a program of the organization.
HOST_LISTS: list[tuple[type[ApiView], str, Callable[[Shop], Rows]]] = [
    (OrdersView, "orders", _orders),
    (OrdersView, "orders?since=2000-01-01T00:00:00Z", _orders),
    (ResultsView, "orders/{order}/results", _results),
    (AttachmentsView, "orders/{order}/attachments", _attachments),
    (CandidatesView, "candidates", _candidates),
    (JobsView, "jobs", _jobs),
    (ConnectionsView, "connections", _connections),
    (ApplicationsView, "applications", _applications),
    (OffersView, "catalogue", _types),
    (EventsView, "events", _told),
]
LISTS: list[tuple[type[ApiView], str, Callable[[Shop], Rows]]] = [
    (OrdersView, "orders", _orders),
    (OrdersView, "orders?since=2000-01-01T00:00:00Z", _orders),
    (UpdatesView, "orders/{order}/updates", _updates),
    (ResultsView, "orders/{order}/results", _results),
    (ToldBackfillsView, "results/backfills", _backfills),
    (ErasuresView, "erasures", _erasures),
    (AssessmentTypesView, "assessment-types", _types),
    (ResultSchemasView, "assessment-types/coding/result-schemas", _schemas),
    (EventsView, "events", _events),
    (DeliveriesView, "deliveries", _deliveries),
    (RequestsView, "requests", _requests),
    (EndpointsView, "endpoints", _endpoints),
]


def views(patterns: list[Any]) -> Iterator[type[ApiView]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, ApiView):
                yield view
        else:
            yield from views(pattern.url_patterns)


def answers_in_pages(view: type[ApiView]) -> bool:
    reads = getattr(view, "get", None)
    source = inspect.getsource(reads) if reads else ""
    return any(word in source for word in ("paginate(", "answer_page(", "read_feed(", '"next_cursor"'))


def test_every_list_of_the_url_conf_is_tried_here() -> None:
    found = {view for view in views(get_resolver().url_patterns) if answers_in_pages(view)}
    assert found == {view for view, _, _ in [*LISTS, *HOST_LISTS]}


def name_of(row: dict[str, Any]) -> str:
    return str(row.get("id") or row.get("request_id") or row["version"])


class List:
    """One list, asked page by page."""

    def __init__(self, shop: Shop, asked: str, api: scene.Api) -> None:
        self._api = api
        path, _, query = asked.format(order=scene.place(shop).public_id).partition("?")
        self._path, self._query = path, dict([query.split("=", 1)] if query else [])

    def get(self, **query: str) -> Any:
        return self._api.get(self._path, **{**self._query, **query})

    def page(self, **query: str) -> tuple[list[str], str | None]:
        answer = self.get(**query)
        assert answer.status_code == 200, answer.content
        return [name_of(row) for row in answer.json()["data"]], answer.json()["next_cursor"]


SIDES: list[tuple[Callable[[Shop], scene.Api], list[tuple[type[ApiView], str, Callable[[Shop], Rows]]]]] = [
    (lambda shop: shop.api(), LISTS),
    (lambda shop: scene.host(shop.installation.organization), HOST_LISTS),
]


@pytest.mark.parametrize(
    ("api_of", "asked", "fill"),
    [
        pytest.param(api_of, *case[1:], id=f"{side}-{case[1]}")
        for side, (api_of, cases) in zip(("partner", "organization"), SIDES, strict=True)
        for case in cases
    ],
)
def test_a_walk_through_the_pages_holds_each_row_once_while_rows_arrive(
    shop: Shop, api_of: Callable[[Shop], scene.Api], asked: str, fill: Callable[[Shop], Rows]
) -> None:
    listed = List(shop, asked, api_of(shop))
    rows = fill(shop)
    for _ in range(3):
        next(rows)
    there, no_more = listed.page(limit="100")
    assert (len(there) >= 3, no_more) == (True, None)
    found, cursor = listed.page(limit="2")
    assert len(found) == 2
    for _ in range(2):
        next(rows)
    while cursor:
        more, cursor = listed.page(limit="2", cursor=cursor)
        found += more
    assert len(found) == len(set(found))
    # What was there is there, in its order; before it or behind it, what came.
    assert [name for name in found if name in there] == there


@pytest.mark.parametrize(
    ("api_of", "asked", "fill"),
    [
        pytest.param(api_of, *case[1:], id=f"{side}-{case[1]}")
        for side, (api_of, cases) in zip(("partner", "organization"), SIDES, strict=True)
        for case in cases
    ],
)
def test_a_filter_that_a_list_does_not_know_is_refused_and_each_it_knows_is_heard(
    shop: Shop, api_of: Callable[[Shop], scene.Api], asked: str, fill: Callable[[Shop], Rows]
) -> None:
    listed = List(shop, asked, api_of(shop))
    next(fill(shop))
    known = declared(asked)
    for name in {"nonsense", "status", "state", "installation", "job", "sort"} - known:
        answer = listed.get(**{name: "nonsense"})
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), name
        (problem,) = answer.json()["problems"]
        assert (problem["parameter"], problem["code"]) == (name, "unknown_parameter")
    for name in known - {"limit", "cursor"}:
        answer = listed.get(**{name: "nonsense"})
        assert answer.status_code == 422 or answer.json()["data"] == [], name


def declared(asked: str) -> set[str]:
    path = asked.partition("?")[0].format(order="{order_id}").replace("types/coding", "types/{key}")
    said = document()["paths"][f"/api/v1/{path}"]["get"]["parameters"]
    return {parameter["name"] for parameter in said if parameter.get("in") == "query"}


def test_limits_and_cursors_are_refused_alike(shop: Shop) -> None:
    for api_of, cases in SIDES:
        check_limits_and_cursors(shop, api_of(shop), [asked for _, asked, _ in cases])


def check_limits_and_cursors(shop: Shop, api: scene.Api, lists: list[str]) -> None:
    for asked in lists:
        listed = List(shop, asked, api)
        for limit in ("0", "101", "many"):
            answer = listed.get(limit=limit)
            assert (answer.status_code, answer.json()["problems"][0]["parameter"]) == (422, "limit"), asked
        answer = listed.get(cursor="nonsense")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), asked
