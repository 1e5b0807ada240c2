"""Self-registration by API: RFC 7591 names, credentials that work, everything wrong said at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from core.models import RequestLog, User
from partners.models import Application, Partner
from partners.scopes import ALL
from tests.partners.steps import bearer, own_token

pytestmark = pytest.mark.django_db
EVERY_SCOPE = " ".join(ALL)


def register(**metadata: Any) -> Any:
    return Client().post("/oauth/register", json.dumps(metadata), "application/json")


def test_a_name_is_all_that_is_needed() -> None:
    answer = register(client_name="Codeforge")
    made = answer.json()
    application = Application.objects.get(client_id=made["client_id"])
    partner = application.partner
    assert partner is not None
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert made == {
        "client_id": application.client_id,
        "client_secret": made["client_secret"],
        "client_id_issued_at": int(application.created.timestamp()),
        "client_secret_expires_at": 0,
        "client_name": "Codeforge",
        "contacts": [],
        "redirect_uris": [],
        "grant_types": ["client_credentials"],
        "response_types": [],
        "scope": EVERY_SCOPE,
        "token_endpoint_auth_method": "client_secret_basic",
        "partner": partner.public_id,
        "sandbox": {
            "organization": partner.sandbox_organization.public_id,  # type: ignore[union-attr]  # made
            "installation": partner.installations.get().public_id,
            "sign_in_url": made["sandbox"]["sign_in_url"],
        },
    }


def test_the_credentials_work_at_once() -> None:
    made = register(client_name="Codeforge").json()
    application = Application.objects.get(client_id=made["client_id"])
    token = own_token(application, made["client_secret"])
    me = Client().get("/api/v1/partner", headers=bearer(token)).json()
    assert (me["id"], me["environment"], me["sandbox"]) == (
        made["partner"],
        "sandbox",
        {"organization": made["sandbox"]["organization"]},
    )


def test_what_was_asked_for_is_what_is_answered() -> None:
    made = register(
        client_name="Codeforge",
        contacts=["dev@codeforge.example"],
        redirect_uris=["https://codeforge.example/callback"],
        scope="results:write orders:read",
        client_uri="https://codeforge.example",
        grant_types=["authorization_code", "client_credentials", "refresh_token"],
        token_endpoint_auth_method="client_secret_post",
        software_version="ignored, as RFC 7591 asks",
    ).json()
    partner = Partner.objects.get(public_id=made["partner"])
    assert made["redirect_uris"] == ["https://codeforge.example/callback"]
    assert made["grant_types"] == ["client_credentials", "authorization_code", "refresh_token"]
    assert made["scope"] == "orders:read results:write"
    assert made["token_endpoint_auth_method"] == "client_secret_post"
    assert (partner.contact_email, partner.website) == ("dev@codeforge.example", "https://codeforge.example")


def test_the_sign_in_url_lets_in_once_and_only_when_the_button_is_pressed() -> None:
    made = register(client_name="Codeforge").json()
    url = made["sandbox"]["sign_in_url"].removeprefix("http://testserver")
    browser = Client()
    assert [browser.get(url).status_code for _ in range(3)] == [200, 200, 200]
    assert browser.post(url)["Location"] == "/candidates"
    assert "Robin Ashcombe" in browser.get("/candidates").content.decode()
    assert Client().post(url).status_code == 404
    assert Client().get(url).status_code == 404


@pytest.mark.parametrize(
    ("metadata", "pointer"),
    [
        ({}, "/client_name"),
        ({"client_name": "x" * 121}, "/client_name"),
        ({"client_name": ["Codeforge"]}, "/client_name"),
        ({"client_name": "Code\u202egrof"}, "/client_name"),
        ({"client_name": "A", "contacts": ["nobody"]}, "/contacts/0"),
        ({"client_name": "A", "contacts": "dev@codeforge.example"}, "/contacts"),
        ({"client_name": "A", "client_uri": "javascript:alert(1)"}, "/client_uri"),
        ({"client_name": "A", "client_uri": "http://codeforge.example"}, "/client_uri"),
        ({"client_name": "A", "grant_types": ["password"]}, "/grant_types/0"),
        ({"client_name": "A", "grant_types": ["authorization_code"]}, "/redirect_uris"),
        ({"client_name": "A", "response_types": ["token"]}, "/response_types/0"),
        ({"client_name": "A", "token_endpoint_auth_method": "none"}, "/token_endpoint_auth_method"),
    ],
)
def test_metadata_that_cannot_be_accepted_is_named(metadata: dict[str, Any], pointer: str) -> None:
    answer = register(**metadata)
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert (problem["code"], problem["error"]) == ("invalid_client_metadata", "invalid_client_metadata")
    assert [one["pointer"] for one in problem["problems"]] == [pointer]
    assert not Partner.objects.exists()


def test_every_problem_is_told_at_once() -> None:
    problem = register(client_name="", contacts=["nobody"], client_uri="nowhere").json()
    assert [one["pointer"] for one in problem["problems"]] == ["/client_name", "/contacts/0", "/client_uri"]


def test_a_bad_redirect_uri_has_the_error_of_rfc_7591() -> None:
    answer = register(client_name="A", redirect_uris=["https://a.example/ok", "http://a.example/cb"])
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["error"]) == (
        400,
        "invalid_redirect_uri",
        "invalid_redirect_uri",
    )
    assert [one["pointer"] for one in problem["problems"]] == ["/redirect_uris/1"]


def test_an_unknown_scope_is_refused() -> None:
    problem = register(client_name="A", scope="orders:read everything").json()
    assert (problem["status"], problem["code"], problem["error"]) == (400, "invalid_scope", "invalid_client_metadata")
    assert (Partner.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.parametrize("body", ["", "[]", "nonsense", '"text"', "null", '{"client_name": "A", "client_name": "B"}'])
def test_a_body_that_is_no_object_is_refused(body: str) -> None:
    answer = Client().post("/oauth/register", body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["request_id"] == answer["Request-Id"]


def test_another_content_type_is_refused() -> None:
    assert Client().post("/oauth/register", "client_name=A", "application/x-www-form-urlencoded").status_code == 415


def test_registration_is_limited_by_address(settings: LazySettings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "register": "2/h"}
    assert [register(client_name="A").status_code for _ in range(3)] == [201, 201, 429]
    refused = register(client_name="A")
    assert (refused.json()["code"], refused.json()["error"]) == ("rate_limited", "temporarily_unavailable")
    assert int(refused["Retry-After"]) > 0
    assert Partner.objects.count() == 2


def test_no_secret_is_in_the_request_log() -> None:
    made = register(client_name="Codeforge").json()
    rows = [f"{row.path} {row.request_body}" for row in RequestLog.objects.all()]
    assert rows
    assert not [row for row in rows if made["client_secret"] in row]


def test_a_get_says_what_is_taken() -> None:
    answer = Client().get("/oauth/register")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
