"""The commands of docs/api/versions.md, run as they stand; and its list of versions, held to the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from core.api.versions import VERSIONS, all_changes
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments.scene import token
from tests.world import PASSWORD

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api" / "versions.md").read_text()
BLOCKS = re.findall(r"^ *```sh\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server: LiveServer, tmp_path: Path) -> None:
    made = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    given = f"BASE={live_server.url}\nTOKEN={token(made.application, ALL)}\n"
    script = "set -euo pipefail\n" + given + "\n".join(BLOCKS)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Api-Version: 2026-10-01" in done.stdout
    assert "Sunset: Wed, 01 Dec 2027" in done.stdout


def test_every_version_stands_on_the_page_with_what_came_with_it() -> None:
    sections = re.findall(r"^## (\d{4}-\d\d-\d\d)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in sections] == [version.name for version in VERSIONS]
    told = {name: " ".join(section.split()) for name, section in sections}
    for change in all_changes():
        assert change.sentence in told[change.version]
    for version in VERSIONS:
        assert not version.sunset_on or f"answered until {version.sunset_on.isoformat()}" in told[version.name]
