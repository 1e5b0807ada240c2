"""The door by which dialects make their names known to floor 2. Translators live on floor 3."""

from __future__ import annotations

_names: dict[str, str] = {}


def register(name: str, label: str) -> None:
    """Make a dialect choosable for a Partner; called from ``AppConfig.ready()``. A name is registered once."""
    if name in _names:
        raise ValueError(f"dialect {name!r} is registered already")
    _names[name] = label


def choices() -> list[tuple[str, str]]:
    """For ``Partner.dialect``: a callable, so that a new dialect needs no migration."""
    return sorted(_names.items())
