"""A door upward: what other floors put on the candidate profile and into the filters of the candidate list.

Registered in ``AppConfig.ready()``. Nothing here knows who registers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest

from core.models import Candidate, Membership


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """A component on the candidate profile.

    Its template gets ``candidate``, and as ``panel`` what ``context(request, membership, candidate)`` returns.
    """

    key: str
    title: str
    order: int
    template: str
    context: Callable[[HttpRequest, Membership, Candidate], dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class CandidateFilter:
    """A select above the candidate list. ``apply`` is called only with a value that ``choices`` offers."""

    key: str
    label: str
    choices: Callable[[Membership], Iterable[tuple[str, str]]]
    apply: Callable[[QuerySet[Candidate], Membership, str], QuerySet[Candidate]]


# What the candidate list itself asks in its query string.
RESERVED = frozenset({"q", "job", "stage", "after", "before"})

_panels: dict[str, Panel] = {}
_filters: dict[str, CandidateFilter] = {}


def register_panel(panel: Panel) -> None:
    """Raises ImproperlyConfigured where the key is taken."""
    _add(_panels, panel)


def register_filter(candidate_filter: CandidateFilter) -> None:
    """Raises ImproperlyConfigured where the key is taken."""
    _add(_filters, candidate_filter)


def panels() -> list[Panel]:
    """In the order they stand on the page."""
    return sorted(_panels.values(), key=lambda panel: (panel.order, panel.key))


def filters() -> list[CandidateFilter]:
    return list(_filters.values())


def _add(register: dict[str, Any], item: Panel | CandidateFilter) -> None:
    if item.key in register or (register is _filters and item.key in RESERVED):
        raise ImproperlyConfigured(f"The key {item.key!r} is taken.")
    register[item.key] = item
