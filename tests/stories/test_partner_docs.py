"""The commands of the quickstart, of the sandbox's page and of the webhooks' page, run by one shell as they stand."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from assessments.models import Order, Result
from core import signing

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_five_minutes_lead_from_nothing_to_a_result_in_a_profile(live_server: LiveServer, tmp_path: Path) -> None:
    commands = [block for page in ("quickstart.md", "sandbox.md", "webhooks.md") for block in blocks(page, "sh")]
    script = "\n".join(["set -euo pipefail", f"BASE={live_server.url}", *commands])
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert [order.status for order in Order.objects.order_by("id")] == ["completed", "requested"]
    assert '"pointer": "/score"' in done.stdout
    assert "whsec_" in done.stdout

    result = Result.objects.get()
    (sign_in,) = re.findall(rf"{live_server.url}(/sandbox/\S+)$", done.stdout, re.MULTILINE)
    browser = Client()
    browser.post(sign_in)
    profile = browser.get(f"/candidates/{result.order.candidate.public_id}").content.decode()
    assert "Quick and careful." in browser.get(f"/orders/{result.order.public_id}").content.decode()
    assert "91" in profile


def test_the_receiver_of_the_webhooks_page_takes_ours_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    exec(blocks("webhooks.md", "python")[0], names)
    secret, body = signing.new_signing_secret(), b'{"type":"ping"}'
    headers = signing.sign([secret], message_id="evt_1", timestamp=datetime.now(UTC), body=body)
    assert names["receive"](secret, headers, body) == {"type": "ping"}
    assert names["receive"](secret, headers, body + b" ") is None
    assert names["receive"](secret, {**headers, "webhook-signature": "v1"}, body) is None
