"""Self-registration by page, and the portal of a partner's people; other partners' people find nothing."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.utils import timezone

from core.models import Membership, Role, User
from partners.models import Application, Attempt, Delivery, Endpoint, Environment, Partner, SigningSecret
from partners.services import endpoints, onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.partners.steps import bearer, own_token
from tests.world import PASSWORD, World

URL = "https://codeforge.example/hooks"
FORM = {
    "name": "CodeForge",
    "website": "https://codeforge.example",
    "person_name": "Dana Okafor",
    "email": "Dana@codeforge.example",
    "sign_in_name": "dana",
    "password": PASSWORD,
}


@pytest.fixture
def dev(sandboxed: Registration) -> Client:
    browser = Client()
    browser.force_login(sandboxed.user)
    return browser


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody of another partner."""
    made = onboarding.register_partner(name="Parley", contact_email="dev@parley.example")
    browser = Client()
    browser.force_login(made.user)
    return browser


def secret_on(page: str, label: str) -> str:
    found = re.search(rf'id="{label}"[^>]*>([^<]+)<', page)
    assert found
    return found[1]


# --- Registration -------------------------------------------------------------------------------------------------


def test_the_page_registers_signs_in_and_shows_the_secret_once(db: None) -> None:
    browser = Client()
    answer = browser.post("/partners/register", FORM)
    page = answer.content.decode()
    application = Application.objects.get(client_id=secret_on(page, "client-id"))
    assert application.partner is not None
    assert check_password(secret_on(page, "client-secret"), application.client_secret)
    assert "no-store" in answer["Cache-Control"]
    assert "Robin Ashcombe" in browser.get("/candidates").content.decode()
    assert browser.get("/partner")["Location"] == f"/partner/{application.partner.public_id}"
    assert (
        secret_on(page, "client-secret")
        not in browser.get(f"/partner/{application.partner.public_id}").content.decode()
    )
    assert "You sign in here as <strong>dana</strong>" in page
    assert authenticate(username="dana", password=PASSWORD)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Code\u202eforge"}, "A name holds printable characters only."),
        ({"website": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"password": "short"}, "This password is too short."),
        ({"password": "dana@codeforge.example"}, "The password is too similar to the email."),
        (
            {"sign_in_name": "the.codeforge.dev", "password": "codeforge.dev"},
            "The password is too similar to the name.",
        ),
        ({"sign_in_name": "cto@acme.example"}, "Letters a to z, digits, dots, hyphens and underscores only."),
    ],
)
def test_a_form_with_mistakes_makes_nothing(db: None, changes: dict[str, str], words: str) -> None:
    answer = Client().post("/partners/register", {**FORM, **changes})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (Partner.objects.count(), User.objects.count()) == (0, 0)


def test_a_name_that_is_taken_is_told_so(sandboxed: Registration) -> None:
    answer = Client().post("/partners/register", {**FORM, "sign_in_name": "dev.codeforge"})
    assert answer.status_code == 422
    assert "Somebody signs in by this name already." in answer.content.decode()
    assert Client().post("/partners/register", FORM).status_code == 200


def test_registering_tells_of_no_address_whether_it_has_an_account_and_takes_none(world: World) -> None:
    before = set(User.objects.filter(email__endswith="acme.example"))
    for number, address in enumerate(("admin@acme.example", "cto@acme.example")):
        form = {**FORM, "email": address, "sign_in_name": f"mallory{number}"}
        assert Client().post("/partners/register", form).status_code == 200
    assert set(User.objects.filter(email__endswith="acme.example")) == before
    assert authenticate(username="cto@acme.example", password=PASSWORD) is None


def test_somebody_who_is_signed_in_registers_a_further_partner(dev: Client, sandboxed: Registration) -> None:
    assert "Password" not in dev.get("/partners/register").content.decode()
    assert dev.post("/partners/register", {"name": "Second"}).status_code == 200
    page = dev.get("/partner").content.decode()
    assert "CodeForge" in page
    assert "Second" in page


def test_registration_is_limited_by_address(db: None, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "register": "1/h"}
    statuses = [Client().post("/partners/register", {**FORM, "sign_in_name": f"dana{n}"}).status_code for n in range(2)]
    assert statuses == [200, 429]


