"""The commands of docs/api/request-log.md and docs/api/limits.md, run by a shell against a server as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from core.models import RequestLog
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments.scene import token
from tests.world import PASSWORD

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api"


def run(page: str, base: str, token: str, where: Path) -> str:
    """What its commands print."""
    blocks = re.findall(r"^ *```sh\n(.*?)```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    script = "\n".join(["set -euo pipefail", f"BASE={base}", f"TOKEN={token}", *blocks])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False, cwd=where)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_pages_work(live_server: LiveServer, tmp_path: Path) -> None:
    made = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    key = token(made.application, ALL)
    run("request-log.md", live_server.url, key, tmp_path)
    calls = RequestLog.objects.filter(partner=made.partner.public_id).order_by("pk")
    assert list(calls.values_list("path", "trace_id")) == [
        ("/api/v1/requests", ""),
        ("/api/v1/requests", ""),
        ("/api/v1/partner", "4bf92f3577b34da6a3ce929d0e0e4736"),
    ]
    assert 'RateLimit-Policy: "api";q=1200;w=60' in run("limits.md", live_server.url, key, tmp_path)
