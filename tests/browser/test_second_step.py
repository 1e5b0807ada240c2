"""Two-step sign-in in a browser: turned on, used and turned off, each page without a flaw."""

from __future__ import annotations

import base64
import time

import pytest
from django_otp.oath import hotp
from playwright.sync_api import Page

from core.models import SecondStep
from tests.browser.conftest import SCHEMES, WIDTHS, Open, flaws, listen, shot
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def code_of(key: str, *, apart: int = 0) -> str:
    return f"{hotp(base64.b32decode(key), int(time.time()) // 30 + apart):06d}"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_person_turns_it_on_signs_in_with_it_and_turns_it_off(
    live_server: object, open_page: Open, world: World, width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    said = listen(page)
    wrong: list[str] = []

    def look(name: str) -> None:
        wrong.extend(f"{name}: {flaw}" for flaw in flaws(page))
        shot(page, f"second-step-{name}-{width}-{scheme}")

    give_password(page, str(live_server))
    page.goto(f"{live_server}/account")
    look("off")
    page.get_by_role("link", name="Turn on").click()
    page.get_by_label("Your password").fill(PASSWORD)
    look("password-first")
    page.get_by_role("button", name="Turn on").click()
    key = page.locator("#key").inner_text()
    look("scan")
    page.get_by_label("Code", exact=True).fill(code_of(key))
    page.get_by_role("button", name="Turn on").click()
    codes = page.locator("pre").inner_text().split()
    assert len(codes) == 10
    look("codes")
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_text("10 recovery codes left").wait_for()
    look("on")
    page.context.clear_cookies()
    give_password(page, str(live_server))
    look("asked")
    page.get_by_label("Code", exact=True).fill("000 000")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("This is not a code of now").wait_for()
    look("wrong")
    # The first code is used up: the next one, which a clock that is ahead shows already.
    page.get_by_label("Code", exact=True).fill(code_of(key, apart=1))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{live_server}/account/second-step/turn-off")
    look("password")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Turn off").click()
    page.get_by_text("Two-step sign-in is off.").wait_for()
    assert wrong == []
    assert [line for line in said if "422" not in line] == []
    assert not SecondStep.objects.exists()


def give_password(page: Page, base: str) -> None:
    page.goto(f"{base}/login")
    page.fill("input[name=username]", "admin@acme.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))
