"""The API reference in a browser: one click, and every example of every chapter runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from core.views.reference import all_chapters
from tests.browser.conftest import Open, listen, shot, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def get_sandbox(page: Page) -> None:
    page.get_by_role("button", name="Get a sandbox").click()
    page.get_by_role("button", name="Forget it").wait_for()


def test_every_example_of_the_reference_runs_after_one_click(live_server: LiveServer, open_page: Open) -> None:
    page = open_page()
    said = listen(page)
    page.goto(f"{live_server.url}/docs/reference")
    get_sandbox(page)
    found = {}
    for chapter in all_chapters():
        page.goto(f"{live_server.url}/docs/reference/{chapter.slug}?language=python")
        for call in chapter.calls:
            if not call.samples:
                continue
            form = page.locator(f'[data-run="{call.id}"]')
            form.get_by_role("button", name="Run it").click()
            found[call.id] = form.locator(".call-status .badge").inner_text()[:1]
        if chapter.slug == "orders":
            shot(page, "reference-orders-run")
            assert violations(page) == []
    assert found == {call.id: "2" for chapter in all_chapters() for call in chapter.calls if call.samples}
    assert said == []


def test_samples_are_filled_in_a_wrong_body_is_explained_and_a_sandbox_is_forgotten(
    live_server: LiveServer, open_page: Open
) -> None:
    page = open_page(width=390, scheme="dark")
    page.goto(f"{live_server.url}/docs/reference/results")
    form = page.locator('[data-run="results_post"]')
    run, sample = form.get_by_role("button", name="Run it"), page.locator("#sample-results_post")
    assert (run.is_disabled(), "{order_id}" in sample.inner_text()) == (True, True)
    get_sandbox(page)
    assert "/orders/ord_" in sample.inner_text()
    assert "{token}" not in sample.inner_text()
    assert '"order": "ord_' in page.locator('[data-run="results_batch"]').get_by_label("Body").input_value()
    form.get_by_label("Body").fill('{"kind": "final", "document": {"wpm": "fast"}}')
    run.click()
    assert form.locator(".call-status .badge").inner_text().startswith("422")
    assert '"pointer": "/wpm"' in form.locator(".call-answer > pre").inner_text()
    assert violations(page) == []
    page.get_by_role("button", name="Forget it").click()
    page.get_by_role("button", name="Get a sandbox").wait_for()
    assert "{order_id}" in sample.inner_text()
