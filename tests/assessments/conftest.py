"""Fixtures of floor 3: CodeForge at Acme, another partner at Globex, an order. No assertions here."""

from __future__ import annotations

import pytest

from assessments.models import Order
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World


@pytest.fixture
def shop(world: World) -> Shop:
    """CodeForge, approved, at work at Acme with every scope."""
    return scene.shop_of(world)


@pytest.fixture
def sneak(world: World) -> Shop:
    """Another partner, at work at Globex, that must see nothing of CodeForge's nor of Acme's."""
    return scene.mallorys_shop(world)


@pytest.fixture
def order(shop: Shop) -> Order:
    """Just placed, for Ada."""
    return scene.place(shop)
