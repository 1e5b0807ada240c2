"""The examples of docs/oauth.md, run as they stand against a server; only the consent is a browser's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from partners.models import Installation, Partner
from partners.scopes import SCOPES
from tests.partners.steps import allow
from tests.stories.pages import in_every_language, squeezed, started, text

PAGE = "oauth.md"


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_page_work(language: str, live_server: LiveServer, tmp_path: Path) -> None:
    with started(language, PAGE, where=tmp_path, BASE=live_server.url) as program:
        assert program.stdin
        assert program.stdout
        said = ""
        while "/oauth/authorize?" not in said:
            line = program.stdout.readline()
            assert line, program.communicate()
            said += line
        (sign_in,) = re.findall(rf"{live_server.url}(/sandbox/\S+)$", said, re.MULTILINE)
        browser = Client()
        browser.post(sign_in)
        sandbox = Partner.objects.get().sandbox_organization
        assert sandbox is not None
        asked = said.splitlines()[-1].partition(live_server.url)[2]
        given, complaint = program.communicate(allow(browser, asked, sandbox)["code"] + "\n", timeout=60)
    assert program.returncode == 0, complaint
    assert "status:sandbox" in squeezed(said)
    assert "whsec_" in said
    assert "/api/v1/endpoints/events/ping" in said
    assert Installation.objects.get().public_id in given


def test_the_page_lists_every_scope_with_its_sentence() -> None:
    rows = re.findall(r"^\| `([\w.]+:\w+)` \| (.*) \|$", text(PAGE), re.MULTILINE)
    assert dict(rows) == SCOPES
