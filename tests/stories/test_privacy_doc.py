"""The examples of docs/privacy.md, run against a server as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import AssessmentType, ErasureNotice
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments import scene
from tests.stories.pages import in_every_language, run_page, squeezed


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_work(language: str, live_server: LiveServer, tmp_path: Path) -> None:
    registration = onboarding.register_partner(name="Probe", contact_email="dev@probe.example")
    key = scene.token(registration.application, ALL)
    said = run_page(language, "privacy.md", where=tmp_path, BASE=live_server.url, TOKEN=key)
    assert AssessmentType.objects.get().retention == "P18M"
    assert ErasureNotice.objects.get().message == "Erased, backups included."
    assert squeezed(said).replace("None", "null").endswith("{data:[],next_cursor:null}")
