"""The commands of docs/privacy.md, run by a shell against a server as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import AssessmentType, ErasureNotice
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments import scene
from tests.stories.pages import run_page


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server: LiveServer, tmp_path: Path) -> None:
    registration = onboarding.register_partner(name="Probe", contact_email="dev@probe.example")
    key = scene.token(registration.application, ALL)
    said = run_page("sh", "privacy.md", where=tmp_path, BASE=live_server.url, TOKEN=key)
    assert AssessmentType.objects.get().retention == "P18M"
    assert ErasureNotice.objects.get().message == "Erased, backups included."
    assert said.endswith('{"data":[],"next_cursor":null}')
