"""How an Installation is doing, for its admin's page: what arrived last, what failed, what is broken. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from partners.models import Delivery, Endpoint, Installation

# How far back failures count.
WINDOW = timedelta(days=7)
FAILED = (Delivery.State.GIVEN_UP, Delivery.State.UNCLEAR, Delivery.State.REFUSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """One line of the page."""

    installation: Installation
    last: Delivery | None
    waiting: int
    failed: int
    broken: tuple[Endpoint, ...]

    @property
    def word(self) -> str:
        status = self.installation.status
        if status != Installation.Status.ACTIVE:
            return str(self.installation.get_status_display())
        if self.installation.partner.is_suspended:
            return "Suspended"
        if self.broken:
            return "Cannot be reached"
        return "Failures" if self.failed else "Healthy"

    @property
    def tone(self) -> str:
        return _TONES[self.word]


_TONES = {
    "Healthy": "good",
    "Failures": "fair",
    "Cannot be reached": "poor",
    "Suspended": "poor",
    "Paused": "fair",
    "Removed": "neutral",
}


def of(installations: Sequence[Installation]) -> list[Health]:
    """The health of each, in the given order. Three queries, however many there are."""
    counts = {row["event__installation"]: row for row in _counts(installations)}
    last_ids = [row["last"] for row in counts.values()]
    last = {row.pk: row for row in Delivery.objects.filter(pk__in=last_ids).select_related("event", "endpoint")}
    endpoints = list(Endpoint.objects.filter(partner__in={row.partner_id for row in installations}))
    return [_health(row, counts.get(row.pk, {}), last, endpoints) for row in installations]


def _counts(installations: Sequence[Installation]) -> Iterable[Any]:
    recent = timezone.now() - WINDOW
    return (
        Delivery.objects.filter(event__installation__in=installations)
        .order_by()
        .values("event__installation")
        .annotate(
            last=Max("pk"),
            waiting=Count("pk", filter=Q(state=Delivery.State.DUE)),
            failed=Count("pk", filter=Q(state__in=FAILED, created_at__gte=recent)),
        )
    )


def _health(
    installation: Installation, counts: dict[str, int], last: dict[int, Delivery], endpoints: list[Endpoint]
) -> Health:
    return Health(
        installation=installation,
        last=last.get(counts.get("last", 0)),
        waiting=counts.get("waiting", 0),
        failed=counts.get("failed", 0),
        broken=tuple(row for row in endpoints if row.is_broken and _serves(row, installation)),
    )


def _serves(endpoint: Endpoint, installation: Installation) -> bool:
    is_for_it = endpoint.installation_id in (None, installation.pk)
    is_same_side = endpoint.environment == installation.environment
    return endpoint.partner_id == installation.partner_id and is_for_it and is_same_side
