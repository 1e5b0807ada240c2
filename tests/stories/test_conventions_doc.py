"""The examples of docs/api/idempotency.md and docs/api/conditional.md, run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from assessments.models import AssessmentType, Order
from core.idempotency import KEPT_FOR, PATIENCE_SECONDS
from partners.services import onboarding
from tests.partners.steps import own_token
from tests.stories.pages import in_every_language, run_page, squeezed, text
from tests.world import PASSWORD


@pytest.fixture
def token(transactional_db: None) -> str:
    """Of a sandbox."""
    made = onboarding.register_partner(
        name="Lingua", contact_email="dev@lingua.example", password=PASSWORD, redirect_uris=[]
    )
    return own_token(made.application, made.client_secret)


@in_every_language
def test_repeated_with_its_key_a_call_happens_once(
    language: str, live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    said = run_page(language, "api/idempotency.md", where=tmp_path, BASE=live_server.url, TOKEN=token)
    order = Order.objects.get()
    assert squeezed(said).count(f"id:{order.public_id}") == 2
    assert said.count("true") == 1


@in_every_language
def test_what_is_unchanged_is_304_and_a_stale_change_is_412(
    language: str, live_server: LiveServer, token: str, tmp_path: Path
) -> None:
    said = run_page(language, "api/conditional.md", where=tmp_path, BASE=live_server.url, TOKEN=token)
    assert re.findall(r"^\d{3}$", said, re.MULTILINE) == ["304", "412"]
    assert "code:precondition_failed" in squeezed(said)
    assert AssessmentType.objects.get().name == "Probe, shorter"


def test_the_times_of_the_page_are_those_of_the_code() -> None:
    page = text("api/idempotency.md")
    assert f"For {KEPT_FOR.total_seconds() / 3600:.0f} hours" in page
    assert {2: "two"}[PATIENCE_SECONDS] + " seconds" in page
