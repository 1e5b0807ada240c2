"""The positions of Events in their feed, given after the commit. What a partner may read of it is in selectors."""

from __future__ import annotations

from core import feeds
from partners.delivery.wake import Bell
from partners.models import Event

FEED = "events"
# By name: the task's module imports the outbox, and the outbox rings here.
NUMBER_EVENTS = "partners.delivery.number_events"


def assign() -> int:
    """Numbers the Events that have no position yet; returns how many. Safe when several do it at once."""
    return feeds.number(FEED, Event.objects.all())


# Ten times a second is often enough, and a batch costs little more than one.
ring = Bell(NUMBER_EVENTS, pause=0.1).ring
