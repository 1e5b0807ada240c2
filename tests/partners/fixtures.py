"""Partners of the suite's world: CodeForge, registered in its sandbox or approved and live. No assertions here."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from partners.models import Application, Environment, Installation, Partner
from partners.services import credentials, installations, onboarding
from partners.services.onboarding import Registration
from tests.partners.steps import CALLBACK
from tests.world import PASSWORD, World


@dataclass(frozen=True, kw_only=True)
class Live:
    """An approved partner with its live application."""

    partner: Partner
    application: Application
    client_secret: str


@pytest.fixture
def sandboxed(db: None) -> Registration:
    """CodeForge, just registered on the page."""
    return onboarding.register_partner(
        name="CodeForge",
        contact_email="dev@codeforge.example",
        sign_in_name="dev.codeforge",
        password=PASSWORD,
        redirect_uris=[CALLBACK],
    )


@pytest.fixture
def live(sandboxed: Registration) -> Live:
    """CodeForge, approved, with live credentials."""
    partner = onboarding.approve(sandboxed.partner, actor="support")
    application, secret = credentials.issue(partner, Environment.LIVE)
    credentials.set_redirect_uris(application, [CALLBACK], actor=None)
    return Live(partner=partner, application=application, client_secret=secret)


@pytest.fixture
def installed(live: Live, world: World) -> Installation:
    """CodeForge at Acme, with two scopes."""
    scopes = ["orders:read", "candidates.name:read"]
    return installations.install(live.partner, world.acme, scopes=scopes, actor=world.admin.user)
