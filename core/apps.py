"""The app's configuration; what must flow upward registers itself in ready(), at the four doors only."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks  # noqa: F401  registers them
