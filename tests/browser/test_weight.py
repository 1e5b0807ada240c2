"""What a page weighs: all that a browser fetches for it the first time."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.browser.conftest import Open, weight
from tests.browser.test_every_page import Places, log_in, pages, person_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEAVIEST = 300 * 1024


def test_no_page_weighs_more_than_300_kilobytes(live_server: object, open_page: Open, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's wrapper
    settings.RATE_LIMITS = {}  # type: ignore[attr-defined]
    call_command("demo", verbosity=0)
    places, base, found = Places(), str(live_server), {}
    for person in ("", "admin@acme.example", "dev@codeforge.example"):
        page = open_page()
        if person:
            log_in(page, base, person)
        for route in (route for route in pages() if person_for(route) == person):
            url = base + places.path(route)
            if page.request.get(url, max_redirects=0).status == 200:
                found[route] = weight(page, url)
    assert {route: bytes_ for route, bytes_ in found.items() if bytes_ > HEAVIEST} == {}
    assert min(found.values()) > 10_000
    assert len(found) >= 30
