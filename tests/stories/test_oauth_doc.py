"""The commands of docs/oauth.md, run as they stand by a shell against a server; only the consent is a browser's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from partners.models import Installation, Partner
from partners.scopes import SCOPES
from tests.partners.steps import allow
from tests.stories.pages import blocks, run_script, text

PAGE = "oauth.md"
BLOCKS = blocks(PAGE, "sh")


class Shell:
    """Runs blocks one after another, each with the variables of those before."""

    def __init__(self, base: str, state: Path) -> None:
        self._state = state
        state.write_text(f"BASE={base}\n")

    def run(self, block: str, **variables: str) -> str:
        given = "".join(f"{name}='{value}'\n" for name, value in variables.items())
        keep = f"declare -p BASE REGISTERED CLIENT_ID CLIENT_SECRET TOKEN VERIFIER > {self._state} 2>/dev/null || true"
        script = f". {self._state}\n{BLOCKS[0]}\n{given}{block}\n{keep}"
        return run_script(script, where=self._state.parent)


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server: LiveServer, tmp_path: Path) -> None:
    shell = Shell(live_server.url, tmp_path / "state")
    _, register, token, endpoints, requests, ask, exchange = BLOCKS
    sign_in_url = shell.run(register).strip()
    assert '"status":"sandbox"' in shell.run(token)
    assert "whsec_" in shell.run(endpoints)
    assert "/api/v1/endpoints/events/ping" in shell.run(requests)
    authorize_url = shell.run(ask).strip()

    browser = Client()
    browser.post(sign_in_url.removeprefix(live_server.url))
    sandbox = Partner.objects.get().sandbox_organization
    assert sandbox is not None
    code = allow(browser, authorize_url.removeprefix(live_server.url), sandbox)["code"]
    told = shell.run(exchange, CODE=code)
    assert Installation.objects.get().public_id in told


def test_the_page_lists_every_scope_with_its_sentence() -> None:
    rows = re.findall(r"^\| `([\w.]+:\w+)` \| (.*) \|$", text(PAGE), re.MULTILINE)
    assert dict(rows) == SCOPES
