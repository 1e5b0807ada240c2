"""The app's configuration; what must flow upward registers itself in ready(), at the four doors only."""

from __future__ import annotations

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from partners import dialects

        dialects.register("native", "Native")
