"""A result's page, its revisions, and the reports that come with it: who sees what, and what is never run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from assessments.models import Order
from assessments.schemas import display
from assessments.services import attachments, catalogue
from core.models import Membership
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

SignIn = Callable[[Membership], Client]


def result_of(order: Order) -> str:
    return f"/orders/{order.public_id}/result"


def sell(shop: Shop, schema: dict[str, Any]) -> None:
    """Orders from now on are answered by this schema."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    text = json.dumps({"$schema": dialect, "type": "object", **schema})
    catalogue.publish(catalogue.draft_schema(shop.assessment_type, text))


def words(page: str) -> str:
    """What a person reads of it."""
    main = page[page.index("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", " ", main, flags=re.DOTALL)).split())


# --- Revisions ------------------------------------------------------------------------------------------------------


def test_each_revision_is_shown_with_what_it_changed(world: World, order: Order, signed_in: SignIn) -> None:
    scene.post(order, {"score": 40}, kind="partial")
    scene.post(order, {"score": 81, "verdict": "pass"})
    scene.post(order, {"score": 30, "verdict": "fail"}, kind="amended", reason="Copied answers.")
    browser = signed_in(world.recruiter)
    newest = browser.get(result_of(order)).content.decode()
    assert "What changed since revision 2" in newest
    assert "<del>81</del>" in newest
    assert "<ins>30</ins>" in newest
    assert "Copied answers." in newest
    assert "Failed" in newest
    second = browser.get(f"{result_of(order)}/2").content.decode()
    assert "What changed since revision 1" in second
    assert "A newer revision is there" in second
    first = browser.get(f"{result_of(order)}/1").content.decode()
    assert "What changed" not in first
    for number in (0, 4):
        assert browser.get(f"{result_of(order)}/{number}").status_code == 404


def test_an_order_without_a_result_has_no_page_of_it(world: World, order: Order, signed_in: SignIn) -> None:
    assert signed_in(world.recruiter).get(result_of(order)).status_code == 404


def test_a_card_gets_the_fragment_and_a_browser_the_page(world: World, order: Order, signed_in: SignIn) -> None:
    scene.post(order)
    browser = signed_in(world.recruiter)
    page, fragment = browser.get(result_of(order)), browser.get(result_of(order), headers={"HX-Request": "true"})
    assert "<main" in page.content.decode()
    assert "<main" not in fragment.content.decode()
    assert "HX-Request" in page["Vary"]


def test_the_page_can_be_printed_and_raw_forms_are_for_admins(world: World, order: Order, signed_in: SignIn) -> None:
    scene.post(order)
    for viewer, sees_raw in ((world.admin, True), (world.recruiter, False), (world.interviewer, False)):
        page = signed_in(viewer).get(result_of(order)).content.decode()
        assert "data-print" in page
        assert ("As the partner sent it" in page) is sees_raw


# --- Without any hint -----------------------------------------------------------------------------------------------

BARE = {
    "properties": {
        "candidate_level": {"type": "string"},
        "typing": {
            "type": "object",
            "properties": {"wordsPerMinute": {"type": "number"}, "accuracy": {"type": "number"}},
        },
        "rounds": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}, "seconds": {"type": "integer"}}},
        },
        "tags": {"type": "array", "items": {"type": "string"}},
        "proctored": {"type": "boolean"},
        "nothing": {"type": "null"},
    }
}
BARE_DOCUMENT = {
    "candidate_level": "level-alpha",
    "typing": {"wordsPerMinute": 71.25, "accuracy": 98.5},
    "rounds": [{"name": "round-one", "seconds": 311}, {"name": "round-two", "seconds": 322}],
    "tags": ["tag-one", "tag-two"],
    "proctored": True,
    "undeclared": {"deeper": ["undeclared-value"]},
}


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield "Yes" if value is True else str(value)


