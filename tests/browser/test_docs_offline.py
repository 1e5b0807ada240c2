"""The documentation needs nobody else: each of its pages asks our own address alone, in both schemes, and is no wider
than its window; search answers while one types.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request
from pytest_django.live_server_helper import LiveServer

from core.docs.library import library
from core.docs.reference import chapters
from core.openapi.views import document
from tests.browser.conftest import SCHEMES, WIDTHS, Open, listen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATHS = [
    "/docs/",
    *(entry.url for entry in library().entries),
    *(f"/docs/reference/{chapter.slug}" for chapter in chapters(document())),
    "/docs/search?q=signature",
]
BRIGHTNESS = (
    "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b)"
)
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def watched(page: Page) -> list[str]:
    """The addresses that it asks, of whatever kind; data and blobs are in the page."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            asked.append(request.url)

    page.on("request", note)
    return asked


@pytest.mark.parametrize(("scheme", "width"), list(zip(SCHEMES, WIDTHS, strict=True)))
def test_no_page_asks_anybody_else_or_scrolls_sideways(
    live_server: LiveServer, open_page: Open, scheme: str, width: int
) -> None:
    page = open_page(scheme=scheme, width=width)
    asked, said = watched(page), listen(page)
    shades, wide = set(), []
    for path in PATHS:
        answer = page.goto(f"{live_server.url}{path}", wait_until="load")
        assert answer is not None
        assert answer.status == 200, path
        shades.add(page.evaluate(BRIGHTNESS) > 384)
        wide += [path] if page.evaluate(WIDER) else []
    assert len(PATHS) > 35
    assert [url for url in asked if not url.startswith(f"{live_server.url}/")] == []
    assert said == []
    assert wide == []
    assert shades == {scheme == "light"}


def test_search_answers_while_one_types(live_server: LiveServer, open_page: Open) -> None:
    page = open_page()
    asked = watched(page)
    page.goto(f"{live_server.url}/docs/")
    page.get_by_role("searchbox").first.press_sequentially("rotate", delay=30)
    found = page.get_by_role("link", name="Change the secret without a gap").first
    found.wait_for()
    found.click()
    page.wait_for_url("**/docs/webhooks#change-the-secret-without-a-gap")
    assert [url for url in asked if not url.startswith(f"{live_server.url}/")] == []
