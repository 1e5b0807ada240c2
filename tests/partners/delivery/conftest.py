"""The small world of the delivery tests: an approved partner at Acme, with a fake server behind its endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from partners.models import Endpoint, Installation, Partner
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.partners.delivery import world


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture
def partner(db: None) -> Partner:
    return world.partner("CodeForge")


@pytest.fixture
def installation(partner: Partner) -> Installation:
    return world.installation(partner, "Acme Robotics")


@pytest.fixture
def endpoint(partner: Partner, server: PartnerServer) -> Endpoint:
    return world.endpoint(partner, server.url + "/hooks")
