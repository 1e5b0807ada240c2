"""The page of API clients: an admin makes, names, renews and revokes them; nobody else, and nobody elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client

from core.models import AuditRecord, Membership
from partners.models import Application, Endpoint
from partners.scopes import ORGANIZATION_SCOPES
from partners.services import clients, endpoints
from tests.assessments import scene
from tests.world import World

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]


@pytest.fixture
def client_of_acme(world: World) -> Application:
    client, _secret = clients.create(world.acme, name="Our hiring system", actor=world.admin.user)
    return client


def made(browser: Client, **form: Any) -> Any:
    return browser.post("/api-clients/new", {"name": "Our hiring system", "scopes": ["orders:read"], **form})


def secret_on(page: str) -> str:
    found = re.search(r'id="client-secret"[^>]*>([^<]+)<', page)
    assert found
    return found[1]


def verbs(subject: str) -> list[str]:
    return list(AuditRecord.objects.filter(subject=subject).order_by("pk").values_list("verb", flat=True))


def test_an_admin_makes_a_client_and_sees_its_secret_once(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.admin)
    answer = made(browser)
    client = Application.objects.get(organization=world.acme)
    secret = secret_on(answer.content.decode())
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert check_password(secret, client.client_secret)
    assert (client.name, client.allowed_scopes, client.environment) == ("Our hiring system", "orders:read", "live")
    for path in ("/api-clients", f"/api-clients/{client.client_id}"):
        page = browser.get(path).content.decode()
        assert (client.client_id in page, secret in page) == (True, False)
    record = AuditRecord.objects.get(verb="client.created")
    assert (record.actor, record.organization) == (world.admin.user, world.acme)
    assert record.facts == {"name": "Our hiring system", "scopes": ["orders:read"]}


def test_a_form_that_says_too_little_or_something_else_is_shown_again(world: World, signed_in: SignIn) -> None:
    browser = signed_in(world.admin)
    wrong: list[dict[str, Any]] = [{"name": ""}, {"scopes": []}, {"scopes": ["results:write"]}, {"name": "n" * 81}]
    for form in wrong:
        assert made(browser, **form).status_code == 422, form
    assert not Application.objects.filter(organization=world.acme).exists()


def test_a_client_is_renamed_renewed_and_revoked_and_all_of_it_is_written_down(
    world: World, signed_in: SignIn, client_of_acme: Application
) -> None:
    browser, path = signed_in(world.admin), f"/api-clients/{client_of_acme.client_id}"
    before = client_of_acme.client_secret
    browser.post(f"{path}/name", {"name": "The career page"})
    assert "stops working at once" in browser.get(f"{path}/secret").content.decode()
    secret = secret_on(browser.post(f"{path}/secret").content.decode())
    client_of_acme.refresh_from_db()
    assert (client_of_acme.name, check_password(secret, client_of_acme.client_secret)) == ("The career page", True)
    assert client_of_acme.client_secret != before
    assert "for good" in browser.get(f"{path}/revoke").content.decode()
    assert browser.post(f"{path}/revoke")["Location"] == "/api-clients"
    page = browser.get("/api-clients").content.decode()
    assert "Revoked (1)" in page
    assert [browser.get(f"{path}/{deed}").status_code for deed in ("secret", "revoke")] == [404, 404]
    assert [browser.post(f"{path}/{deed}").status_code for deed in ("secret", "revoke")] == [404, 404]
    assert verbs(client_of_acme.client_id) == ["client.created", "client.renamed", "client.issued", "client.revoked"]


def test_its_calls_are_on_its_page_and_the_time_of_the_last_on_the_list(
    world: World, signed_in: SignIn, client_of_acme: Application
) -> None:
    browser = signed_in(world.admin)
    assert "no call yet" in browser.get("/api-clients").content.decode()
    api = scene.Api(scene.token(client_of_acme, ORGANIZATION_SCOPES))
    request_id = api.get("candidates/cand_nobody")["Request-Id"]
    page = browser.get(f"/api-clients/{client_of_acme.client_id}").content.decode()
    assert (request_id in page, "/api/v1/candidates/cand_nobody" in page) == (True, True)
    assert "last call" in browser.get("/api-clients").content.decode()


def test_an_admin_switches_the_webhook_off(world: World, signed_in: SignIn) -> None:
    endpoint, _, _ = endpoints.put(world.acme, "live", "events", url="https://acme.example/hooks")
    browser = signed_in(world.admin)
    assert "https://acme.example/hooks" in browser.get("/api-clients").content.decode()
    assert signed_in(world.mallory).post(f"/api-clients/endpoints/{endpoint.public_id}/disable").status_code == 404
    browser.post(f"/api-clients/endpoints/{endpoint.public_id}/disable")
    row = Endpoint.objects.get(pk=endpoint.pk)
    assert (row.enabled, row.disabled_reason) == (False, "An admin switched it off.")


def test_others_of_the_organization_may_not_and_mallory_finds_nothing(
    world: World, signed_in: SignIn, client_of_acme: Application
) -> None:
    path = f"/api-clients/{client_of_acme.client_id}"
    for who in (world.recruiter, world.interviewer):
        browser = signed_in(who)
        assert [browser.get(each).status_code for each in ("/api-clients", path)] == [403, 403]
        assert made(browser).status_code == 403
    mallory = signed_in(world.mallory)
    assert client_of_acme.client_id not in mallory.get("/api-clients").content.decode()
    assert mallory.get(path).status_code == 404
    assert [mallory.post(f"{path}/{deed}", {"name": "x"}).status_code for deed in ("name", "secret", "revoke")] == [
        404
    ] * 3
    client_of_acme.refresh_from_db()
    assert (client_of_acme.name, client_of_acme.revoked_at) == ("Our hiring system", None)
