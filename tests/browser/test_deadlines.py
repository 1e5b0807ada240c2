"""A deadline in a browser: by the candidate's clock and by the reader's, which only the browser knows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, expect

from assessments.models import Order
from core.models import Candidate
from tests.browser.conftest import Open
from tests.browser.test_every_page import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_reader_sees_the_deadline_by_both_clocks(
    live_server: object, browser: Browser, open_page: Open, settings: object
) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's wrapper
    call_command("demo", verbosity=0)
    order = Order.objects.filter(organization__name="Acme Robotics").latest("created_at")
    Order.objects.filter(pk=order.pk).update(deadline_at=datetime(2026, 12, 1, 22, 59, tzinfo=UTC))
    Candidate.objects.filter(pk=order.candidate_id).update(time_zone="Africa/Lagos")
    with browser.new_context(timezone_id="Asia/Tokyo") as context:
        page = open_page(context=context)
        log_in(page, str(live_server), "admin@acme.example")
        page.goto(f"{live_server}/orders/{order.public_id}")
        facts = page.locator("aside").filter(has_text="Deadline")
        expect(facts).to_contain_text("1 Dec 2026, 23:59 Africa/Lagos")
        expect(facts).to_contain_text("For you: 2 Dec 2026, 07:59 Asia/Tokyo")