def test_a_script_as_a_name_is_text(db: None) -> None:
    browser = Client()
    browser.post("/partners/register", {**FORM, "name": "<script>alert(1)</script>"})
    page = browser.get(browser.get("/partner")["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- The portal ---------------------------------------------------------------------------------------------------


def test_people_without_partner_or_organization_are_told_what_to_do(db: None) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("lost@nowhere.example", PASSWORD))
    assert browser.get("/")["Location"] == "/partner"
    assert "You belong to no organization and no partner" in browser.get("/partner").content.decode()


def test_the_dashboard_shows_both_environments(dev: Client, sandboxed: Registration) -> None:
    page = dev.get(f"/partner/{sandboxed.partner.public_id}").content.decode()
    assert sandboxed.application.client_id in page
    assert "Live credentials come with approval." in page


def test_an_approved_partner_gets_live_credentials(dev: Client, sandboxed: Registration) -> None:
    path = f"/partner/{sandboxed.partner.public_id}/credentials/live"
    refused = dev.post(path, follow=True)
    assert "This partner is not approved yet" in refused.content.decode()
    onboarding.approve(sandboxed.partner, actor="support")
    page = dev.post(path).content.decode()
    application = Application.objects.get(partner=sandboxed.partner, environment="live")
    assert check_password(secret_on(page, "client-secret"), application.client_secret)
    assert "The old secret stops working at once" in dev.get(path).content.decode()
    assert dev.get(f"/partner/{sandboxed.partner.public_id}/credentials/other").status_code == 404


def test_redirect_uris_are_saved_line_by_line(dev: Client, sandboxed: Registration) -> None:
    path = f"/partner/{sandboxed.partner.public_id}/redirect-uris/sandbox"
    dev.post(path, {"sandbox-redirect_uris": "https://codeforge.example/a\r\n\r\nhttps://codeforge.example/b"})
    sandboxed.application.refresh_from_db()
    assert sandboxed.application.redirect_uris == "https://codeforge.example/a https://codeforge.example/b"
    refused = dev.post(path, {"sandbox-redirect_uris": "http://codeforge.example/a"}, follow=True)
    assert "Plain http is for loopback addresses only." in refused.content.decode()
    sandboxed.application.refresh_from_db()
    assert sandboxed.application.redirect_uris == "https://codeforge.example/a https://codeforge.example/b"


def test_an_endpoint_is_put_its_secret_shown_rotated_and_pinged(dev: Client, sandboxed: Registration) -> None:
    base = f"/partner/{sandboxed.partner.public_id}"
    form = {"sandbox-endpoint-purpose": "order", "sandbox-endpoint-url": URL}
    first = secret_on(dev.post(f"{base}/endpoints/sandbox", form).content.decode(), "signing-secret")
    endpoint = Endpoint.objects.get()
    rotated = secret_on(dev.post(f"{base}/endpoint/{endpoint.public_id}/rotate").content.decode(), "signing-secret")
    assert first.startswith("whsec_")
    assert rotated not in ("", first)
    assert SigningSecret.objects.count() == 2
    pinged = dev.post(f"{base}/endpoint/{endpoint.public_id}/ping", follow=True)
    assert Delivery.objects.get().event.public_id in pinged.content.decode()
    moved = dev.post(f"{base}/endpoints/sandbox", {**form, "sandbox-endpoint-url": URL + "/2"}, follow=True)
    assert "Orders go to https://codeforge.example/hooks/2 from now on." in moved.content.decode()


def test_a_secret_that_was_rotated_too_often_says_when_it_can_be_again(dev: Client, sandboxed: Registration) -> None:
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "order", url=URL)
    for _ in range(3):
        endpoints.rotate_secret(endpoint, actor="dev")
    rotate = f"/partner/{sandboxed.partner.public_id}/endpoint/{endpoint.public_id}/rotate"
    assert "The secret can be rotated again from" in dev.post(rotate, follow=True).content.decode()


def test_an_endpoint_that_must_not_be_called_is_refused(dev: Client, sandboxed: Registration) -> None:
    form = {"sandbox-endpoint-purpose": "order", "sandbox-endpoint-url": "https://10.0.0.1/"}
    page = dev.post(f"/partner/{sandboxed.partner.public_id}/endpoints/sandbox", form, follow=True).content.decode()
    assert "not public" in page
    assert not Endpoint.objects.exists()


