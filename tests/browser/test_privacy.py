"""An admin keeps results for a year, holds a candidate, lets go again and erases them: each page as they see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import Erasure, Order
from assessments.services import retention
from core.models import Candidate
from tests.browser.conftest import SCHEMES, WIDTHS, Open, flaws, listen, shot
from tests.browser.test_every_page import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_from_the_rule_to_the_receipt(
    live_server: LiveServer, open_page: Open, width: int, scheme: str, settings: Settings
) -> None:
    settings.DEMO, settings.RATE_LIMITS = True, {}
    call_command("demo", verbosity=0)
    order = Order.objects.filter(results__revision__gte=2, organization__name="Acme Robotics").latest("created_at")
    Order.objects.filter(pk=order.pk).update(completed_at=timezone.now() - timedelta(days=400))
    page = open_page(width=width, scheme=scheme)
    said = listen(page)
    log_in(page, live_server.url, "admin@acme.example")

    def looks_well(name: str) -> None:
        assert [*flaws(page), *said] == []
        shot(page, f"privacy-{name}-{width}-{scheme}")

    page.goto(f"{live_server.url}/privacy/retention")
    page.get_by_label("All assessments").select_option("12")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile("results? would be deleted within the hour"))
    looks_well("preview")
    page.get_by_role("button", name="Save, and delete").click()
    expect(page.get_by_text("Saved. What has been kept long enough")).to_be_visible()
    retention.purge_due()
    page.goto(f"{live_server.url}/orders/{order.public_id}")
    expect(page.get_by_text("Deleted by the retention rule on")).to_be_visible()
    looks_well("purged-order")
    _hold_and_erase(page, live_server.url, order.candidate, looks_well)


def _hold_and_erase(page: Page, base: str, candidate: Candidate, looks_well: Callable[[str], None]) -> None:
    page.goto(f"{base}/candidates/{candidate.public_id}")
    page.get_by_role("link", name="Privacy: export, hold, erase").click()
    page.get_by_label("Reason").fill("A claim of March.")
    page.get_by_role("button", name="Place a hold").click()
    expect(page.get_by_text("A claim of March.")).to_be_visible()
    looks_well("held")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export everything").click()
    assert download.value.suggested_filename == f"{candidate.public_id}.zip"
    page.get_by_role("button", name="Lift the hold").click()
    page.get_by_role("link", name="Erase…").click()
    page.get_by_label("Why").select_option("asked")
    page.get_by_label("I understand that this cannot be undone").check()
    looks_well("erase")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("heading", name="Receipt of an erasure")).to_be_visible()
    assert Erasure.objects.get(candidate=candidate).ground == "asked"
    looks_well("receipt")
    page.goto(f"{base}/candidates/{candidate.public_id}")
    expect(page.get_by_role("heading", name="Erased candidate")).to_be_visible()
    looks_well("erased-profile")
