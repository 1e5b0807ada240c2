"""The examples of docs/api/orders.md, run against a server as they stand; its tables, held to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.api.bodies import TOLD
from assessments.api.shapes import OrderJson
from assessments.lifecycle import TABLE, Status, Trigger, Verdict
from assessments.models import Order, OrderUpdate, Result
from core.errors import all_codes
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments.scene import token
from tests.stories.pages import in_every_language, run_page, text
from tests.world import PASSWORD

PAGE = "api/orders.md"
TEXT = text(PAGE)
SHOWN = {Verdict.STALE: "stale", Verdict.KEPT: "kept", Verdict.ILLEGAL: "–"}


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_work(language: str, live_server: LiveServer, tmp_path: Path) -> None:
    registration = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    said = run_page(language, PAGE, where=tmp_path, BASE=live_server.url, TOKEN=token(registration.application, ALL))
    order = Order.objects.get()
    assert (order.status, order.reference, order.progress) == ("completed", "eng-4711", 40)
    kinds = Result.objects.order_by("revision").values_list("kind", flat=True)
    assert list(kinds) == ["partial", "final", "amended"]
    assert order.attachments.get().name == "report.pdf"
    assert order.updates.filter(outcome="rejected").count() == 1
    assert "/wpm\n" in said


def test_the_table_of_the_page_is_the_table_of_the_code() -> None:
    lines = [line.strip("|").split("|") for line in TEXT.splitlines() if line.startswith("|")]
    rows = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}
    assert rows["from"] == [trigger.value for trigger in Trigger]
    for status in Status:
        cells = [TABLE[status, trigger] for trigger in Trigger]
        assert rows[status.value] == [SHOWN[cell] if isinstance(cell, Verdict) else cell.value for cell in cells]


def test_every_code_that_the_page_names_exists() -> None:
    named = set(re.findall(r"\b[1-5]\d\d `(\w+)`", TEXT))
    assert len(named) >= 6
    assert named <= {error.code for error in all_codes()}


def test_every_kind_outcome_and_member_is_explained() -> None:
    for word in (*TOLD, *OrderUpdate.Outcome.values, *Result.Kind.values):
        assert re.search(rf"^\| `{word}` \|", TEXT, re.MULTILINE), word
    for member in OrderJson.__annotations__.keys() - {"id", "created_at", "updated_at"}:
        assert f"`{member}`" in TEXT, member