def test_the_logs_show_attempts_and_calls_with_request_ids(dev: Client, sandboxed: Registration) -> None:
    base = f"/partner/{sandboxed.partner.public_id}"
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "events", url=URL)
    delivery = endpoints.ping(endpoint)
    Attempt.objects.create(
        delivery=delivery, number=1, started_at=timezone.now(), duration_ms=12, url=URL, status=503,
        reply_body=b"<b>busy</b>", outcome="retried",
    )  # fmt: skip
    headers = bearer(own_token(sandboxed.application, sandboxed.client_secret))
    call = Client().get("/api/v1/deliveries/dlv_unknown", headers=headers)
    assert "ping" in dev.get(f"{base}/deliveries?state=due").content.decode()
    detail = dev.get(f"{base}/deliveries/{delivery.public_id}").content.decode()
    assert "answered 503" in detail
    assert "&lt;b&gt;busy&lt;/b&gt;" in detail
    wrong = Client().get("/api/v1/deliveries?state=nope", headers=headers).json()["problems"][0]
    refused = dev.get(f"{base}/requests?refused=1").content.decode()
    assert call["Request-Id"] in refused
    assert "/api/v1/deliveries?state=nope" in refused
    assert wrong["code"] in refused
    assert call["Request-Id"] in dev.get(f"{base}/requests?q={call['Request-Id']}").content.decode()
    assert "No calls" in dev.get(f"{base}/requests?q=req_unknown").content.decode()


def test_a_delivery_is_sent_again_from_the_portal(dev: Client, sandboxed: Registration) -> None:
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "events", url=URL)
    delivery = endpoints.ping(endpoint)
    Delivery.objects.update(state="given_up", settled_at=timezone.now())
    dev.post(f"/partner/{sandboxed.partner.public_id}/deliveries/{delivery.public_id}/redeliver")
    delivery.refresh_from_db()
    assert delivery.state == "due"


def test_everything_that_failed_is_sent_again_from_the_portal(dev: Client, sandboxed: Registration) -> None:
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "events", url=URL)
    delivery = endpoints.ping(endpoint)
    Delivery.objects.update(state="given_up", settled_at=timezone.now())
    base = f"/partner/{sandboxed.partner.public_id}/deliveries"
    assert "Redeliver everything that failed since" in dev.get(base).content.decode()
    answers = [
        dev.post(f"{base}/redeliver", {"since": since}, follow=True).content.decode()
        for since in ("nonsense", "2999-01-01T00:00", "2026-01-01T00:00")
    ]
    for sentence, answer in zip(
        ("Say since when", "Nothing failed in that time.", "1 delivery is on the way again."), answers, strict=True
    ):
        assert sentence in answer
    delivery.refresh_from_db()
    assert delivery.state == "due"


def test_the_topics_of_an_endpoint_are_set_in_the_portal(dev: Client, sandboxed: Registration) -> None:
    base = f"/partner/{sandboxed.partner.public_id}"
    form = {
        "sandbox-endpoint-purpose": "events",
        "sandbox-endpoint-url": URL,
        "sandbox-endpoint-topics": "order.placed, ping",
    }
    dev.post(f"{base}/endpoints/sandbox", form)
    assert Endpoint.objects.get().topics == ["order.placed", "ping"]
    assert "<code>order.placed</code>" in dev.get(base).content.decode()
    refused = dev.post(f"{base}/endpoints/sandbox", {**form, "sandbox-endpoint-topics": "order.place"}, follow=True)
    assert "There is no topic order.place." in refused.content.decode()


def test_every_event_is_listed_delivered_or_not(dev: Client, sandboxed: Registration) -> None:
    base = f"/partner/{sandboxed.partner.public_id}/events"
    page = dev.get(base).content.decode()
    assert "installation.created" in page
    assert "to be fetched" in page
    assert "Nothing yet" in dev.get(f"{base}?topic=order.placed").content.decode()


