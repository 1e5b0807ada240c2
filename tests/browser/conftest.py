"""Headless Chromium for the browser tests: an absent browser is an error, never a skip."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

# Playwright's sync API runs inside an event loop; Django would refuse every query of the test's own thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENSHOTS = os.environ.get("SCREENSHOTS")
WIDTHS = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")
AXE = Axe().axe_script
# Its answer has a line for each rule that holds, too: they stay in the browser.
BROKEN = """axe.run({resultTypes: ["violations"]}).then(
    (found) => found.violations.map((rule) => `${rule.id}: ${rule.nodes[0].target}`)
)"""

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the session."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"Chromium is needed at {CHROMIUM}: install it, or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens pages of a width and colour scheme; whatever the console says is kept on ``page.said``."""
    contexts: list[BrowserContext] = []

    def open_(*, width: int = 1440, scheme: str = "light", context: BrowserContext | None = None) -> Page:
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": WIDTHS[width]},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_
    for context in contexts:
        context.close()


def listen(page: Page) -> list[str]:
    """What the console says from now on: errors, warnings, refused resources."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type not in {"log", "info", "debug"}:
            said.append(f"{message.type}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    return said


def violations(page: Page) -> list[str]:
    """The rules of axe that the page breaks, each with the first place."""
    # It is sent without its value, which would come back.
    page.evaluate(f"{AXE};null")
    broken: list[str] = page.evaluate(BROKEN)
    return broken


def flaws(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    return [*violations(page), *(["it scrolls sideways"] if wide else [])]


def shot(page: Page, name: str) -> None:
    """Save what a person would see, for people to judge: where SCREENSHOTS is set, for it takes a fifth of the time."""
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)


def weight(page: Page, url: str) -> int:
    """Bytes over the wire, headers too, with an empty cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    weights: list[int] = []
    session.on("Network.loadingFinished", lambda loaded: weights.append(int(loaded["encodedDataLength"])))
    page.goto(url, wait_until="networkidle")
    session.detach()
    return sum(weights)
