"""What a partner's token and an organization's member see: every read has a stranger who sees nothing."""

from __future__ import annotations

import pytest

from core.models import Organization, RequestLog
from partners import selectors
from partners.models import Application, Endpoint, Environment, Installation
from partners.scopes import ALL
from partners.services import credentials, endpoints, installations, onboarding
from partners.services.onboarding import Registration
from partners.types import Client
from tests.partners.fixtures import Live
from tests.world import World

EVERYTHING = frozenset(ALL)


def client_of(application: Application, scopes: frozenset[str] = EVERYTHING, at: Installation | None = None) -> Client:
    assert application.partner is not None
    return Client(partner=application.partner, application=application, scopes=scopes, installation=at)


def reached(client: Client, scope: str) -> set[Organization]:
    return {row.organization for row in selectors.reachable_installations(client, scope)}


@pytest.fixture
def mallory(db: None) -> Client:
    """Another approved partner, live, installed nowhere."""
    made = onboarding.register_partner(name="Mallory Tests", contact_email="")
    onboarding.approve(made.partner, actor="support")
    application, _ = credentials.issue(made.partner, Environment.LIVE)
    return client_of(application)


def test_a_scope_reaches_where_token_and_installation_both_have_it(
    live: Live, installed: Installation, world: World
) -> None:
    everything = client_of(live.application)
    assert reached(everything, "orders:read") == {world.acme}
    assert reached(everything, "results:write") == set()
    assert reached(client_of(live.application, frozenset({"results:write"})), "orders:read") == set()


def test_a_scope_whose_name_is_part_of_another_is_not_that_scope(live: Live, world: World) -> None:
    installation = installations.install(live.partner, world.acme, scopes=["orders:read"], actor=None)
    Installation.objects.filter(pk=installation.pk).update(granted=" xorders:readx ")
    assert reached(client_of(live.application), "orders:read") == set()


def test_a_removed_installation_is_reached_by_no_token(live: Live, installed: Installation) -> None:
    installations.remove(installed, actor=None)
    for client in (client_of(live.application), client_of(live.application, at=installed)):
        assert reached(client, "orders:read") == set()
        assert not selectors.installations_visible_to(client).exists()


def test_a_paused_installation_is_reached(live: Live, installed: Installation, world: World) -> None:
    installations.pause(installed, actor=None)
    assert reached(client_of(live.application), "orders:read") == {world.acme}


def test_the_sandbox_client_reaches_the_sandbox_and_the_live_client_the_rest(
    live: Live, installed: Installation, sandboxed: Registration, world: World
) -> None:
    assert reached(client_of(sandboxed.application), "orders:read") == {sandboxed.organization}
    assert reached(client_of(live.application), "orders:read") == {world.acme}


def test_a_token_of_one_installation_reaches_that_one(live: Live, installed: Installation, world: World) -> None:
    elsewhere = installations.install(live.partner, world.globex, scopes=ALL, actor=None)
    assert reached(client_of(live.application), "orders:read") == {world.acme, world.globex}
    assert reached(client_of(live.application, at=installed), "orders:read") == {world.acme}
    assert reached(client_of(live.application, at=elsewhere), "orders:read") == {world.globex}


def test_another_partner_reaches_and_sees_nothing(live: Live, installed: Installation, mallory: Client) -> None:
    endpoint, _, _ = endpoints.put(live.partner, Environment.LIVE, "events", url="https://codeforge.example/h")
    endpoints.ping(endpoint)
    RequestLog.objects.create(
        request_id="req_1", client_id=live.application.client_id, partner=live.partner.public_id, method="GET",
        path="/api/v1/partner", status=200, latency_ms=1,
    )  # fmt: skip
    assert reached(mallory, "orders:read") == set()
    assert not selectors.installations_visible_to(mallory).exists()
    assert not selectors.endpoints_visible_to(mallory).exists()
    assert not selectors.events_visible_to(mallory).exclude(partner=mallory.partner).exists()
    assert not selectors.deliveries_visible_to(mallory).exists()
    assert not selectors.requests_visible_to(mallory).exists()


def test_the_client_sees_its_own(live: Live, installed: Installation) -> None:
    endpoint, _, _ = endpoints.put(live.partner, Environment.LIVE, "events", url="https://codeforge.example/h")
    delivery = endpoints.ping(endpoint)
    client = client_of(live.application)
    assert list(selectors.endpoints_visible_to(client)) == [endpoint]
    assert list(selectors.deliveries_visible_to(client)) == [delivery]
    assert {event.topic for event in selectors.events_visible_to(client)} == {"installation.created", "ping"}


def test_a_token_of_one_installation_sees_no_event_of_another(
    live: Live, installed: Installation, world: World
) -> None:
    endpoints.put(live.partner, Environment.LIVE, "events", url="https://codeforge.example/h")
    elsewhere = installations.install(live.partner, world.globex, scopes=ALL, actor=None)
    client = client_of(live.application, at=installed)
    assert {event.installation for event in selectors.events_visible_to(client)} == {installed}
    assert not selectors.deliveries_visible_to(client).filter(event__installation=elsewhere).exists()
    assert list(Endpoint.objects.filter(pk__in=selectors.endpoints_visible_to(client))) == []


def test_members_see_what_is_installed_at_their_organization(installed: Installation, world: World) -> None:
    assert list(selectors.installations_visible_to(world.admin)) == [installed]
    assert not selectors.installations_visible_to(world.mallory).exists()
    assert selectors.events_visible_to(world.admin).count() == 1
    assert not selectors.events_visible_to(world.mallory).exists()
    assert not selectors.deliveries_visible_to(world.mallory).exists()


def test_a_members_page_still_lists_what_was_removed(installed: Installation, world: World) -> None:
    installations.remove(installed, actor=world.admin.user)
    assert [row.status for row in selectors.installations_visible_to(world.admin)] == ["removed"]
