"""The consent screen: what the admin reads, who may allow what where, and which requests are none."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken, Grant

from core.models import Membership, Role
from partners.models import Application, Environment, Installation
from partners.oauth.consent import describe
from partners.scopes import SCOPES
from partners.services import installations, onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.partners.steps import CALLBACK, allow, asking, bearer, exchange, post_token, query_of
from tests.world import World

SignedIn = Callable[[Membership], Client]


# --- What the admin reads ---------------------------------------------------------------------------------------


def test_the_screen_names_the_partner_the_host_each_scope_and_exactly_what_leaves(live: Live, admin: Client) -> None:
    answer = admin.get(asking(live.application))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "CodeForge asks to be installed" in page
    assert "https://codeforge.example" in page
    assert SCOPES["orders:read"] in page
    assert SCOPES["candidates.name:read"] in page
    assert SCOPES["results:write"] not in page
    assert "Stays here: E-mail address, Phone number, Résumé" in page
    assert "Sandbox" not in page


def test_the_sample_holds_exactly_the_fields_that_leave(live: Live) -> None:
    consent = describe(live.partner, ["candidates.email:read", "candidates.name:read", "orders:read"])
    assert consent.leaving == ("First name", "Last name", "E-mail address")
    assert consent.staying == ("Phone number", "Résumé")
    assert list(json.loads(consent.sample)["candidate"].items()) == [
        ("id", "cand_06h0kvd00kaqnabijin4q1k5p0"),
        ("first_name", "Robin"),
        ("last_name", "Ashcombe"),
        ("email", "robin.ashcombe@candidates.example"),
    ]


def test_without_scope_the_screen_asks_for_all_the_application_may_have(live: Live, admin: Client) -> None:
    page = admin.get(asking(live.application, scope=None)).content.decode()
    assert all(sentence in page for sentence in SCOPES.values())


def test_the_sandbox_application_wears_a_badge(sandboxed: Registration) -> None:
    browser = Client()
    browser.force_login(sandboxed.user)
    assert '<span class="badge tone-fair">Sandbox</span>' in browser.get(asking(sandboxed.application)).content.decode()


def test_only_the_consent_screen_lets_a_form_lead_to_the_partner(live: Live, admin: Client) -> None:
    policy = admin.get(asking(live.application))["Content-Security-Policy"]
    assert "form-action 'self' https://codeforge.example;" in policy + ";"
    assert "codeforge" not in admin.get("/integrations")["Content-Security-Policy"]


def test_a_redirect_uri_registered_before_hosts_were_looked_at_adds_nothing_to_the_policy(
    live: Live, admin: Client
) -> None:
    uri = "https://a.example;sandbox/cb"
    Application.objects.filter(pk=live.application.pk).update(redirect_uris=uri)
    policy = admin.get(asking(live.application, redirect_uri=uri))["Content-Security-Policy"]
    assert "sandbox" not in [directive.split()[0] for directive in policy.split(";") if directive.strip()]


def test_a_stranger_signs_in_first_and_comes_back(live: Live) -> None:
    answer = Client().get(asking(live.application))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=/oauth/authorize%3F")
    assert "code_challenge" in answer["Location"]


def test_the_screen_says_when_it_changes_an_installation(live: Live, installed: Installation, admin: Client) -> None:
    assert "It is installed at Acme Robotics already" in admin.get(asking(live.application)).content.decode()


# --- Allow ------------------------------------------------------------------------------------------------------


def test_allow_installs_and_gives_tokens_that_belong_to_the_service_user(
    live: Live, admin: Client, world: World
) -> None:
    back = allow(admin, asking(live.application), world.acme)
    assert set(back) == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == ("s-1", "http://testserver")
    tokens = exchange(live.application, live.client_secret, back["code"]).json()
    installation = Installation.objects.get(partner=live.partner, organization=world.acme)
    row = AccessToken.objects.get()
    assert (row.user, row.application) == (installation.service_user, live.application)
    assert tokens["scope"] == "orders:read candidates.name:read"
    assert installation.scopes == {"orders:read", "candidates.name:read"}
    assert installation.installed_by == world.admin.user


def test_the_token_of_an_installation_reaches_that_installation_only(live: Live, admin: Client, world: World) -> None:
    elsewhere = installations.install(live.partner, world.globex, scopes=SCOPES, actor=None)
    code = allow(admin, asking(live.application), world.acme)["code"]
    token = exchange(live.application, live.client_secret, code).json()["access_token"]
    told = Client().get("/api/v1/partner", headers=bearer(token)).json()
    assert [row["organization"]["id"] for row in told["installations"]] == [world.acme.public_id]
    assert elsewhere.public_id not in str(told)


def test_a_second_consent_updates_the_installation_and_revokes_the_narrower_tokens(
    live: Live, admin: Client, world: World
) -> None:
    first = allow(admin, asking(live.application, scope="orders:read"), world.acme)["code"]
    old = exchange(live.application, live.client_secret, first).json()
    second = allow(admin, asking(live.application, scope="orders:read results:write"), world.acme)["code"]
    new = exchange(live.application, live.client_secret, second).json()
    assert Installation.objects.filter(partner=live.partner, organization=world.acme).count() == 1
    assert Client().get("/api/v1/partner", headers=bearer(old["access_token"])).status_code == 401
    assert Client().get("/api/v1/partner", headers=bearer(new["access_token"])).status_code == 200
    refused = post_token(
        live.application, live.client_secret, grant_type="refresh_token", refresh_token=old["refresh_token"]
    )
    assert refused.json()["error"] == "invalid_grant"


def test_deny_sends_back_an_error_and_installs_nothing(live: Live, admin: Client, world: World) -> None:
    answer = admin.post(asking(live.application), {"decision": "deny", "organization": world.acme.public_id})
    back = query_of(answer["Location"])
    assert answer["Location"].startswith(CALLBACK + "?")
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "s-1", "http://testserver")
    assert not Installation.objects.filter(organization=world.acme).exists()


def test_no_decision_is_no_consent(live: Live, admin: Client, world: World) -> None:
    answer = admin.post(asking(live.application), {"organization": world.acme.public_id})
    assert query_of(answer["Location"])["error"] == "access_denied"


def test_the_form_cannot_ask_for_more_than_the_query(live: Live, admin: Client, world: World) -> None:
    form = {
        "decision": "allow",
        "organization": world.acme.public_id,
        "scope": " ".join(SCOPES),
        "redirect_uri": "https://evil.example/callback",
        "client_id": "another",
    }
    answer = admin.post(asking(live.application), form)
    assert answer["Location"].startswith(CALLBACK + "?")
    assert Installation.objects.get(organization=world.acme).scopes == {"orders:read", "candidates.name:read"}


# --- Who, and where ---------------------------------------------------------------------------------------------


def test_a_recruiter_cannot_install(live: Live, world: World, signed_in: SignedIn) -> None:
    recruiter = signed_in(world.recruiter)
    assert recruiter.get(asking(live.application)).status_code == 403
    answer = recruiter.post(asking(live.application), {"decision": "allow", "organization": world.acme.public_id})
    assert answer.status_code == 403
    assert not Installation.objects.filter(organization=world.acme).exists()


def test_the_role_is_checked_again_when_the_form_is_sent(live: Live, admin: Client, world: World) -> None:
    assert admin.get(asking(live.application)).status_code == 200
    Membership.objects.filter(pk=world.admin.pk).update(role=Role.RECRUITER)
    answer = admin.post(asking(live.application), {"decision": "allow", "organization": world.acme.public_id})
    assert answer.status_code == 403
    assert not Grant.objects.exists()


def test_mallory_cannot_install_at_acme(live: Live, world: World, signed_in: SignedIn) -> None:
    mallory = signed_in(world.mallory)
    assert world.acme.name not in mallory.get(asking(live.application)).content.decode()
    answer = mallory.post(asking(live.application), {"decision": "allow", "organization": world.acme.public_id})
    assert answer.status_code == 403
    assert not Installation.objects.filter(organization=world.acme).exists()


def test_an_admin_of_several_organizations_chooses(live: Live, admin: Client, world: World) -> None:
    Membership.objects.create(user=world.admin.user, organization=world.globex, role=Role.ADMIN)
    page = admin.get(asking(live.application)).content.decode()
    assert page.count('type="radio"') == 2
    allow(admin, asking(live.application), world.globex)
    assert Installation.objects.get(partner=live.partner, organization__is_sandbox=False).organization == world.globex


def test_a_sandbox_application_is_installed_in_its_own_sandbox_only(
    sandboxed: Registration, world: World, signed_in: SignedIn
) -> None:
    Membership.objects.create(user=world.admin.user, organization=sandboxed.organization, role=Role.ADMIN)
    admin = signed_in(world.admin)
    page = admin.get(asking(sandboxed.application)).content.decode()
    assert f'<input type="hidden" name="organization" value="{sandboxed.organization.public_id}">' in page
    refused = admin.post(asking(sandboxed.application), {"decision": "allow", "organization": world.acme.public_id})
    assert refused.status_code == 403
    code = allow(admin, asking(sandboxed.application), sandboxed.organization)["code"]
    assert exchange(sandboxed.application, sandboxed.client_secret, code).status_code == 200


def test_the_sandbox_application_of_an_approved_partner_still_reaches_its_sandbox_only(
    live: Live, sandboxed: Registration, world: World, admin: Client
) -> None:
    answer = admin.get(asking(sandboxed.application))
    assert answer.status_code == 403
    assert world.acme.public_id not in answer.content.decode()


def test_the_live_application_does_not_reach_the_sandbox(live: Live, sandboxed: Registration) -> None:
    browser = Client()
    browser.force_login(sandboxed.user)
    form = {"decision": "allow", "organization": sandboxed.organization.public_id}
    assert browser.post(asking(live.application), form).status_code == 403


def test_a_suspended_partner_cannot_even_ask(live: Live, admin: Client) -> None:
    onboarding.suspend(live.partner, actor="support")
    answer = admin.get(asking(live.application))
    assert (answer.status_code, "Location" in answer) == (400, False)


def test_live_and_sandbox_applications_are_two(live: Live, sandboxed: Registration) -> None:
    rows = Application.objects.filter(partner=live.partner).order_by("environment")
    assert [row.environment for row in rows] == [Environment.LIVE, Environment.SANDBOX]
    assert rows[0].client_id != rows[1].client_id


# --- What is wrong with the request -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "https://codeforge.example.evil.example/callback",
        "https://codeforge.example@evil.example/callback",
        "https://evil.example#@codeforge.example/callback",
        "https://codeforge.example/callback/../evil",
        "https://codeforge.example/callback/",
        "https://codeforge.example/callback?extra=1",
        "https://codeforge.example/callback?",
        "https://codeforge.example/callback#",
        "https://codeforge.example:444/callback",
        "http://codeforge.example/callback",
        "https://CODEFORGE.example\\@evil.example/callback",
        "//codeforge.example/callback",
        "HTTPS://codeforge.example/callback",
        "https://CODEFORGE.example/callback",
        "https://codeforge.example./callback",
        "https://codeforge.example:443/callback",
        "https://dev:secret@codeforge.example/callback",
        "https://codeforge.example%2eevil.example/callback",
        "https://codeforge.example\u3002evil.example/callback",
        "https://sub.codeforge.example/callback",
        "https://codeforge.example/callback%2f..%2fevil",
        "https://codeforge.example/%63allback",
        "https://codeforge.example/callback;x=1",
        "https://codeforge.example//callback",
        "https://codeforge.example/callback\t",
        "https://codeforge.example/callback\r\nLocation: https://evil.example",
        "https://codeforge.example/callback https://evil.example/",
        "data:text/html,x",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_to_a_redirect_uri_that_is_not_registered(live: Live, admin: Client, uri: str) -> None:
    for method in (admin.get, admin.post):
        answer = method(asking(live.application, redirect_uri=uri))
        assert (answer.status_code, "Location" in answer) == (400, False)


def test_an_unknown_client_gets_a_page_and_no_redirect(live: Live, admin: Client) -> None:
    for client_id in ("unknown", "", "nul\x00"):
        answer = admin.get(asking(live.application, client_id=client_id))
        assert (answer.status_code, "Location" in answer) == (400, False)


def test_a_query_that_cannot_be_read_gets_a_page(live: Live, admin: Client) -> None:
    assert admin.get("/oauth/authorize?client_id=%zz").status_code == 400
    doubled = asking(live.application) + "&redirect_uri=https://evil.example/"
    assert admin.get(doubled).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 500}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "orders:read everything"}, "invalid_scope"),
        ({"resource": "nonsense"}, "invalid_target"),
    ],
)
def test_other_mistakes_go_back_to_the_partner_for_whoever_is_signed_in(
    live: Live, admin: Client, changes: dict[str, str | None], error: str
) -> None:
    answer = admin.get(asking(live.application, **changes))
    assert answer.status_code == 302
    assert answer["Location"].startswith(CALLBACK + "?")
    back = query_of(answer["Location"])
    assert (back["error"], back["state"], back["iss"]) == (error, "s-1", "http://testserver")


@pytest.mark.parametrize("changes", [{"response_type": "bogus"}, {"scope": "everything"}, {"code_challenge": None}])
def test_nobody_is_led_through_us_to_an_address_that_anybody_registers(
    db: None, admin: Client, changes: dict[str, str | None]
) -> None:
    evil = onboarding.register_partner(name="Evil", contact_email="", redirect_uris=["https://evil.example/phish"])
    url = asking(evil.application, redirect_uri="https://evil.example/phish", **changes)
    for browser in (Client(), admin):
        answer = browser.get(url)
        assert (answer.status_code, "Location" in answer) == (400, False)
        page = answer.content.decode()
        assert "Go back to https://evil.example</a>" in page
        assert 'href="https://evil.example/phish?error=' in page


def test_a_stranger_is_not_sent_on_by_a_live_application_either(live: Live) -> None:
    answer = Client().get(asking(live.application, response_type="bogus"))
    assert (answer.status_code, "Location" in answer) == (400, False)


def test_the_people_of_a_sandbox_see_mistakes_as_their_program_will(sandboxed: Registration) -> None:
    browser = Client()
    browser.force_login(sandboxed.user)
    back = query_of(browser.get(asking(sandboxed.application, response_type=None))["Location"])
    assert (back["error"], back["state"], back["iss"]) == ("invalid_request", "s-1", "http://testserver")


def test_the_code_travels_in_the_query_whatever_is_asked(live: Live, admin: Client, world: World) -> None:
    url = asking(live.application, response_mode="fragment", nonce="n" * 300)
    answer = admin.post(url, {"decision": "allow", "organization": world.acme.public_id})
    assert "#" not in answer["Location"]
    assert Grant.objects.get().nonce == ""


def test_a_loopback_redirect_may_use_any_port(live: Live, admin: Client, world: World) -> None:
    Application.objects.filter(pk=live.application.pk).update(redirect_uris="http://127.0.0.1:9000/cb")
    url = asking(live.application, redirect_uri="http://127.0.0.1:51234/cb")
    assert "form-action 'self' http://127.0.0.1:51234" in admin.get(url)["Content-Security-Policy"]
    answer = admin.post(url, {"decision": "allow", "organization": world.acme.public_id})
    assert answer["Location"].startswith("http://127.0.0.1:51234/cb?code=")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:9000@evil.example/cb",
        "http://127.0.0.1.evil.example:9000/cb",
        "http://127.0.0.1:9000/cb/../x",
        "http://127.0.0.1:9000/cb?x=1",
        "http://127.0.0.1:9000/cb#x",
        "http://127.0.0.2:9000/cb",
        "http://2130706433:9000/cb",
        "http://localhost:9000/cb",
        "http://[::1]:9000/cb",
        "https://127.0.0.1:9000/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:x/cb",
    ],
)
def test_only_the_port_of_a_loopback_redirect_is_free(live: Live, admin: Client, uri: str) -> None:
    Application.objects.filter(pk=live.application.pk).update(redirect_uris="http://127.0.0.1:9000/cb")
    for method in (admin.get, admin.post):
        answer = method(asking(live.application, redirect_uri=uri))
        assert (answer.status_code, "Location" in answer) == (400, False)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "code_challenge", "response_type"])
def test_a_parameter_that_stands_twice_is_no_request(live: Live, admin: Client, world: World, name: str) -> None:
    doubled = f"{asking(live.application)}&{name}=other"
    for answer in (
        admin.get(doubled),
        admin.post(doubled, {"decision": "allow", "organization": world.acme.public_id}),
    ):
        assert (answer.status_code in (302, 400), Grant.objects.exists()) == (True, False)
        assert answer.get("Location", CALLBACK).startswith(CALLBACK)
        assert "code=" not in answer.get("Location", "")
