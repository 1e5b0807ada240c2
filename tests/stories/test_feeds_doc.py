"""The examples of docs/api/feeds.md, run against a server as they stand; its table, held to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from partners.delivery import sequencing
from partners.models import Delivery, Environment
from partners.scopes import ALL
from partners.services import endpoints, onboarding
from tests.assessments.scene import token
from tests.contracts.test_lists import LISTS
from tests.stories.pages import in_every_language, run_page, squeezed, text
from tests.world import PASSWORD

PAGE = "api/feeds.md"


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_work(language: str, live_server: LiveServer, tmp_path: Path) -> None:
    made = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    endpoint, _, _ = endpoints.put(made.partner, Environment.SANDBOX, "events", url="https://lingua.example/hooks")
    lost = endpoints.ping(endpoint)
    Delivery.objects.update(state="given_up", settled_at=lost.created_at)
    sequencing.assign()
    said = run_page(language, PAGE, where=tmp_path, BASE=live_server.url, TOKEN=token(made.application, ALL))
    # The first page held one event; the loop the other.
    assert f"ping {endpoint.public_id}\n" in said
    assert "installation.created" not in said
    assert "{redelivered:1}" in squeezed(said)
    lost.refresh_from_db()
    assert lost.state == "due"


def test_every_list_is_in_the_table() -> None:
    named = set(re.findall(r"^\| `GET /([^`]+)` \|", text(PAGE), re.MULTILINE))
    holes = {"orders/{order}": "orders/{id}", "assessment-types/coding": "assessment-types/{key}"}
    tried = set()
    for _, asked, _ in LISTS:
        for hole, word in holes.items():
            asked = asked.replace(hole, word)
        tried.add(asked.split("2000")[0])
    assert named == tried
