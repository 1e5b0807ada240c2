"""The fixtures of the partners' tests. Most live in a module of their own, because browser tests load them too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from core.models import Membership
from tests.partners.fixtures import installed, live, sandboxed
from tests.world import World

__all__ = ["installed", "live", "sandboxed"]


@pytest.fixture
def admin(world: World, signed_in: Callable[[Membership], Client]) -> Client:
    """Acme's admin, in a browser."""
    return signed_in(world.admin)
