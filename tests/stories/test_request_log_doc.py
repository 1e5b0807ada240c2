"""The examples of docs/api/request-log.md and docs/api/limits.md, run against a server as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from core.models import RequestLog
from partners.scopes import ALL
from partners.services import onboarding
from tests.assessments.scene import token
from tests.stories.pages import in_every_language, run_page
from tests.world import PASSWORD


@in_every_language
@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_pages_work(language: str, live_server: LiveServer, tmp_path: Path) -> None:
    made = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    given = {"BASE": live_server.url, "TOKEN": token(made.application, ALL)}
    run_page(language, "api/request-log.md", where=tmp_path, **given)
    calls = RequestLog.objects.filter(partner=made.partner.public_id).order_by("pk")
    assert list(calls.values_list("path", "trace_id")) == [
        ("/api/v1/requests", ""),
        ("/api/v1/requests", ""),
        ("/api/v1/partner", "4bf92f3577b34da6a3ce929d0e0e4736"),
    ]
    said = run_page(language, "api/limits.md", where=tmp_path, **given)
    assert 'RateLimit-Policy: "api";q=1200;w=60' in said
