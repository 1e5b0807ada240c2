"""The product's main job in a browser, on real parts: the server, its worker and the demo partners as processes."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from partners.models import Installation, Partner
from partners.services import credentials
from tests.browser.conftest import Open, listen, shot
from tests.browser.test_every_page import log_in

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def product(tmp_path: Path) -> Iterator[str]:
    """`manage.py up` with the demo world on a free port; stopped as Ctrl-C does."""
    port = free_port()
    ours = {"DEMO": "1", "PORT": str(port), "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "core.config.settings"}
    output = (tmp_path / "output").open("w+")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env={**os.environ, **ours}, stdout=output, stderr=output
    )
    try:
        wait_for_welcome(process, tmp_path / "output")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0, (tmp_path / "output").read_text()


def wait_for_welcome(process: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(600):
        if "Ctrl-C stops everything" in output.read_text():
            return
        if process.poll() is not None:
            break
        threading.Event().wait(0.1)
    pytest.fail(output.read_text())


def send_from_profile(page: Page, base: str, candidate: str, assessment: str) -> None:
    page.goto(f"{base}/candidates?q={candidate}")
    page.get_by_role("link", name=re.compile(candidate)).first.click()
    page.get_by_role("link", name="Send assessment").click()
    page.get_by_role("link", name=re.compile(assessment)).first.click()
    shot(page, f"story-fill-{assessment.split()[0].lower()}")
    page.get_by_role("button", name=re.compile("^Send to")).click()
    page.wait_for_url(re.compile(r"/candidates/cand_"))


def test_a_recruiter_sends_assessments_and_watches_their_results_arrive(product: str, open_page: Open) -> None:
    sent = {}
    for assessment, candidate in {"Coding": 3, "English": 7, "Background": 11}.items():
        page = open_page()
        sent[assessment] = page, listen(page)
        log_in(page, product, "recruiter@acme.example")
        page.goto(f"{product}/candidates")
        page.get_by_role("link", name="Older").click()
        page.wait_for_url(re.compile("after="))
        name = page.locator("tbody th, tbody .row-link").nth(candidate).inner_text().strip().splitlines()[0]
        send_from_profile(page, product, name, assessment)
        expect(page.locator("article.order-card").first).to_contain_text(re.compile("Requested|Sent|Started"))
        shot(page, f"story-live-{assessment.lower()}")
    for assessment, (page, said) in sent.items():
        # Nothing is reloaded: the card asks for itself.
        expect(page.locator("article.order-card").first).to_contain_text("Completed", timeout=45_000)
        shot(page, f"story-done-{assessment.lower()}")
        page.goto(page.url)
        expect(page.locator(".result").first).to_be_visible()
        assert said == []


class Landing(HTTPServer):
    """Where the partner's redirect URI leads: keeps the query it was called with."""

    query: dict[str, list[str]]


class Catch(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Landing)
        if self.path.startswith("/callback"):
            self.server.query = parse_qs(urlsplit(self.path).query)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Connected</title><p>Connected")

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def landing() -> Iterator[Landing]:
    server = Landing(("127.0.0.1", 0), Catch)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.mark.django_db(transaction=True)
def test_an_admin_installs_a_partner_by_consent(
    live_server: object, open_page: Open, landing: Landing, settings: Any
) -> None:
    settings.DEMO = True
    call_command("demo", verbosity=0)
    base = str(live_server)
    partner = Partner.objects.get(name__startswith="ClearView")
    application, secret = credentials.issue(partner, "live")
    callback = f"http://127.0.0.1:{landing.server_port}/callback"
    credentials.set_redirect_uris(application, [callback], actor=None)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": callback,
        "scope": "orders:read orders:write results:write candidates.name:read candidates.email:read",
        "state": "s-1",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page = open_page()
    said = listen(page)
    log_in(page, base, "admin@globex.example")
    page.goto(f"{base}/oauth/authorize?{urlencode(asked)}")
    expect(page.get_by_text("Read that candidate’s e-mail address.")).to_be_visible()
    shot(page, "story-consent")
    page.get_by_role("button", name=re.compile("Allow|Connect|Install")).click()
    page.wait_for_url(re.compile("/callback"))
    assert landing.query["state"] == ["s-1"]
    answer = httpx.post(
        f"{base}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": landing.query["code"][0],
            "redirect_uri": callback,
            "code_verifier": verifier,
        },
        auth=(application.client_id, secret),
    )
    assert answer.status_code == 200, answer.text
    orders = httpx.get(f"{base}/api/v1/orders", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert orders.json() == {"data": [], "next_cursor": None}
    installation = Installation.objects.get(partner=partner, organization__name="Globex")
    assert installation.scopes == set(asked["scope"].split())
    page.goto(f"{base}/integrations")
    expect(page.get_by_text(partner.name).first).to_be_visible()
    shot(page, "story-integrations")
    assert [line for line in said if "favicon" not in line] == []
