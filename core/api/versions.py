"""Dated versions of the API: which there are, which one a call speaks, and how its JSON becomes ours and back.

Views know the current form alone. A :class:`Change` stands between it and the form before; a call in an older version
passes through every change that came after it. Pure, but for :func:`all_changes`, which looks at the routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import URLResolver, get_resolver
from django.utils.http import http_date

from core.errors import UnknownApiVersion

HEADER = "Api-Version"
_IN_META = "HTTP_API_VERSION"


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A form of the API. An older one is deprecated since the next came, and answered until its sunset."""

    name: str
    deprecated_on: date | None = None
    sunset_on: date | None = None


# The current one first.
VERSIONS = (
    Version(name="2026-12-01"),
    Version(name="2026-10-01", deprecated_on=date(2026, 12, 1), sunset_on=date(2027, 12, 1)),
)
CURRENT = VERSIONS[0].name
_BY_NAME = {version.name: version for version in VERSIONS}


def current_version() -> str:
    """The version that a new application is pinned to."""
    return CURRENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What came with ``version``, and the form before it.

    ``upgrade`` makes the JSON of a request in that form ours, ``downgrade`` ours of an answer theirs; ``pointer``
    leads to the same place of a request in that form. All take whatever was sent, and change only what they know.
    """

    version: str
    sentence: str
    upgrade: Callable[[Any], Any] = lambda value: value
    downgrade: Callable[[Any], Any] = lambda value: value
    pointer: Callable[[str], str] = lambda pointer: pointer


def asked(meta: Mapping[str, str], pinned: str) -> str:
    """The version of a call, by its ``META``; else the one its application is pinned to. Raises UnknownApiVersion."""
    version = meta.get(_IN_META, pinned)
    if version not in _BY_NAME:
        raise unknown()
    return version


def unknown() -> UnknownApiVersion:
    return UnknownApiVersion(f"The versions are {', '.join(_BY_NAME)}.", versions=list(_BY_NAME))


def between(changes: Sequence[Change], version: str) -> list[Change]:
    """Those that a call in this version does not know yet; the newest first."""
    return sorted((change for change in changes if change.version > version), key=lambda it: it.version, reverse=True)


def upgraded(value: Any, unknown_changes: Sequence[Change]) -> Any:
    for change in reversed(unknown_changes):
        value = change.upgrade(value)
    return value


def downgraded(value: Any, unknown_changes: Sequence[Change]) -> Any:
    for change in unknown_changes:
        value = change.downgrade(value)
    return value


def pointed(pointer: str, unknown_changes: Sequence[Change]) -> str:
    for change in unknown_changes:
        pointer = change.pointer(pointer)
    return pointer


def headers_of(version: str) -> dict[str, str]:
    """What an answer says of its version; of an older one when it was deprecated and when it ends (RFC 9745, 8594)."""
    told = {HEADER: version}
    found = _BY_NAME[version]
    if found.deprecated_on and found.sunset_on:
        told["Deprecation"] = f"@{int(_midnight(found.deprecated_on).timestamp())}"
        told["Sunset"] = http_date(_midnight(found.sunset_on).timestamp())
        told["Link"] = f'<{settings.PUBLIC_URL}/docs/api/versions>; rel="deprecation"; type="text/html"'
    return told


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


@cache
def all_changes() -> tuple[Change, ...]:
    """Every change that some view of the routes has, the newest first, each once."""
    found = {change.version + change.sentence: change for view in _views(get_resolver()) for change in view.changes}
    return tuple(found[key] for key in sorted(found, reverse=True))


def _views(resolver: URLResolver) -> list[Any]:
    found: list[Any] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += _views(entry)
        elif hasattr(view := getattr(entry.callback, "cls", None), "changes"):
            found.append(view)
    return found
