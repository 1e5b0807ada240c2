"""The feed of events by API: in order, resumed exactly, narrowed; nothing of another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from partners.delivery import outbox, sequencing
from partners.models import Environment, Event, Installation
from partners.scopes import ALL
from partners.services import endpoints, installations, onboarding
from partners.services.onboarding import Registration
from tests.assessments.scene import token
from tests.partners.api.test_endpoints import URL, Api
from tests.partners.delivery import scene
from tests.partners.fixtures import Live
from tests.partners.steps import own_token
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def everywhere(live: Live, world: World) -> Installation:
    """CodeForge at Acme with every scope; one event so far."""
    return installations.install(live.partner, world.acme, scopes=ALL, actor="tests")


@pytest.fixture
def api(live: Live) -> Api:
    return Api(own_token(live.application, live.client_secret))


def happen(to: Installation, *subjects: str, topic: str = "order.placed") -> list[str]:
    """Events, numbered; their ids."""
    made = [outbox.owe(to, scene.message(subject, topic=topic)) for subject in subjects]
    sequencing.assign()
    return [event.public_id for event in made]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


def after(answer: Any) -> str:
    return str(answer.json()["next_since"])


def test_an_event_says_what_its_webhook_said(api: Api, everywhere: Installation) -> None:
    event = outbox.owe(everywhere, scene.message("ord_1", body='{"type":"order.placed","data":{"order":"ord_1"}}'))
    sequencing.assign()
    shown = api.get("/events?topic=order.placed").json()
    assert shown == {
        "data": [
            {
                "id": event.public_id,
                "topic": "order.placed",
                "subject": "ord_1",
                "installation": everywhere.public_id,
                "payload": {"type": "order.placed", "data": {"order": "ord_1"}},
                "created_at": shown["data"][0]["created_at"],
            }
        ],
        "next_cursor": None,
        "next_since": shown["next_since"],
    }


def test_who_was_away_catches_up_page_by_page_and_goes_on(api: Api, everywhere: Installation) -> None:
    sequencing.assign()
    known = api.get("/events")
    assert ids(api.get(f"/events?since={after(known)}")) == []
    made = happen(everywhere, *(f"ord_{number}" for number in range(5)))
    found, since = [], after(known)
    for _ in range(3):
        page = api.get(f"/events?since={since}&limit=2")
        found += ids(page)
        since = after(page)
    assert found == made
    assert page.json()["next_cursor"] is None
    (later,) = happen(everywhere, "ord_9")
    assert ids(api.get(f"/events?since={since}")) == [later]


def test_a_cursor_goes_on_from_a_page_as_next_since_does(api: Api, everywhere: Installation) -> None:
    made = happen(everywhere, "ord_1", "ord_2", "ord_3")
    first = api.get("/events?topic=order.placed&limit=2").json()
    second = api.get(f"/events?topic=order.placed&limit=2&cursor={first['next_cursor']}")
    assert ids(second) == made[2:]


def test_what_has_no_position_yet_is_not_in_the_feed_and_is_not_missed(api: Api, everywhere: Installation) -> None:
    sequencing.assign()
    event = outbox.owe(everywhere, scene.message())
    before = api.get("/events")
    assert event.public_id not in ids(before)
    sequencing.assign()
    assert ids(api.get(f"/events?since={after(before)}")) == [event.public_id]


def test_a_moment_is_a_beginning_too(api: Api, everywhere: Installation) -> None:
    old, new = happen(everywhere, "ord_1", "ord_2")
    Event.objects.exclude(public_id=new).update(created_at=timezone.now() - timedelta(days=8))
    week = (timezone.now() - timedelta(days=7)).isoformat()
    found = api.get(f"/events?since={week}")
    assert ids(found) == [new]
    assert ids(api.get(f"/events?since={after(found)}")) == []
    assert old in ids(api.get("/events?since=2000-01-01T00:00:00Z"))
    assert ids(api.get("/events?since=9999-12-31T23:59:59Z")) == []


def test_filters_narrow_it(api: Api, everywhere: Installation, world: World, live: Live) -> None:
    elsewhere = installations.install(live.partner, world.globex, scopes=ALL, actor="tests")
    (here,) = happen(everywhere, "ord_1")
    (there,) = happen(elsewhere, "ord_2", topic="order.cancelled")
    assert ids(api.get("/events?topic=order.cancelled")) == [there]
    assert ids(api.get("/events?subject=ord_1")) == [here]
    assert ids(api.get(f"/events?installation={elsewhere.public_id}&subject=ord_2")) == [there]
    assert ids(api.get("/events?installation=ins_x")) == []


@pytest.mark.parametrize("since", ["yesterday", "2026-11-02", "gAAAAA", "0001-01-01T00:00:00%2B14:60", "null"])
def test_a_since_that_cannot_be_read_is_refused_by_name(api: Api, since: str) -> None:
    answer = api.get(f"/events?since={since}")
    assert (answer.status_code, answer.json()["problems"][0]["parameter"]) == (422, "since")


def test_a_place_in_another_list_is_none_in_this_one(api: Api, everywhere: Installation) -> None:
    endpoint, _, _ = endpoints.put(everywhere.partner, Environment.LIVE, "events", url=URL)
    for _ in range(2):
        endpoints.ping(endpoint)
    cursor = api.get("/deliveries?limit=1").json()["next_cursor"]
    assert api.get(f"/events?cursor={cursor}").json()["code"] == "invalid_cursor"
    assert api.get(f"/events?since={cursor}").status_code == 422
    happen(everywhere, "ord_1", "ord_2")
    ours = api.get("/events?limit=1").json()["next_cursor"]
    assert api.get(f"/deliveries?cursor={ours}").json()["code"] == "invalid_cursor"


def test_without_the_organizations_grant_its_history_is_not_read(
    api: Api, live: Live, world: World, everywhere: Installation
) -> None:
    happen(everywhere, "ord_1")
    assert len(ids(api.get("/events?topic=order.placed"))) == 1
    installations.install(live.partner, world.acme, scopes=["orders:read"], actor="tests")
    assert [row["topic"] for row in api.get("/events").json()["data"]] == ["installation.created"]


def test_what_happened_before_a_removal_and_the_removal_are_still_told(api: Api, everywhere: Installation) -> None:
    happen(everywhere, "ord_1")
    installations.remove(everywhere, actor="tests")
    sequencing.assign()
    topics = [row["topic"] for row in api.get("/events").json()["data"]]
    assert topics == ["installation.created", "order.placed", "installation.removed"]


def test_a_stranger_the_sandbox_and_another_installation_see_nothing(
    everywhere: Installation, sandboxed: Registration, world: World, live: Live
) -> None:
    happen(everywhere, "ord_1")
    mallory = onboarding.register_partner(name="Sneak", contact_email="")
    elsewhere = installations.install(live.partner, world.globex, scopes=ALL, actor="tests")
    for bearer in (
        own_token(mallory.application, mallory.client_secret),
        own_token(sandboxed.application, sandboxed.client_secret),
        token(live.application, ALL, of=elsewhere),
    ):
        theirs = Api(bearer).get("/events")
        assert theirs.status_code == 200
        assert everywhere.public_id not in theirs.content.decode()
        assert "ord_1" not in theirs.content.decode()


def test_it_needs_its_scope(live: Live) -> None:
    answer = Api(own_token(live.application, live.client_secret, "orders:read")).get("/events")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_a_page_costs_the_same_however_deep(
    api: Api, everywhere: Installation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    happen(everywhere, *(f"ord_{number}" for number in range(9)))
    since = after(api.get("/events?limit=3"))
    with django_assert_num_queries(4):  # the token, the end of the feed, the page, the row of the request log
        api.get(f"/events?since={since}")
