"""No result is wider than its card, however long its words are."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import WIDTHS, Open, shot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "averyveryverylongnamethatnobodybreaks" * 3
SCHEMA = {
    "type": "object",
    "properties": {
        f"{LONG}_score": {"type": "integer", "x-display": {"widget": "score", "primary": True}},
        f"{LONG}_word": {"type": "string", "x-display": {"primary": True}},
        f"{LONG}_parts": {"type": "object", "properties": {LONG: {"type": "string"}}},
        f"{LONG}_bars": {"type": "object", "properties": {LONG: {"type": "integer"}}, "x-display": {"widget": "bars"}},
        f"{LONG}_table": {"type": "array", "items": {"type": "object", "properties": {LONG: {"type": "string"}}}},
        f"{LONG}_steps": {"type": "array", "x-display": {"widget": "timeline"}, "items": {"type": "object"}},
        f"{LONG}_badge": {"type": "string", "x-display": {"widget": "badge"}},
    },
}
DOCUMENT = {
    f"{LONG}_score": 7,
    f"{LONG}_word": LONG,
    f"{LONG}_parts": {LONG: LONG},
    f"{LONG}_bars": {LONG: 5},
    f"{LONG}_table": [{LONG: LONG}],
    f"{LONG}_steps": [{LONG: LONG, "on": "2026-01-31", "what": LONG}],
    f"{LONG}_badge": LONG,
    f"{LONG}_undeclared": LONG,
}
# The words that end beyond the card; tables scroll by themselves.
STICKS_OUT = """(card) => {
    const end = card.getBoundingClientRect().right + 1;
    const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        const place = texts.currentNode.parentElement;
        const words = document.createRange();
        words.selectNodeContents(texts.currentNode);
        if (words.getBoundingClientRect().right > end && !place.closest(".table-scroll, .sr-only")) {
            found.push(`${place.parentElement.className} ${place.tagName}.${place.className}`);
        }
    }
    return found;
}"""


def test_long_names_stay_in_the_card_of_their_result(live_server: LiveServer, open_page: Open) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/docs/playground")
    page.fill("#schema", json.dumps(SCHEMA))
    page.fill("#document", json.dumps(DOCUMENT))
    card = page.locator("#playground-shown .card")
    expect(card).to_contain_text(LONG)
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        shot(page, f"long-names-{width}")
        assert card.evaluate(STICKS_OUT) == []
