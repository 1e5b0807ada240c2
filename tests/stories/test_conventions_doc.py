"""The commands of docs/api/idempotency.md and docs/api/conditional.md, run by a shell as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import AssessmentType, Order
from core.idempotency import KEPT_FOR, PATIENCE_SECONDS
from partners.services import onboarding
from tests.partners.steps import own_token
from tests.world import PASSWORD

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api"


@pytest.fixture
def token(transactional_db: None) -> str:
    """Of a sandbox."""
    made = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    return own_token(made.application, made.client_secret)


def run(page: str, base: str, token: str, where: Path) -> str:
    """What its commands print."""
    blocks = re.findall(r"^```sh\n(.*?)```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    script = "\n".join(["set -euo pipefail", f"BASE={base}", f"TOKEN={token}", *blocks])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False, cwd=where)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_repeated_with_its_key_a_call_happens_once(live_server: LiveServer, token: str, tmp_path: Path) -> None:
    said = run("idempotency.md", live_server.url, token, tmp_path)
    order = Order.objects.get()
    assert said.count(f'"id":"{order.public_id}"') == 2
    assert said.count("Idempotent-Replayed: true") == 1


def test_what_is_unchanged_is_304_and_a_stale_change_is_412(
    live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    said = run("conditional.md", live_server.url, token, tmp_path)
    assert re.findall(r"^\d{3}$", said, re.MULTILINE) == ["304", "412"]
    assert '"code": "precondition_failed"' in said
    assert AssessmentType.objects.get().name == "Probe, shorter"


def test_the_times_of_the_page_are_those_of_the_code() -> None:
    page = (DOCS / "idempotency.md").read_text()
    assert f"For {KEPT_FOR.total_seconds() / 3600:.0f} hours" in page
    assert {2: "two"}[PATIENCE_SECONDS] + " seconds" in page
