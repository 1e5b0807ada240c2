"""A door upward: who is told, in the same transaction, that an Installation is paused, resumed, renewed or removed.

*Renewed*: by another consent, which changed what the Partner may do, or brought a removed one back.

Registered in ``AppConfig.ready()``. Nothing here knows who registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from partners.models import Installation

Change = Literal["paused", "resumed", "renewed", "removed"]
Listener = Callable[[Installation, Change], None]

_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """Each is told once, in the order of registration; an exception undoes the change."""
    if listener in _listeners:
        raise ValueError(f"{listener!r} is registered already")
    _listeners.append(listener)


def announce(installation: Installation, change: Change) -> None:
    """To be called inside the transaction of the change, by the service that makes it."""
    for listener in _listeners:
        listener(installation, change)