def test_a_result_of_a_schema_without_hints_shows_every_leaf_once_and_titled(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    sell(shop, BARE)
    order = scene.place(shop)
    assert not scene.post(order, BARE_DOCUMENT).problems
    text = words(signed_in(world.recruiter).get(result_of(order)).content.decode())
    for leaf in leaves(BARE_DOCUMENT):
        assert len(re.findall(rf"(?<![\w.-]){re.escape(leaf)}(?![\w.-])", text)) == 1, leaf
    for title in ("Candidate level", "Words Per Minute", "Accuracy", "Seconds", "Tags", "Proctored", "Deeper"):
        assert title in text, title


def test_a_result_of_a_type_without_a_schema_is_shown_too(world: World, shop: Shop, signed_in: SignIn) -> None:
    bare, _new = catalogue.put_type(
        shop.partner, "bare", name="Bare", description="", kind="other", order_schema_text=""
    )
    order = scene.place(shop, assessment_type=bare, fields={})
    scene.post(order, {"anything": {"goes": "here-it-is"}})
    assert words(signed_in(world.recruiter).get(result_of(order)).content.decode()).count("here-it-is") == 1


# --- Audiences ------------------------------------------------------------------------------------------------------

RESTRICTED = {
    "properties": {
        "verdict": {"enum": ["clear", "consider"], "x-outcome": {"clear": "passed", "consider": "review"}},
        "county": {"type": "string", "x-audience": ["admin"]},
        "salary": {"type": "integer", "x-audience": ["admin", "recruiter"]},
    },
    "x-summary": {"outcome": "/verdict"},
}


def test_each_role_reads_what_is_for_it_on_page_card_fragment_and_diff(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    sell(shop, RESTRICTED)
    order = scene.place(shop)
    scene.post(order, {"verdict": "clear", "county": "old-county", "salary": 71111, "extra": "old-extra"})
    scene.post(
        order,
        {"verdict": "consider", "county": "new-county", "salary": 72222, "extra": "new-extra"},
        kind="amended",
        reason="The register was wrong.",
    )
    paths = [
        result_of(order),
        f"/orders/{order.public_id}",
        f"/candidates/{world.ada.public_id}",
        f"/orders/{order.public_id}/progress?open=1",
    ]
    for viewer, reads in (
        (world.admin, {"county", "salary", "extra"}),
        (world.recruiter, {"salary"}),
        (world.interviewer, set()),
    ):
        browser = signed_in(viewer)
        for path in paths:
            page = re.sub(r"[,\u202f\u00a0]", "", browser.get(path).content.decode())
            for name, marks in {
                "county": ("old-county", "new-county"),
                "salary": ("71111", "72222"),
                "extra": ("old-extra", "new-extra"),
            }.items():
                assert (marks[1] in page) is (name in reads), (viewer.role, path, name)
                assert marks[0] not in page or name in reads, (viewer.role, path, name)


# --- Hostile strings ------------------------------------------------------------------------------------------------

SCRIPT = '<script>alert("x")</script>'
LINK = "javascript:alert(1)//https://a.example"


WIDGETS = display.meta_schema("https://a.example/v1")["$defs"]["display"]["properties"]["widget"]["enum"]


class Markup(HTMLParser):
    """What a browser would run of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.code: list[tuple[str, str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "script" and not (names.get("src") or "").startswith("/static/"):
            self.code.append((tag, "src", names.get("src")))
        for name, value in attrs:
            is_url = name in ("href", "src", "action", "formaction")
            if name.startswith("on") or name == "style" or (is_url and not self._is_safe(value or "")):
                self.code.append((tag, name, value))

    @staticmethod
    def _is_safe(url: str) -> bool:
        return url.startswith(("/", "#", "?", "https://", "mailto:", "tel:"))


@pytest.mark.parametrize("hostile", [SCRIPT, LINK, f"[x]({LINK})", '" onmouseover="alert(1)'])
def test_no_string_of_a_partner_becomes_code(world: World, shop: Shop, signed_in: SignIn, hostile: str) -> None:
    """In values, names of members, titles, units and reasons; whatever widget is asked for."""
    node: dict[str, Any] = {"title": hostile, "description": hostile}
    shown = {f"as_{widget}": {**node, "x-display": {"widget": widget, "group": hostile}} for widget in WIDGETS}
    rows = {"type": "array", "items": {"type": "object", "properties": {"cell": node}}}
    sell(
        shop,
        {
            "title": hostile,
            "properties": {"bare": node, "list": {"type": "array", "items": node}, "rows": rows, **shown},
            "x-summary": {"report_url": "/bare", "outcome": "/bare"},
        },
    )
    order = scene.place(shop)
    document = {
        **dict.fromkeys(["bare", *shown], hostile),
        "list": [hostile, hostile],
        "rows": [{"cell": hostile}, {hostile: hostile}],
        hostile: {hostile: hostile},
    }
    assert not scene.post(order, document).problems
    scene.post(order, {**document, "as_text": "changed"}, kind="amended", reason=hostile)
    browser = signed_in(world.admin)
    for path in (result_of(order), f"/orders/{order.public_id}", f"/candidates/{world.ada.public_id}"):
        answer = browser.get(path)
        assert Markup(answer.content.decode()).code == []
        assert "unsafe-inline" not in answer["Content-Security-Policy"]


# --- Reports --------------------------------------------------------------------------------------------------------


def test_a_report_is_a_download_that_runs_nowhere(world: World, order: Order, signed_in: SignIn) -> None:
    name = 'Rés"umé\r\nX-Evil: 1; filename=a.html'
    report, _new = attachments.store(order, name=name, content=scene.PDF)
    answer = signed_in(world.interviewer).get(f"/attachments/{report.public_id}")
    assert b"".join(answer.streaming_content) == scene.PDF  # type: ignore[attr-defined]  # a FileResponse streams
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert disposition.isascii()
    assert disposition.endswith(".pdf")
    assert "\n" not in disposition
    assert "X-Evil" not in answer.headers
    assert {header: answer[header] for header in ("Content-Type", "X-Content-Type-Options", "Cache-Control")} == {
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_report_of_a_restricting_schema_is_for_admins(world: World, shop: Shop, signed_in: SignIn) -> None:
    sell(shop, RESTRICTED)
    order = scene.place(shop)
    scene.post(order, {"verdict": "clear"})
    report, _new = attachments.store(order, name="report-of-it.pdf", content=scene.PDF)
    for viewer, may in ((world.admin, True), (world.recruiter, False), (world.interviewer, False)):
        browser = signed_in(viewer)
        assert browser.get(f"/attachments/{report.public_id}").status_code == (200 if may else 404)
        for path in (result_of(order), f"/orders/{order.public_id}", f"/candidates/{world.ada.public_id}"):
            assert ("report-of-it.pdf" in browser.get(path).content.decode()) is may, (viewer.role, path)


def test_mallory_finds_neither_results_nor_reports(world: World, order: Order, signed_in: SignIn) -> None:
    scene.post(order)
    report, _new = attachments.store(order, name="report.pdf", content=scene.PDF)
    browser = signed_in(world.mallory)
    for path in (result_of(order), f"{result_of(order)}/1", f"/attachments/{report.public_id}"):
        assert browser.get(path).status_code == 404
        assert Client().get(path).status_code == 302
