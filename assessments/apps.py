"""The app's configuration; what must flow upward registers itself in ready(), at the four doors only."""

from __future__ import annotations

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"

    def ready(self) -> None:
        from assessments import checks as checks
        from assessments import panels, samples, topics
        from assessments.dialects.table import DIALECTS
        from assessments.services import orders, reminders, replies
        from core.panels import register_filter, register_panel
        from partners import departures, dialects
        from partners.delivery import readers

        for dialect in DIALECTS.values():
            dialects.register(dialect.name, dialect.label, dialect.authentication)
        for name in topics.TOPICS:
            readers.announce(name, samples.data_of(name))
        for name, sample in samples.OF_ORGANIZATIONS.items():
            readers.announce(name, sample, to=readers.Side.ORGANIZATION)
        readers.register(topics.ORDER_PLACED.name, replies.OrderPlaced())
        readers.register(topics.ORDER_CANCELLED.name, replies.OrderCancelled())
        readers.register(topics.ORDER_REMINDER_DUE.name, reminders.ReminderDue())
        departures.register(orders.on_departure)
        register_panel(panels.ASSESSMENTS)
        register_panel(panels.PRIVACY)
        register_filter(panels.ASSESSMENT_STATUS)
