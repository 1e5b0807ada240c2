"""The app's configuration; what must flow upward registers itself in ready(), at the four doors only."""

from __future__ import annotations

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from partners import checks  # noqa: F401  the import registers them
