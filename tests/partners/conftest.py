"""The fixtures of the partners' tests; they live in a module of their own because browser tests load them too."""

from __future__ import annotations

from tests.partners.fixtures import installed, live, sandboxed

__all__ = ["installed", "live", "sandboxed"]
