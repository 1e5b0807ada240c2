"""The small world of the delivery tests: an approved partner at Acme, with a fake server behind its endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from partners.models import Endpoint, Installation, Partner
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.partners.delivery import scene
from tests.partners.delivery.wakeups import Wakeups


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture
def partner(db: None) -> Partner:
    return scene.partner("CodeForge")


@pytest.fixture
def installation(partner: Partner) -> Installation:
    return scene.installation(partner, "Acme Robotics")


@pytest.fixture
def endpoint(partner: Partner, server: PartnerServer) -> Endpoint:
    return scene.endpoint(partner, server.url + "/hooks")


@pytest.fixture
def wakeups() -> Iterator[Wakeups]:
    queue = Wakeups()
    queue.purge()
    yield queue
    queue.purge()
