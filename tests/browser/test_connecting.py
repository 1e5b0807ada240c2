"""Connecting a partner by its protocol, as an admin does it: form, key, test, catalogue. Axe finds nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.assessments.dialects.shipped import payload
from tests.browser.conftest import Open, flaws, listen, shot
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import partner_server
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def clean(page: Page, name: str) -> None:
    shot(page, name)
    assert flaws(page) == [], name


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_an_admin_connects_tests_and_reads_the_catalogue(
    live_server: LiveServer, world: World, open_page: Open, width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    said = listen(page)
    client = Client()
    client.force_login(world.admin.user)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    with partner_server() as vendor:
        vendor.behave(fakes.status(401, b'{"success":false}', content_type="application/json"))
        page.goto(f"{live_server.url}/integrations")
        page.get_by_role("link", name="Connect a partner by its protocol").click()
        expect(page.get_by_role("heading", name="Connect a partner by its protocol")).to_be_visible()
        clean(page, f"protocols-{width}-{scheme}")
        page.get_by_role("link", name="Connect by Ashby").click()
        page.get_by_label("Name of the partner").fill("Lingua")
        page.get_by_label("Assessments", exact=True).fill(f"{vendor.url}/assessment.list")
        page.get_by_label("Starting an assessment").fill(f"{vendor.url}/assessment.start")
        page.get_by_label("Credential").fill("lingua-key")
        clean(page, f"connect-{width}-{scheme}")
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_role("heading", name="Lingua is connected")).to_be_visible()
        clean(page, f"connected-{width}-{scheme}")
        page.get_by_role("link", name="Done").click()
        page.get_by_role("button", name="Test the connection").click()
        expect(page.get_by_text("The partner does not accept the credential.")).to_be_visible()
        clean(page, f"test-failed-{width}-{scheme}")
        answer = payload("ashby", "assessment.list.reply")
        vendor.behave(fakes.status(200, answer, content_type="application/json"))
        page.get_by_role("button", name="Test the connection").click()
        expect(page.get_by_text("It works: 3 assessments came back.")).to_be_visible()
        page.get_by_role("button", name="Read the catalogue").click()
        expect(page.get_by_text("English, four skills").first).to_be_visible()
        clean(page, f"connection-{width}-{scheme}")
        page.get_by_role("link", name="Lingua").first.click()
        page.wait_for_url("**/integrations/ins_*")
        clean(page, f"installation-connected-{width}-{scheme}")
        page.goto(f"{live_server.url}/docs/dialects")
        clean(page, f"dialects-{width}-{scheme}")
    assert said == []
