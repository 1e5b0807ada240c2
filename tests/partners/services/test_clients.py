"""API clients of an organization: made, limited, revoked with all of their tokens; and what their tokens may do."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Http
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core.errors import NotFound
from partners.errors import TooManyClients, UnknownScope
from partners.models import Application, Endpoint, Event, Partner
from partners.scopes import ORGANIZATION_SCOPES
from partners.services import clients, endpoints, sandboxes
from tests.assessments import scene
from tests.world import World

pytestmark = pytest.mark.django_db


def ask(client: Application, secret: str, **form: str) -> Any:
    return post_form("/oauth/token", {"grant_type": "client_credentials", **form}, client, secret)


def token_of(client: Application, secret: str) -> scene.Api:
    return scene.Api(ask(client, secret).json()["access_token"])


def post_form(path: str, form: dict[str, str], client: Application, secret: str) -> Any:
    pair = base64.b64encode(f"{client.client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    return Http().post(path, urlencode(form), "application/x-www-form-urlencoded", headers=headers)


def test_its_token_carries_what_the_client_may_do_and_no_more(world: World) -> None:
    client, secret = clients.create(world.acme, name="A", scopes=["orders:read", "jobs:read"], actor=world.admin.user)
    answer = ask(client, secret).json()
    assert answer["scope"].split() == ["jobs:read", "orders:read"]
    refused = ask(client, secret, scope="orders:write")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_scope")
    assert ask(client, secret, scope="results:write").json()["code"] == "invalid_scope"
    every, secret = clients.create(world.acme, name="B", scopes=ORGANIZATION_SCOPES, actor=None)
    assert (every.allowed_scopes, ask(every, secret).json()["scope"].split()) == ("", list(ORGANIZATION_SCOPES))


def test_it_gets_no_token_by_any_other_grant(world: World) -> None:
    client, secret = clients.create(world.acme, name="A", actor=None)
    for form in (
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
    ):
        assert post_form("/oauth/token", form, client, secret).status_code == 400, form
    page = Http().get(
        f"/oauth/authorize?response_type=code&client_id={client.client_id}&redirect_uri=https://a.example/"
    )
    assert page.status_code == 400


def test_an_application_has_exactly_one_owner(world: World) -> None:
    client, _ = clients.create(world.acme, name="A", actor=None)
    shop = scene.shop_of(world)
    for change in ({"organization": None}, {"partner": shop.partner}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=client.pk).update(**change)
    endpoint, _, _ = endpoints.put(world.acme, "live", "events", url="https://acme.example/hooks")
    for change in ({"organization": None}, {"partner": shop.partner}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Endpoint.objects.filter(pk=endpoint.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(topic="ping", subject="ep_x", body="{}")


def test_revoking_ends_its_tokens_and_one_that_is_being_issued(world: World) -> None:
    client, secret = clients.create(world.acme, name="A", actor=None)
    api = token_of(client, secret)
    assert api.get("organization").status_code == 200
    clients.revoke(client, actor=world.admin.user)
    assert not AccessToken.objects.filter(application=client).exists()
    assert (api.get("organization").status_code, ask(client, secret).json()["code"]) == (401, "invalid_client")
    # The toolkit had looked at the client before it was revoked, and writes its row after.
    late = AccessToken.objects.create(
        application=client, scope="orders:read", expires=timezone.now() + timedelta(hours=1), token="late"
    )
    assert scene.Api(late.token).get("orders").json()["code"] == "invalid_token"
    with pytest.raises(NotFound):
        clients.revoke(client, actor=None)


def test_a_new_secret_ends_the_old_one_with_its_tokens(world: World) -> None:
    client, old = clients.create(world.acme, name="A", actor=None)
    api = token_of(client, old)
    new = clients.issue(client, actor=world.admin.user)
    assert (api.get("organization").status_code, ask(client, old).status_code) == (401, 401)
    assert token_of(client, new).get("organization").status_code == 200


def test_unknown_scopes_and_the_twenty_first_are_refused(world: World) -> None:
    with pytest.raises(UnknownScope):
        clients.create(world.acme, name="A", scopes=["catalogue:write"], actor=None)
    for number in range(clients.MOST_CLIENTS):
        last, _ = clients.create(world.acme, name=f"A{number}", actor=None)
    with pytest.raises(TooManyClients):
        clients.create(world.acme, name="One more", actor=None)
    clients.create(world.globex, name="Elsewhere", actor=None)
    clients.revoke(last, actor=None)
    clients.create(world.acme, name="One more", actor=None)


def test_a_sandbox_that_is_retired_takes_its_clients_along(world: World) -> None:
    partner = scene.open_shop("Idle", world.acme, world.application).partner
    sandbox = partner.sandbox_organization
    assert sandbox is not None
    made = clients.in_sandbox(sandbox, lives=timedelta(hours=1), actor=partner.public_id)
    api = scene.Api(made.token)
    endpoints.put(sandbox, "sandbox", "events", url="https://idle.example/hooks")
    long_ago = timezone.now() - timedelta(days=100)
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.SANDBOX, last_seen_at=long_ago)
    # A call of the organization's side is a sign of life too.
    assert api.get("organization").json()["environment"] == "sandbox"
    assert sandboxes.retire_idle() == 0
    Partner.objects.filter(pk=partner.pk).update(last_seen_at=long_ago)
    assert sandboxes.retire_idle() == 1
    assert api.get("organization").status_code == 401
    assert list(Endpoint.objects.filter(organization=sandbox).values_list("enabled", flat=True)) == [False]
