"""Calls that pages make by themselves: where one fails, the page says so, and no longer than it holds."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import Open, shot, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def try_it(page: Page) -> None:
    page.get_by_role("button", name="Try it").click()


def test_too_many_tries_in_the_playground_are_told_in_place_of_the_result(
    live_server: LiveServer, open_page: Open, settings: Any
) -> None:
    settings.RATE_LIMITS = {"playground": "1/d"}
    page = open_page(width=390)
    page.goto(f"{live_server.url}/docs/playground")
    try_it(page)
    shown = page.locator("#playground-shown")
    expect(shown).to_contain_text("As it is shown")
    try_it(page)
    expect(shown).to_contain_text("There were too many tries.")
    expect(shown).not_to_contain_text("As it is shown")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert violations(page) == []


def test_a_call_that_fails_is_told_in_one_line_until_one_succeeds(live_server: LiveServer, open_page: Open) -> None:
    page = open_page(width=390, scheme="dark")
    page.goto(f"{live_server.url}/docs/playground")
    page.route("**/docs/playground", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    try_it(page)
    line = page.get_by_role("alert")
    expect(line).to_have_text("The server answered with an error (502). Load the page again.")
    expect(line).to_be_in_viewport()
    page.mouse.move(0, 0)
    shot(page, "call-failed-390-dark")
    assert violations(page) == []
    page.unroute_all()
    page.context.set_offline(True)
    try_it(page)
    expect(line).to_contain_text("The server cannot be reached.")
    page.context.set_offline(False)
    try_it(page)
    expect(line).to_be_hidden()
