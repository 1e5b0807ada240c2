"""The token and revocation endpoints: client credentials, errors that both RFC 6749 and RFC 9457 understand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core.ids import token_hash
from core.models import RequestLog
from partners.models import Partner
from partners.scopes import ALL
from partners.services import onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.partners.steps import basic, bearer, own_token, post_token
from tests.world import PASSWORD

GRANT = {"grant_type": "client_credentials"}
FORM = "application/x-www-form-urlencoded"


def whoami(token: str) -> Any:
    return Client().get("/api/v1/partner", headers=bearer(token))


def test_client_credentials_by_basic_give_a_bearer_token_for_an_hour(sandboxed: Registration) -> None:
    answer = post_token(sandboxed.application, sandboxed.client_secret, **GRANT)
    body = answer.json()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert body == {
        "access_token": body["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": " ".join(ALL),
    }


def test_client_credentials_in_the_form_work_as_well(sandboxed: Registration) -> None:
    form = {"client_id": sandboxed.application.client_id, "client_secret": sandboxed.client_secret, **GRANT}
    answer = Client().post("/oauth/token", "&".join(f"{name}={value}" for name, value in form.items()), FORM)
    assert answer.status_code == 200


def test_a_token_carries_the_scopes_that_were_asked_for(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret, "orders:read events:read")
    assert whoami(token).json()["scopes"] == ["events:read", "orders:read"]


def test_a_client_gets_no_scope_beyond_those_it_may_ask_for(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="", scope="orders:read")
    answer = post_token(made.application, made.client_secret, **GRANT, scope="results:write")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert post_token(made.application, made.client_secret, **GRANT).json()["scope"] == "orders:read"


def test_tokens_are_stored_as_a_checksum_only(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    row = AccessToken.objects.get()
    assert (row.token, row.token_checksum) == ("", token_hash(token))


def test_a_wrong_secret_is_a_problem_that_oauth_clients_understand(sandboxed: Registration) -> None:
    answer = post_token(sandboxed.application, "wrong", **GRANT)
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Basic realm="oauth"'
    assert (problem["code"], problem["error"], problem["status"]) == ("invalid_client", "invalid_client", 401)
    assert problem["error_description"] == problem["detail"]
    assert problem["request_id"] == answer["Request-Id"]
    assert problem["type"].endswith("/docs/errors#invalid_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "unknown"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "scope": "everything"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "resource": "nonsense"}, "invalid_target"),
        ({"grant_type": "authorization_code", "code": "nul\x00"}, "invalid_request"),
    ],
)
def test_what_cannot_be_granted_is_named(sandboxed: Registration, form: dict[str, str], error: str) -> None:
    answer = post_token(sandboxed.application, sandboxed.client_secret, **form)
    assert (answer.status_code, answer.json()["error"], answer.json()["code"]) == (400, error, error)


def test_the_password_grant_never_looks_at_a_password(sandboxed: Registration, django_assert_num_queries: Any) -> None:
    form = {"grant_type": "password", "username": "dev@codeforge.example", "password": PASSWORD}
    with django_assert_num_queries(1):  # the row of the request log
        answer = post_token(sandboxed.application, sandboxed.client_secret, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_two_ways_to_prove_oneself_at_once_are_refused(sandboxed: Registration) -> None:
    form = {"client_id": sandboxed.application.client_id, "client_secret": sandboxed.client_secret, **GRANT}
    answer = post_token(sandboxed.application, sandboxed.client_secret, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic eHh4", "Basic /////w==", "Digest x"])
def test_a_garbled_authorization_header_is_a_failed_authentication(sandboxed: Registration, header: str) -> None:
    answer = Client().post("/oauth/token", "grant_type=client_credentials", FORM, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_json_instead_of_a_form_is_told_so(sandboxed: Registration) -> None:
    credentials = basic(sandboxed.application, sandboxed.client_secret)
    answer = Client().post("/oauth/token", GRANT, "application/json", headers=credentials)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert FORM in answer.json()["detail"]


def test_a_get_is_refused_with_the_method_that_is_taken(db: None) -> None:
    answer = Client().get("/oauth/token")
    assert (answer.status_code, answer["Allow"], answer.json()["code"]) == (405, "POST", "method_not_allowed")


def test_tokens_are_limited_by_address(sandboxed: Registration, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "token": "2/m"}
    answers = [post_token(sandboxed.application, sandboxed.client_secret, **GRANT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert answers[2].json()["error"] == "temporarily_unavailable"
    assert AccessToken.objects.count() == 2


def test_a_suspended_partner_gets_no_token_and_its_live_one_is_refused_at_once(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    onboarding.suspend(sandboxed.partner, actor="support")
    answer = post_token(sandboxed.application, sandboxed.client_secret, **GRANT)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (whoami(token).status_code, whoami(token).json()["code"]) == (403, "partner_suspended")
    onboarding.reinstate(sandboxed.partner, actor="support")
    assert whoami(token).status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer nonsense", "bearer x y", "Bearer \x7f"])
def test_an_unknown_token_is_401_with_a_challenge(db: None, header: str) -> None:
    answer = Client().get("/api/v1/partner", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}])
def test_no_token_is_401_with_a_bare_challenge(db: None, headers: dict[str, str]) -> None:
    answer = Client().get("/api/v1/partner", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_token_in_the_query_is_no_token(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    assert Client().get(f"/api/v1/partner?access_token={token}").status_code == 401


def test_an_expired_token_is_invalid(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert (whoami(token).status_code, whoami(token).json()["code"]) == (401, "invalid_token")


def test_a_token_for_another_resource_is_invalid_here(sandboxed: Registration) -> None:
    answer = post_token(sandboxed.application, sandboxed.client_secret, **GRANT, resource="https://other.example/")
    assert whoami(answer.json()["access_token"]).json()["code"] == "invalid_token"
    here = post_token(sandboxed.application, sandboxed.client_secret, **GRANT, resource="http://testserver/api")
    assert whoami(here.json()["access_token"]).status_code == 200


def test_a_revoked_token_is_invalid(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    credentials = basic(sandboxed.application, sandboxed.client_secret)
    answer = Client().post("/oauth/revoke", f"token={token}", FORM, headers=credentials)
    assert answer.status_code == 200
    assert whoami(token).json()["code"] == "invalid_token"


def test_nobody_revokes_another_clients_token(sandboxed: Registration, live: Live) -> None:
    token = own_token(live.application, live.client_secret)
    stranger = onboarding.register_partner(name="Parley", contact_email="")
    credentials = basic(stranger.application, stranger.client_secret)
    assert Client().post("/oauth/revoke", f"token={token}", FORM, headers=credentials).status_code == 200
    assert whoami(token).status_code == 200


def test_revoking_needs_the_clients_secret(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    credentials = basic(sandboxed.application, "wrong")
    answer = Client().post("/oauth/revoke", f"token={token}", FORM, headers=credentials)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert whoami(token).status_code == 200


def test_nothing_introspects_and_nothing_manages(db: None) -> None:
    for path in (
        "/oauth/introspect",
        "/oauth/applications/",
        "/oauth/authorized_tokens/",
        "/oauth/device/",
        "/o/token/",
    ):
        assert Client().get(path).status_code == 404
        assert Client().post(path).status_code == 404


def test_a_call_by_token_costs_one_query_to_know_who_calls(
    sandboxed: Registration, django_assert_num_queries: Any
) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    # The token, the sandbox organization, the installations; and the row of the request log.
    with django_assert_num_queries(4):
        whoami(token)


def test_the_last_call_is_noted_at_most_once_an_hour(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    lately = timezone.now() - timedelta(minutes=59)
    Partner.objects.update(last_seen_at=lately)
    whoami(token)
    assert Partner.objects.get().last_seen_at == lately
    Partner.objects.update(last_seen_at=timezone.now() - timedelta(minutes=61))
    whoami(token)
    assert Partner.objects.get().last_seen_at > lately


def test_calls_and_token_requests_are_in_the_partners_log_without_secrets(sandboxed: Registration) -> None:
    token = own_token(sandboxed.application, sandboxed.client_secret)
    whoami(token)
    post_token(sandboxed.application, "wrong", **GRANT)
    post_token(sandboxed.application, sandboxed.client_secret, grant_type="refresh_token", refresh_token="unknown")
    rows = RequestLog.objects.filter(partner=sandboxed.partner.public_id).order_by("pk")
    assert [(row.path, row.status, row.problem_code) for row in rows] == [
        ("/oauth/token", 200, ""),
        ("/api/v1/partner", 200, ""),
        ("/oauth/token", 400, "invalid_grant"),
    ]
    everything = " ".join(f"{row.path} {row.request_body}" for row in RequestLog.objects.all())
    assert token not in everything
    assert sandboxed.client_secret not in everything
