"""The partners' pages in a browser: no accessibility fault, an empty console, and a consent that really redirects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from core.models import Membership, User
from partners.models import Application, Attempt, Delivery, Environment, Installation
from partners.services import endpoints, installations, onboarding
from partners.services.onboarding import Registration
from tests.browser.conftest import SCHEMES, WIDTHS, Open, listen, shot, violations
from tests.fakes.partner_server import partner_server, status
from tests.partners.fixtures import Live, installed, live, sandboxed
from tests.partners.steps import asking, bearer, own_token
from tests.world import PASSWORD, World

__all__ = ["installed", "live", "sandboxed"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[Page, User], None]
URL = "https://codeforge.example/hooks"


@pytest.fixture
def sign_in(live_server: LiveServer) -> SignIn:
    """Gives the page's browser a session of this person."""

    def give(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])

    return give


@pytest.fixture
def history(live: Live, sandboxed: Registration, world: World) -> dict[str, str]:
    """A partner with something to see on every page; the pages by name."""
    for purpose in ("events", "order"):
        endpoints.put(live.partner, Environment.LIVE, purpose, url=f"{URL}/{purpose}")
    broken, _, _ = endpoints.put(live.partner, Environment.SANDBOX, "events", url=URL)
    installation = installations.install(
        live.partner, world.acme, scopes=["orders:read", "candidates.name:read"], actor=world.admin.user
    )
    installations.pause(installation, actor=world.admin.user)
    installations.resume(installation, actor=world.admin.user)
    endpoints.ping(broken)
    endpoints.disable(broken, reason="It answered 410 Gone.", actor="support")
    stranger = onboarding.register_partner(name="Parley English", contact_email="")
    onboarding.approve(stranger.partner, actor="support")
    delivery = _delivery_with_attempts()
    Client().put("/api/v1/endpoints/nonsense", "{}", "application/json", headers=_token(live))
    portal = f"/partner/{live.partner.public_id}"
    return {
        "integrations": "/integrations",
        "installation": f"/integrations/{installation.public_id}",
        "remove": f"/integrations/{installation.public_id}/remove",
        "connect": f"/integrations/connect/{stranger.partner.public_id}",
        "consent": asking(live.application),
        "consent-error": asking(live.application, redirect_uri="https://evil.example/"),
        "portal": portal,
        "portal-issue": f"{portal}/credentials/live",
        "portal-deliveries": f"{portal}/deliveries",
        "portal-delivery": f"{portal}/deliveries/{delivery.public_id}",
        "portal-requests": f"{portal}/requests",
        "portal-members": f"{portal}/members",
    }


def _token(live: Live) -> dict[str, str]:
    return bearer(own_token(live.application, live.client_secret))


def _delivery_with_attempts() -> Delivery:
    delivery = Delivery.objects.filter(event__topic="installation.paused").get()
    for number, code in enumerate((500, None), start=1):
        Attempt.objects.create(
            delivery=delivery,
            number=number,
            started_at=timezone.now() - timedelta(minutes=number),
            duration_ms=120,
            url=delivery.endpoint.url,
            status=code,
            failure="" if code else "timeout_sent",
            reply_body=b'{"error": "boom"}' if code else b"",
            outcome="retried",
        )
    Delivery.objects.filter(pk=delivery.pk).update(state="given_up", note="Given up after 2 attempts.")
    return delivery


def check(page: Page, said: list[str], name: str) -> None:
    """No axe violation, nothing said on the console, nothing wider than the window."""
    assert violations(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    # A page that is an error is told so by the browser itself.
    assert [line for line in said if "status of 4" not in line] == [], name


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_quiet_and_fits(
    live_server: LiveServer,
    open_page: Open,
    sign_in: SignIn,
    history: dict[str, str],
    sandboxed: Registration,
    world: World,
    width: int,
    scheme: str,
) -> None:
    admin, dev = open_page(width=width, scheme=scheme), open_page(width=width, scheme=scheme)
    sign_in(admin, world.admin.user)
    sign_in(dev, sandboxed.user)
    for name, path in history.items():
        page = dev if name.startswith("portal") else admin
        said = listen(page)
        page.goto(live_server.url + path)
        check(page, said, name)
        shot(page, f"partners-{name}-{width}-{scheme}")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_vendor_registers_gets_credentials_and_an_endpoint(
    live_server: LiveServer, open_page: Open, width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    said = listen(page)
    page.goto(f"{live_server.url}/partners/register")
    check(page, said, "register")
    shot(page, f"partners-register-{width}-{scheme}")
    for label, value in (
        ("Company name", "CodeForge"),
        ("Your name", "Dana Okafor"),
        ("Your e-mail", "dana@codeforge.example"),
        ("Sign-in name", "dana.codeforge"),
        ("Password", PASSWORD),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Make my sandbox").click()
    expect(page.get_by_role("heading", name="CodeForge has a sandbox")).to_be_visible()
    check(page, said, "registered")
    shot(page, f"partners-registered-{width}-{scheme}")
    page.get_by_role("link", name="To the portal").click()
    page.get_by_text("Add an endpoint, or change its URL").click()
    page.get_by_label("URL", exact=True).fill(URL)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#signing-secret")).to_contain_text("whsec_")
    check(page, said, "signing secret")


def test_an_admin_who_allows_is_sent_back_to_the_partner_with_a_code(
    live_server: LiveServer, open_page: Open, sign_in: SignIn, live: Live, world: World
) -> None:
    """Over the real redirect: Chromium would stop it if the page's policy did not name the partner."""
    with partner_server() as partner:
        partner.behave(status(200, b"Welcome back", content_type="text/plain"))
        callback = f"{partner.url}/callback"
        Application.objects.filter(pk=live.application.pk).update(redirect_uris=callback)
        page = open_page()
        said = listen(page)
        # Not signed in: the consent screen comes after the log-in.
        page.goto(live_server.url + asking(live.application, redirect_uri=callback))
        page.get_by_label("E-mail").fill(world.admin.user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{callback}?code=*")
        expect(page.get_by_text("Welcome back")).to_be_visible()
        assert said == []
    assert Installation.objects.get(organization=world.acme).status == "active"


def test_an_admin_pauses_resumes_and_removes(
    live_server: LiveServer, open_page: Open, sign_in: SignIn, installed: Installation, world: World
) -> None:
    page = open_page()
    sign_in(page, world.admin.user)
    page.goto(f"{live_server.url}/integrations")
    page.get_by_role("button", name="Pause CodeForge").click()
    expect(page.get_by_text("CodeForge is paused: nothing new is sent to it.")).to_be_visible()
    page.get_by_role("button", name="Resume CodeForge").click()
    page.get_by_role("link", name="Remove CodeForge").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("CodeForge is removed; its access has ended.")).to_be_visible()


def test_the_sign_in_link_shows_its_button_and_lets_in(live_server: LiveServer, open_page: Open) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="")
    page = open_page(width=390)
    said = listen(page)
    page.goto(f"{live_server.url}/sandbox/sign-in/{made.sign_in_token}")
    check(page, said, "sign in")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Robin Ashcombe")).to_be_visible()
    assert Membership.objects.get(user=made.user).role == "admin"
    page.goto(f"{live_server.url}/partner")
    check(page, said, "dashboard of a link account")
    shot(page, "partners-portal-claim-390-light")
    page.goto(f"{live_server.url}/sandbox/sign-in/{made.sign_in_token}")
    check(page, said, "used link")
