"""The examples of docs/api/versions.md, run as they stand; and its list of versions, held to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from core.api.versions import VERSIONS, all_changes
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments.scene import token
from tests.stories.pages import in_every_language, run_page, text
from tests.world import PASSWORD

PAGE = "api/versions.md"


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_work(language: str, live_server: LiveServer, tmp_path: Path) -> None:
    made = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    said = run_page(language, PAGE, where=tmp_path, BASE=live_server.url, TOKEN=token(made.application, ALL))
    assert "Api-Version: 2026-10-01" in said
    assert "Sunset: Wed, 01 Dec 2027" in said


def test_every_version_stands_on_the_page_with_what_came_with_it() -> None:
    sections = re.findall(r"^## (\d{4}-\d\d-\d\d)\n(.*?)(?=^## |\Z)", text(PAGE), re.DOTALL | re.MULTILINE)
    assert [name for name, _ in sections] == [version.name for version in VERSIONS]
    told = {name: " ".join(section.split()) for name, section in sections}
    for change in all_changes():
        assert change.sentence in told[change.version]
    for version in VERSIONS:
        assert not version.sunset_on or f"answered until {version.sunset_on.isoformat()}" in told[version.name]