def test_an_account_that_came_by_link_is_kept_with_a_password(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="")
    browser = Client()
    browser.post(f"/sandbox/sign-in/{made.sign_in_token}")
    base = f"/partner/{made.partner.public_id}"
    assert "Keep this account" in browser.get(base).content.decode()
    assert browser.post(f"{base}/account", {"sign_in_name": "dev.parley", "password": "short"}).status_code == 422
    User.objects.create_user("taken", PASSWORD)
    taken = browser.post(f"{base}/account", {"sign_in_name": "taken", "password": PASSWORD})
    assert "Somebody signs in by this name already." in taken.content.decode()
    browser.post(f"{base}/account", {"sign_in_name": "dev.parley", "password": PASSWORD})
    assert "Keep this account" not in browser.get(base).content.decode()
    assert authenticate(username="dev.parley", password=PASSWORD) == made.user


def test_colleagues_of_the_sandbox_are_given_the_portal(dev: Client, sandboxed: Registration) -> None:
    colleague = User.objects.create_user("kim@codeforge.example", PASSWORD, name="Kim")
    Membership.objects.create(user=colleague, organization=sandboxed.organization, role=Role.RECRUITER)
    base = f"/partner/{sandboxed.partner.public_id}/members"
    last = dev.post(f"{base}/remove", {"person": sandboxed.user.email}, follow=True)
    assert "would be left without anybody" in last.content.decode()
    dev.post(f"{base}/add", {"person": colleague.email})
    assert set(User.objects.filter(partner_members__partner=sandboxed.partner)) == {colleague, sandboxed.user}
    dev.post(f"{base}/remove", {"person": colleague.email})
    assert list(User.objects.filter(partner_members__partner=sandboxed.partner)) == [sandboxed.user]


def test_nobody_outside_the_sandbox_is_given_the_portal(dev: Client, sandboxed: Registration, world: World) -> None:
    answer = dev.post(f"/partner/{sandboxed.partner.public_id}/members/add", {"person": world.admin.user.email})
    assert answer.status_code == 404
    service = sandboxed.installation.service_user
    assert dev.post(f"/partner/{sandboxed.partner.public_id}/members/add", {"person": service.email}).status_code == 404


def test_a_suspended_partner_reads_its_portal_and_changes_nothing(dev: Client, live: Live) -> None:
    endpoint, _, _ = endpoints.put(live.partner, Environment.LIVE, "events", url=URL)
    onboarding.suspend(live.partner, actor="support")
    base = f"/partner/{live.partner.public_id}"
    assert "This partner is suspended" in dev.get(base).content.decode()
    for path in ("credentials/live", f"endpoint/{endpoint.public_id}/ping"):
        assert "suspended" in dev.post(f"{base}/{path}", follow=True).content.decode()
    assert not Delivery.objects.exists()


def test_strangers_find_no_portal(stranger: Client, sandboxed: Registration) -> None:
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "events", url=URL)
    delivery = endpoints.ping(endpoint)
    base = f"/partner/{sandboxed.partner.public_id}"
    gets = [
        "",
        "/deliveries",
        f"/deliveries/{delivery.public_id}",
        "/requests",
        "/members",
        "/credentials/sandbox",
        "/events",
    ]
    posts = [
        "/credentials/sandbox",
        "/redirect-uris/sandbox",
        "/endpoints/sandbox",
        f"/endpoint/{endpoint.public_id}/rotate",
        f"/endpoint/{endpoint.public_id}/ping",
        f"/deliveries/{delivery.public_id}/redeliver",
        "/deliveries/redeliver",
        "/members/add",
        "/members/remove",
        "/account",
    ]
    assert {stranger.get(base + path).status_code for path in gets} == {404}
    assert {stranger.post(base + path).status_code for path in posts} == {404}
    assert {Client().get(base + path).status_code for path in gets} == {302}


def test_another_partners_endpoint_and_delivery_are_404_in_ones_own_portal(
    stranger: Client, sandboxed: Registration
) -> None:
    endpoint, _, _ = endpoints.put(sandboxed.partner, Environment.SANDBOX, "events", url=URL)
    delivery = endpoints.ping(endpoint)
    base = f"/partner/{Partner.objects.get(name='Parley').public_id}"
    assert stranger.post(f"{base}/endpoint/{endpoint.public_id}/rotate").status_code == 404
    assert stranger.post(f"{base}/deliveries/{delivery.public_id}/redeliver").status_code == 404
    assert stranger.get(f"{base}/deliveries/{delivery.public_id}").status_code == 404
