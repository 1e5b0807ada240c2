"""Examples in several languages in a browser: one click changes all of a page, what is read stays where it is, and the
next page keeps the choice.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import SCHEMES, WIDTHS, Open, flaws, listen, shot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def top(place: Locator) -> float:
    """Where it stands in the window."""
    box = place.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_one_click_changes_every_example_and_the_next_page_keeps_it(
    live_server: LiveServer, open_page: Open, width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    said = listen(page)
    page.goto(f"{live_server.url}/docs/quickstart")
    examples = page.locator(".example")
    tab = examples.nth(3).get_by_role("link", name="Python")
    tab.scroll_into_view_if_needed()
    before = top(tab)
    with page.expect_response(lambda answer: answer.request.method == "HEAD"):
        tab.click()
    assert top(tab) == pytest.approx(before, abs=2)
    assert page.url.endswith("/docs/quickstart?language=python")
    assert examples.locator("[aria-current]").all_inner_texts() == ["Python"] * examples.count()
    assert "raise_for_status" in examples.nth(3).locator("pre:visible").inner_text()
    assert flaws(page) == []
    shot(page, f"examples-{width}-{scheme}")
    page.goto(f"{live_server.url}/docs/webhooks")
    assert "api.put(" in page.locator(".example").first.locator("pre:visible").inner_text()
    page.locator(".example a[aria-current]").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "await call(" in page.locator(".example").first.locator("pre:visible").inner_text()
    assert said == []


def test_without_a_script_a_tab_is_a_link_to_the_same_example(live_server: LiveServer, open_page: Open) -> None:
    page = open_page()
    page.route("**/examples.js", lambda route: route.abort())
    page.goto(f"{live_server.url}/docs/quickstart")
    page.locator(".example").nth(3).get_by_role("link", name="JavaScript").click()
    page.wait_for_url("**/docs/quickstart?language=javascript#example-4")
    assert "await call(" in page.locator("#example-4 pre:visible").inner_text()
