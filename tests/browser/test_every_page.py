"""Every page that the URL conf knows, in both schemes and widths: axe finds nothing, the console stays empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from playwright.sync_api import Page

from assessments.check_report import Conformance, Step
from assessments.models import Attachment, Backfill, Order, PartnerCheck
from assessments.services import connections, erasures
from core.models import Membership, Organization, Role, User
from core.services import team
from partners.models import Installation, Partner
from partners.services import clients, credentials, endpoints, onboarding, sign_in_links
from tests.browser.conftest import SCHEMES, WIDTHS, Open, flaws, listen, shot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Answered with JSON, files or another door's pages: no pages of ours.
OTHER = ("api/", "admin/", "compat/", "oauth/", ".well-known/", "schemas/", "attachments/", "livez", "readyz")
FILES = frozenset({"resume", "progress", "check_steps", "markdown", "llms", "erasure_json"})
# A redirect, or an act that takes a POST.
LEADS_ELSEWHERE = frozenset({302, 405})
MOST_OF_THE_PAGES = 30
STRANGERS = ("login", "partners/register", "docs", "invitations/", "sandbox/")


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the URL conf with its whole path."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        else:
            yield path, entry


def pages() -> list[str]:
    """The routes that answer a GET with a page."""
    known = routes(get_resolver())
    return [path for path, entry in known if not path.startswith(OTHER) and entry.name not in FILES]


class Places:
    """A real id for each parameter of a path, out of the demo world."""

    def __init__(self) -> None:
        acme = Organization.objects.get(name="Acme Robotics")
        admin = Membership.objects.get(organization=acme, user__email="admin@acme.example")
        partner = Partner.objects.get(name="CodeForge")
        order = Order.objects.filter(results__revision__gte=2, organization=acme).latest("created_at")
        open_order = Order.objects.filter(organization=acme).exclude(status="completed").latest("created_at")
        invitation, token = team.invite(acme, email="new.colleague@acme.example", role=Role.RECRUITER, actor=admin.user)
        other = onboarding.register_partner(name="Harbor Tests", contact_email="dev@harbor.example").partner
        onboarding.approve(other, actor=None)
        credentials.issue(other, "live")
        endpoint, _, _ = endpoints.put(partner, "live", "events", url="http://127.0.0.1:9/webhooks")
        delivery = endpoints.ping(endpoint)
        gone = acme.candidates.exclude(pk=order.candidate_id).filter(orders__partner=partner).distinct().last()
        assert gone is not None
        client, _ = clients.create(acme, name="Our hiring system", actor=admin.user)
        endpoints.put(acme, "live", "events", url="http://127.0.0.1:9/hiring")
        connected = _connected(acme, admin)
        self.values = {
            "check_id": _checked(connected).public_id,
            "client_id": client.client_id,
            "erasure_id": erasures.erase(gone, ground="asked", actor=admin.user).public_id,
            "candidate_id": order.candidate.public_id,
            "application_id": order.application.public_id,
            "invitation_id": invitation.public_id,
            "job_id": order.application.job.public_id,
            "order_id": order.public_id,
            "open_order": open_order.public_id,
            "connectable": other.public_id,
            "type_id": partner.assessment_types.get().public_id,
            "revision": "1",
            "partner_id": partner.public_id,
            "installation_id": Installation.objects.get(partner=partner, organization=acme).public_id,
            "endpoint_id": endpoint.public_id,
            "environment": "live",
            "page": "schemas",
            "chapter": "orders",
            "delivery_id": delivery.public_id,
            "dialect_name": "greenhouse",
            "connected": connected.public_id,
            "backfill_id": Backfill.objects.filter(organization=acme, state="waiting").latest("id").public_id,
            "attachment_id": Attachment.objects.filter(organization=acme).latest("id").public_id,
        }
        self.tokens = {
            "invitations/": token,
            "sandbox/": sign_in_links.make(User.objects.get(email="dev@codeforge.example")),
        }

    def path(self, route: str) -> str:
        token = next((value for prefix, value in self.tokens.items() if route.startswith(prefix)), "")
        values = {**self.values, "token": token}
        if route.endswith("/cancel"):
            values["order_id"] = values["open_order"]
        if "connect" in route:
            values["partner_id"] = values["connectable"]
        if "/connection" in route:
            values["installation_id"] = values["connected"]
        query = {"team/remove": "?member=recruiter@acme.example", "docs/search": "?q=signature"}.get(route, "")
        return "/" + re.sub(r"<\w+:(\w+)>", lambda match: values[match[1]], route) + query


def _checked(installation: Installation) -> PartnerCheck:
    """A check of its protocol that is over, with a step of each kind."""
    now = timezone.now()
    steps = [
        Step(
            title=f"Step {conformance}",
            conformance=conformance,
            sentence="It says so.",
            rule="As it is written.",
            sent="POST /",
            came="200",
        )
        for conformance in Conformance
    ]
    return PartnerCheck.objects.create(
        installation=installation, asked=[asdict(step) for step in steps], until=now, ended_at=now, next_at=None
    )


def _connected(acme: Organization, admin: Membership) -> Installation:
    """A partner that was connected by its protocol."""
    return connections.connect(
        acme,
        dialect=connections.dialect_named("ashby"),
        name="Lingua",
        urls={"catalogue": "http://127.0.0.1:9/assessment.list", "order": "http://127.0.0.1:9/assessment.start"},
        credential="a-key",
        scopes=(),
        actor=admin.user,
    ).installation


def person_for(route: str) -> str:
    if route.startswith(STRANGERS):
        return ""
    return "dev@codeforge.example" if route.startswith("partner") else "admin@acme.example"


def log_in(page: Page, base: str, email: str) -> None:
    page.goto(f"{base}/login")
    page.fill("input[type=email], input[name=username]", email)
    page.fill("input[type=password]", "demo")
    page.press("input[type=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_has_a_flaw_that_axe_or_the_console_knows(
    live_server: object, open_page: Open, width: int, scheme: str, settings: object
) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's wrapper
    settings.RATE_LIMITS = {}  # type: ignore[attr-defined]
    call_command("demo", verbosity=0)
    places, base, wrong, seen = Places(), str(live_server), [], 0
    for person in ("", "admin@acme.example", "dev@codeforge.example"):
        page = open_page(width=width, scheme=scheme)
        said = listen(page)
        if person:
            log_in(page, base, person)
        for route in (route for route in pages() if person_for(route) == person):
            url = base + places.path(route)
            status = page.request.get(url, max_redirects=0).status
            if status in LEADS_ELSEWHERE:
                continue
            seen += 1
            wrong += [f"{route}: {flaw}" for flaw in flaws_at(page, url, status, said)]
            shot(page, f"{re.sub('[^a-z]+', '-', route)}-{width}-{scheme}")
    assert wrong == []
    assert seen >= MOST_OF_THE_PAGES


def flaws_at(page: Page, url: str, status: int, said: list[str]) -> list[str]:
    """Opens the page: what axe finds there, and what the console says."""
    if status != 200:
        return [f"answers {status}"]
    said.clear()
    page.goto(url)
    return [*flaws(page), *said]
