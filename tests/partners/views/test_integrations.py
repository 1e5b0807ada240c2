"""The admin's page of integrations: health, connecting, pausing, removing; and Mallory, who gets nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import Membership
from partners import health
from partners.models import Delivery, Endpoint, Environment, Installation
from partners.scopes import ALL
from partners.services import endpoints, installations, onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live
from tests.world import World

SignedIn = Callable[[Membership], Client]
URL = "https://codeforge.example/hooks"


def test_the_page_lists_what_is_installed_with_its_health(admin: Client, installed: Installation) -> None:
    page = admin.get("/integrations").content.decode()
    assert "CodeForge" in page
    assert "Healthy" in page
    assert "Nothing sent yet" in page


def test_a_broken_endpoint_and_failures_show(admin: Client, live: Live, installed: Installation) -> None:
    endpoint, _, _ = endpoints.put(live.partner, Environment.LIVE, "events", url=URL)
    installations.pause(installed, actor=None)
    installations.resume(installed, actor=None)
    Delivery.objects.filter(event__topic="installation.paused").update(state="given_up", note="It answered 500.")
    assert health.of([installed])[0].word == "Failures"
    assert "1 failed this week" in admin.get("/integrations").content.decode()
    endpoints.disable(endpoint, reason="It answered 410 Gone.", actor="support")
    assert health.of([installed])[0].word == "Cannot be reached"
    detail = admin.get(f"/integrations/{installed.public_id}").content.decode()
    assert "It answered 410 Gone." in detail
    assert "It answered 500." in detail


def test_the_sandbox_endpoint_says_nothing_about_a_live_installation(live: Live, installed: Installation) -> None:
    endpoint, _, _ = endpoints.put(live.partner, Environment.SANDBOX, "events", url=URL)
    Endpoint.objects.filter(pk=endpoint.pk).update(enabled=False)
    assert health.of([installed])[0].word == "Healthy"


def test_health_costs_the_same_however_many_there_are(
    live: Live, installed: Installation, world: World, django_assert_num_queries: Any
) -> None:
    endpoints.put(live.partner, Environment.LIVE, "events", url=URL)
    installations.pause(installed, actor=None)
    installations.install(live.partner, world.globex, scopes=ALL, actor=None)
    rows = list(Installation.objects.filter(organization__is_sandbox=False).select_related("partner", "organization"))
    for some in (rows[:1], rows):
        with django_assert_num_queries(3):
            [row.word for row in health.of(some)]


def test_the_detail_says_what_was_granted_and_what_leaves(admin: Client, installed: Installation) -> None:
    page = admin.get(f"/integrations/{installed.public_id}").content.decode()
    assert "See the assessments you ask it for." in page
    assert "Stays here: E-mail address, Phone number, Résumé" in page
    assert "installation.created" in page


def test_pause_and_resume(admin: Client, installed: Installation) -> None:
    admin.post(f"/integrations/{installed.public_id}/pause")
    assert "Paused" in admin.get("/integrations").content.decode()
    assert "Paused since" in admin.get(f"/integrations/{installed.public_id}").content.decode()
    admin.post(f"/integrations/{installed.public_id}/resume")
    installed.refresh_from_db()
    assert installed.status == "active"


def test_removing_asks_first(admin: Client, installed: Installation) -> None:
    page = admin.get(f"/integrations/{installed.public_id}/remove").content.decode()
    assert "Remove CodeForge from Acme Robotics?" in page
    installed.refresh_from_db()
    assert installed.status == "active"
    admin.post(f"/integrations/{installed.public_id}/remove")
    installed.refresh_from_db()
    assert installed.status == "removed"
    assert "Removed (1)" in admin.get("/integrations").content.decode()
    late = admin.post(f"/integrations/{installed.public_id}/pause", follow=True)
    assert "This installation is removed." in late.content.decode()


def test_connect_shows_the_consent_and_installs_with_what_the_application_may_ask(
    admin: Client, live: Live, world: World
) -> None:
    live.application.allowed_scopes = "orders:read results:write"
    live.application.save()
    assert f"/integrations/connect/{live.partner.public_id}" in admin.get("/integrations").content.decode()
    page = admin.get(f"/integrations/connect/{live.partner.public_id}").content.decode()
    assert "None of your candidates’ personal details" in page
    answer = admin.post(f"/integrations/connect/{live.partner.public_id}")
    installation = Installation.objects.get(organization=world.acme)
    assert answer["Location"] == f"/integrations/{installation.public_id}"
    assert installation.scopes == {"orders:read", "results:write"}
    assert admin.get(f"/integrations/connect/{live.partner.public_id}").status_code == 404


def test_only_approved_partners_can_be_connected(admin: Client, sandboxed: Registration) -> None:
    assert "CodeForge" not in admin.get("/integrations").content.decode()
    assert admin.post(f"/integrations/connect/{sandboxed.partner.public_id}").status_code == 404


def test_a_suspended_partner_cannot_be_connected(admin: Client, live: Live) -> None:
    onboarding.suspend(live.partner, actor="support")
    assert admin.get(f"/integrations/connect/{live.partner.public_id}").status_code == 404


def test_a_sandbox_connects_its_own_partner_only(sandboxed: Registration) -> None:
    stranger = onboarding.register_partner(name="Parley", contact_email="")
    onboarding.approve(stranger.partner, actor="support")
    installations.remove(sandboxed.installation, actor=None)
    browser = Client()
    browser.force_login(sandboxed.user)
    assert browser.get(f"/integrations/connect/{stranger.partner.public_id}").status_code == 404
    assert browser.post(f"/integrations/connect/{sandboxed.partner.public_id}").status_code == 302
    sandboxed.installation.refresh_from_db()
    assert sandboxed.installation.status == "active"


@pytest.mark.parametrize("role", ["recruiter", "interviewer"])
def test_others_than_admins_are_refused(world: World, signed_in: SignedIn, installed: Installation, role: str) -> None:
    browser = signed_in(getattr(world, role))
    for path in ("", f"/{installed.public_id}", f"/{installed.public_id}/remove"):
        assert browser.get(f"/integrations{path}").status_code == 403
    assert browser.post(f"/integrations/{installed.public_id}/pause").status_code == 403


def test_mallory_sees_and_changes_nothing(world: World, signed_in: SignedIn, installed: Installation) -> None:
    mallory = signed_in(world.mallory)
    assert installed.public_id not in mallory.get("/integrations").content.decode()
    for path in ("", "/remove"):
        assert mallory.get(f"/integrations/{installed.public_id}{path}").status_code == 404
    for act in ("pause", "resume", "remove"):
        assert mallory.post(f"/integrations/{installed.public_id}/{act}").status_code == 404
    installed.refresh_from_db()
    assert installed.status == "active"


def test_a_get_pauses_nothing(admin: Client, installed: Installation) -> None:
    assert admin.get(f"/integrations/{installed.public_id}/pause").status_code == 405
