"""The programs of the quickstart, of the sandbox's page and of the webhooks' page, which go on from each other."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from assessments.models import Order, Result
from core import signing
from tests.stories.pages import blocks, blocks_of, in_every_language, run_page, run_program, squeezed
from tests.stories.programs import running


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_five_minutes_lead_from_nothing_to_a_result_in_a_profile(
    language: str, live_server: LiveServer, tmp_path: Path
) -> None:
    said = run_page(language, "quickstart.md", "sandbox.md", "webhooks.md", where=tmp_path, BASE=live_server.url)
    assert [order.status for order in Order.objects.order_by("id")] == ["completed", "requested"]
    assert "pointer:/score" in squeezed(said)
    assert "whsec_" in said

    result = Result.objects.get()
    (sign_in,) = re.findall(rf"{live_server.url}(/sandbox/\S+)$", said, re.MULTILINE)
    browser = Client()
    browser.post(sign_in)
    profile = browser.get(f"/candidates/{result.order.candidate.public_id}").content.decode()
    assert "Quick and careful." in browser.get(f"/orders/{result.order.public_id}").content.decode()
    assert "91" in profile


@pytest.mark.django_db(transaction=True)
def test_the_quickstart_as_we_serve_it_calls_us(live_server: LiveServer, tmp_path: Path, settings: Any) -> None:
    settings.PUBLIC_URL = live_server.url
    page = Client().get("/docs/quickstart.md").content.decode()
    run_program("sh", "\n".join(["unset BASE", *blocks_of(page, "sh")]), where=tmp_path)
    assert Result.objects.get().order.status == "completed"


def test_the_receiver_of_the_webhooks_page_takes_ours_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    exec(blocks("webhooks.md", "python receiver")[0], names)
    secret, body = signing.new_signing_secret(), b'{"type":"ping"}'
    headers = signing.sign([secret], message_id="evt_1", timestamp=datetime.now(UTC), body=body)
    assert names["receive"](secret, headers, body) == {"type": "ping"}
    assert names["receive"](secret, headers, body + b" ") is None
    assert names["receive"](signing.new_signing_secret(), headers, body) is None
    assert names["receive"](secret, {**headers, "webhook-signature": "v1"}, body) is None


def test_the_receiver_in_javascript_takes_ours_and_nothing_else(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node, "Node.js is needed: install it."
    program, log = tmp_path / "receiver.mjs", tmp_path / "log"
    work = "function work(id, event) { console.log(id, event.type); }"
    program.write_text(f"{blocks('webhooks.md', 'javascript receiver')[0]}\n{work}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    secret, body = signing.new_signing_secret(), b'{"type":"ping"}'
    headers = signing.sign([signing.new_signing_secret(), secret], message_id="evt_1", timestamp=_now(), body=body)
    old = signing.sign([secret], message_id="evt_2", timestamp=_now() - timedelta(minutes=6), body=body)
    with running(node, str(program), env={"WEBHOOK_SECRET": secret, "PORT": str(port)}, log=log) as receiver:
        _wait_for(port)

        def answered(headers: dict[str, str], content: bytes) -> int:
            url = f"http://127.0.0.1:{port}"
            return httpx.post(url, headers=headers, content=content, trust_env=False).status_code

        assert answered(headers, body) == 204
        assert answered(headers, body + b" ") == 400
        assert answered({**headers, "webhook-signature": "v1"}, body) == 400
        assert answered(old, body) == 400
        assert answered({}, body) == 400
        assert receiver.output == "evt_1 ping\n"


def _now() -> datetime:
    return datetime.now(UTC)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail("The receiver does not listen.")
