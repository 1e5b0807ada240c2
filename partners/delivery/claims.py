"""Taking due deliveries, fairly across endpoints, by conditional update. Sends nothing and settles nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from core.ids import fresh_token
from partners.delivery import breaker
from partners.models import Delivery, Endpoint, Installation, Partner, Purpose, SigningSecret

# So many attempts at once on one endpoint, from one worker: a slow one cannot take all its threads.
PER_ENDPOINT = 8
# What a claim outlasts the attempt's own deadline by: the time to settle it.
SLACK = timedelta(seconds=5)

Q_FREE = Q(claimed_until=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One delivery that this worker alone may attempt and settle, with all that sending needs already loaded."""

    delivery: Delivery
    token: str
    # Encrypted, the newest first.
    secrets: tuple[str, ...]
    # The one delivery that tries an endpoint whose breaker had opened.
    probe: bool


def lifetime() -> timedelta:
    """How long a claim holds: past it the worker is taken to be dead."""
    return timedelta(seconds=settings.DELIVERY_TIMEOUT_SECONDS) + SLACK


def claimable(now: datetime) -> QuerySet[Delivery]:
    """Due and free, whatever the state of their endpoint.

    A claim that lapsed frees a repeatable delivery only: the other kind may have been sent. Orders of a paused
    Installation wait until it resumes.
    """
    return Delivery.objects.filter(
        Q_FREE | Q(claimed_until__lte=now, repeatable=True), state=Delivery.State.DUE, next_at__lte=now
    ).exclude(purpose=Purpose.ORDER, event__installation__status=Installation.Status.PAUSED)


def open_endpoints(now: datetime) -> QuerySet[Endpoint]:
    """Endpoints with something claimable that may be called now."""
    return (
        Endpoint.objects.filter(Q(open_until=None) | Q(open_until__lte=now), enabled=True)
        .exclude(partner__status=Partner.Status.SUSPENDED)
        .filter(Exists(claimable(now).filter(endpoint=OuterRef("pk"))))
        .order_by()
    )


def claim(*, room: int, busy: Mapping[int, int]) -> list[Claim]:
    """Claims at most ``room`` deliveries, an equal share for each endpoint; ``busy`` counts the attempts that this
    worker has under way, by endpoint.
    """
    now = timezone.now()
    shares = _shares(list(open_endpoints(now)), room, busy)
    if not shares:
        return []
    token = fresh_token(128)
    with transaction.atomic():
        probes = {endpoint.pk for endpoint, _ in shares if _is_half_open(endpoint) and _take_probe(endpoint, now)}
        chosen = [
            pk
            for endpoint, share in shares
            if endpoint.pk in probes or not _is_half_open(endpoint)
            for pk in _oldest(endpoint, share, now)
        ]
        _mark(chosen, token, now)
    return _load(chosen, token, probes, now)


def _shares(endpoints: list[Endpoint], room: int, busy: Mapping[int, int]) -> list[tuple[Endpoint, int]]:
    """How many each endpoint may have, those with the fewest attempts under way first, chance deciding between
    equals.
    """
    # Order between equals is no secret.
    endpoints.sort(key=lambda endpoint: (busy.get(endpoint.pk, 0), random.random()))  # noqa: S311
    share = max(1, room // max(1, len(endpoints)))
    shares = []
    for endpoint in endpoints:
        allowed = 1 if _is_half_open(endpoint) else PER_ENDPOINT
        count = min(share, allowed - busy.get(endpoint.pk, 0), room)
        if count > 0:
            shares.append((endpoint, count))
            room -= count
    return shares


def _is_half_open(endpoint: Endpoint) -> bool:
    """Its breaker had opened and the pause is over: one delivery may try."""
    return endpoint.consecutive_failures >= breaker.THRESHOLD


def _take_probe(endpoint: Endpoint, now: datetime) -> bool:
    """Keeps every other worker away for the time of one attempt: one of them wins this update."""
    return bool(
        Endpoint.objects.filter(pk=endpoint.pk, open_until=endpoint.open_until).update(open_until=now + lifetime())
    )


def _oldest(endpoint: Endpoint, count: int, now: datetime) -> list[int]:
    rows = claimable(now).filter(endpoint=endpoint).order_by("next_at", "id")
    # On PostgreSQL workers step around each other's rows instead of queueing for them; SQLite knows one writer.
    return list(
        rows.select_for_update(skip_locked=True, of=("self",), no_key=True).values_list("pk", flat=True)[:count]
    )


def _mark(chosen: list[int], token: str, now: datetime) -> None:
    # Conditions on the row itself only: PostgreSQL checks those again when another worker was faster.
    Delivery.objects.filter(
        Q_FREE | Q(claimed_until__lte=now, repeatable=True), pk__in=chosen, state=Delivery.State.DUE
    ).update(claim=token, claimed_until=now + lifetime(), attempt_count=F("attempt_count") + 1)


def _load(chosen: list[int], token: str, probes: set[int], now: datetime) -> list[Claim]:
    related = ("event", "endpoint__partner", "endpoint__installation")
    mine = Delivery.objects.filter(pk__in=chosen, claim=token).select_related(*related)
    deliveries = list(mine.order_by("next_at", "id"))
    secrets = _live_secrets({delivery.endpoint_id for delivery in deliveries}, now)
    return [
        Claim(
            delivery=delivery,
            token=token,
            secrets=_credential(delivery.endpoint) or tuple(secrets.get(delivery.endpoint_id, ())),
            probe=delivery.endpoint_id in probes,
        )
        for delivery in deliveries
    ]


def _credential(endpoint: Endpoint) -> tuple[str, ...]:
    """Of an endpoint that belongs to one Installation: what that was connected with."""
    installation = endpoint.installation
    return (installation.credential,) if installation is not None and installation.credential else ()


def _live_secrets(endpoints: set[int], now: datetime) -> dict[int, list[str]]:
    rows = SigningSecret.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), endpoint__in=endpoints)
    secrets: dict[int, list[str]] = {}
    for endpoint, encrypted in rows.values_list("endpoint", "encrypted"):
        secrets.setdefault(endpoint, []).append(encrypted)
    return secrets
