"""The commands of docs/privacy.md, run by a shell against a server as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import AssessmentType, ErasureNotice
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments import scene

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text()


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server: LiveServer, tmp_path: Path) -> None:
    registration = onboarding.register_partner(name="Probe", contact_email="dev@probe.example")
    key = scene.token(registration.application, ALL)
    blocks = re.findall(r"^```sh\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
    script = f"set -euo pipefail\nBASE={live_server.url}\nTOKEN={key}\n" + "\n".join(blocks)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert AssessmentType.objects.get().retention == "P18M"
    assert ErasureNotice.objects.get().message == "Erased, backups included."
    assert done.stdout.endswith('{"data":[],"next_cursor":null}')
