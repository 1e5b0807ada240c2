"""What a consent is worth at the token endpoint: one code, refresh tokens by turns, and nothing after a removal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from partners.models import Installation
from partners.scopes import SCOPES
from partners.services import installations
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.partners.steps import CALLBACK, allow, asking, bearer, exchange, post_token
from tests.world import World

# --- Codes and refresh tokens ---------------------------------------------------------------------------------------


@pytest.fixture
def code(live: Live, admin: Client, world: World) -> str:
    return allow(admin, asking(live.application), world.acme)["code"]


def test_a_wrong_verifier_gets_nothing(live: Live, code: str) -> None:
    answer = exchange(live.application, live.client_secret, code, code_verifier="w" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not AccessToken.objects.exists()


def test_no_verifier_gets_nothing(live: Live, code: str) -> None:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = post_token(live.application, live.client_secret, **form)
    assert answer.status_code == 400
    assert not AccessToken.objects.exists()


def test_another_redirect_uri_than_at_the_beginning_gets_nothing(live: Live, code: str) -> None:
    answer = exchange(live.application, live.client_secret, code, redirect_uri="https://evil.example/")
    assert answer.status_code == 400
    assert not AccessToken.objects.exists()


def test_another_clients_code_gets_nothing(live: Live, code: str, sandboxed: Registration) -> None:
    answer = exchange(sandboxed.application, sandboxed.client_secret, code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert exchange(live.application, live.client_secret, code).status_code == 200


def test_exchanging_a_code_cannot_widen_what_was_allowed(live: Live, code: str) -> None:
    tokens = exchange(live.application, live.client_secret, code, scope=" ".join(SCOPES)).json()
    assert tokens["scope"] == "orders:read candidates.name:read"
    told = Client().get("/api/v1/partner", headers=bearer(tokens["access_token"])).json()
    assert told["scopes"] == ["candidates.name:read", "orders:read"]
    refused = Client().put(
        "/api/v1/assessment-types/x", "{}", "application/json", headers=bearer(tokens["access_token"])
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")


def test_a_code_is_good_for_a_minute(live: Live, code: str) -> None:
    Grant.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert exchange(live.application, live.client_secret, code).json()["error"] == "invalid_grant"


def test_a_code_used_twice_is_refused_and_takes_its_tokens_back(live: Live, code: str) -> None:
    tokens = exchange(live.application, live.client_secret, code).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    rotated = post_token(live.application, live.client_secret, **refresh).json()
    assert exchange(live.application, live.client_secret, code).json()["error"] == "invalid_grant"
    for token in (tokens["access_token"], rotated["access_token"]):
        assert Client().get("/api/v1/partner", headers=bearer(token)).status_code == 401
    refresh = {"grant_type": "refresh_token", "refresh_token": rotated["refresh_token"]}
    assert post_token(live.application, live.client_secret, **refresh).json()["error"] == "invalid_grant"


def test_another_client_that_replays_a_code_takes_nothing_back(live: Live, code: str, sandboxed: Registration) -> None:
    tokens = exchange(live.application, live.client_secret, code).json()
    exchange(sandboxed.application, sandboxed.client_secret, code)
    assert Client().get("/api/v1/partner", headers=bearer(tokens["access_token"])).status_code == 200


def test_refreshing_rotates_and_keeps_the_service_user(live: Live, code: str) -> None:
    old = exchange(live.application, live.client_secret, code).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    new = post_token(live.application, live.client_secret, **refresh).json()
    assert new["refresh_token"] != old["refresh_token"]
    assert new["scope"] == old["scope"]
    assert {row.user for row in AccessToken.objects.all()} == {Installation.objects.latest("pk").service_user}
    assert not RefreshToken.objects.exclude(token="").exists()


def test_a_refresh_token_used_twice_revokes_the_whole_family(live: Live, code: str) -> None:
    old = exchange(live.application, live.client_secret, code).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    new = post_token(live.application, live.client_secret, **refresh).json()
    assert post_token(live.application, live.client_secret, **refresh).json()["error"] == "invalid_grant"
    assert Client().get("/api/v1/partner", headers=bearer(new["access_token"])).status_code == 401
    refresh = {"grant_type": "refresh_token", "refresh_token": new["refresh_token"]}
    assert post_token(live.application, live.client_secret, **refresh).json()["error"] == "invalid_grant"


def test_refreshing_cannot_widen_the_scopes(live: Live, code: str) -> None:
    old = exchange(live.application, live.client_secret, code).json()
    wide = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"], "scope": "results:write"}
    assert post_token(live.application, live.client_secret, **wide).json()["error"] == "invalid_scope"


def test_refreshing_to_less_and_back_does_not_get_more_than_was_allowed(live: Live, code: str) -> None:
    old = exchange(live.application, live.client_secret, code).json()
    narrow = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"], "scope": "orders:read"}
    less = post_token(live.application, live.client_secret, **narrow).json()
    assert less["scope"] == "orders:read"
    wide = {"grant_type": "refresh_token", "refresh_token": less["refresh_token"], "scope": " ".join(SCOPES)}
    assert post_token(live.application, live.client_secret, **wide).json()["error"] == "invalid_scope"


def test_another_clients_refresh_token_gets_nothing(live: Live, code: str, sandboxed: Registration) -> None:
    tokens = exchange(live.application, live.client_secret, code).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    stolen = post_token(sandboxed.application, sandboxed.client_secret, **refresh)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert post_token(live.application, live.client_secret, **refresh).status_code == 200


# --- Removal, pause -----------------------------------------------------------------------------------------------


def test_removing_cuts_access_tokens_refresh_tokens_and_codes_at_once(
    live: Live, code: str, admin: Client, world: World
) -> None:
    tokens = exchange(live.application, live.client_secret, code).json()
    open_code = allow(admin, asking(live.application), world.acme)["code"]
    installation = Installation.objects.get(organization=world.acme)
    installations.remove(installation, actor=world.admin.user)
    assert Client().get("/api/v1/partner", headers=bearer(tokens["access_token"])).status_code == 401
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert post_token(live.application, live.client_secret, **refresh).json()["error"] == "invalid_grant"
    assert exchange(live.application, live.client_secret, open_code).json()["error"] == "invalid_grant"


def test_a_token_row_that_survived_a_removal_is_still_refused(live: Live, code: str, world: World) -> None:
    tokens = exchange(live.application, live.client_secret, code).json()
    installation = Installation.objects.get(organization=world.acme)
    survivors = [AccessToken.objects.get(), RefreshToken.objects.get()]
    installations.remove(installation, actor=world.admin.user)
    survivors[0].save(force_insert=True)
    RefreshToken.objects.filter(pk=survivors[1].pk).update(revoked=None, access_token=survivors[0])
    answer = Client().get("/api/v1/partner", headers=bearer(tokens["access_token"]))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert post_token(live.application, live.client_secret, **refresh).json()["error"] == "invalid_grant"


def test_tokens_of_a_paused_installation_still_authenticate(live: Live, code: str, world: World) -> None:
    token = exchange(live.application, live.client_secret, code).json()["access_token"]
    installations.pause(Installation.objects.get(organization=world.acme), actor=world.admin.user)
    told = Client().get("/api/v1/partner", headers=bearer(token)).json()
    assert [row["status"] for row in told["installations"]] == ["paused"]
