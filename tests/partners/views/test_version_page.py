"""The portal's page of API versions: what came with each, and going from one to another."""

from __future__ import annotations

from django.test import Client

from core.models import AuditRecord
from partners.models import Application
from tests.assessments import scene
from tests.world import World


def test_an_application_goes_back_and_forth_by_the_portal(world: World) -> None:
    shop = scene.shop_of(world)
    browser, path = Client(), f"/partner/{shop.partner.public_id}/version/live"
    browser.force_login(shop.partner.members.get().user)
    page = browser.get(path).content.decode()
    assert "Your own id of an order is called <code>reference</code>" in page
    assert "answered until 1 Dec 2027" in page
    told = browser.post(path, {"version": "2026-10-01"}, follow=True).content.decode()
    assert "Calls speak the version 2026-10-01 from now on." in told
    application = Application.objects.get(pk=shop.application.pk)
    assert application.api_version == "2026-10-01"
    assert "Upgrade to 2026-12-01" in browser.get(path).content.decode()
    deed = AuditRecord.objects.get(verb="credentials.api_version_pinned")
    assert (deed.facts["was"], deed.facts["is_now"]) == ("2026-12-01", "2026-10-01")
    assert (
        "The versions are 2026-12-01, 2026-10-01."
        in browser.post(path, {"version": "1999-01-01"}, follow=True).content.decode()
    )


def test_strangers_find_no_such_page(world: World) -> None:
    shop = scene.shop_of(world)
    browser = Client()
    browser.force_login(world.mallory.user)
    assert browser.get(f"/partner/{shop.partner.public_id}/version/live").status_code == 404
