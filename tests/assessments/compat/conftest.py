"""Vendors of each protocol at Acme. No assertions here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from partners.services import connecting
from tests.assessments.compat import scene
from tests.assessments.compat.scene import Vendor
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import PartnerServer, partner_server
from tests.world import World


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _short_deadline(settings: Any) -> None:
    settings.DELIVERY_TIMEOUT_SECONDS = 1


@pytest.fixture
def lingua(world: World, server: PartnerServer) -> Vendor:
    """An English test that speaks Ashby's protocol."""
    vendor = scene.connected(world, server, "ashby")
    vendor.says("catalogue", "assessment.list.reply")
    vendor.says("order", "assessment.start.reply")
    vendor.answers["fields"] = vendor.answers["cancel"] = fakes.status(404)
    connecting.change_urls(vendor.installation, {"fields": ""}, actor="tests")
    vendor.refresh()
    return vendor


@pytest.fixture
def veritas(world: World, server: PartnerServer) -> Vendor:
    """A background check that speaks Greenhouse's protocol."""
    vendor = scene.connected(world, server, "greenhouse")
    vendor.says("catalogue", "list_tests.reply")
    vendor.says("order", "send_test.reply")
    vendor.says("status", "test_status.waiting.reply")
    vendor.answers["complaint"] = fakes.status(200, b'{"status":200}')
    vendor.refresh()
    return vendor
