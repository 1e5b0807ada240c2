"""The app's configuration; what must flow upward registers itself in ready(), at the four doors only."""

from __future__ import annotations

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from partners import checks as checks
        from partners import topics
        from partners.delivery import readers

        for name, sample in topics.SAMPLES.items():
            readers.announce(name, sample)
        readers.announce(topics.PING, topics.SAMPLES[topics.PING], to=readers.Side.ORGANIZATION)
