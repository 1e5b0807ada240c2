"""The door by which dialects make themselves known to floor 2: their names, and how their calls are authenticated.

Translators live on floor 3.
"""

from __future__ import annotations

from partners.delivery.auth import Authentication, Unsendable

_names: dict[str, str] = {}
_authentications: dict[str, Authentication] = {}


def register(name: str, label: str, authentication: Authentication) -> None:
    """Make a dialect choosable for a Partner; called from ``AppConfig.ready()``. A name is registered once."""
    if name in _names:
        raise ValueError(f"dialect {name!r} is registered already")
    _names[name] = label
    _authentications[name] = authentication


def choices() -> list[tuple[str, str]]:
    """For ``Partner.dialect``: a callable, so that a new dialect needs no migration."""
    return sorted(_names.items())


def authentication_of(name: str) -> Authentication:
    """How calls in this dialect are authenticated. Raises Unsendable for one that nobody registered."""
    if name not in _authentications:
        raise Unsendable(f"nobody knows how calls in the dialect {name!r} are authenticated")
    return _authentications[name]
