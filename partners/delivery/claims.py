"""Taking due deliveries, fairly across endpoints, by conditional update. Sends nothing and settles nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
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
    Installation wait until it resumes, and so does what expires; what has expired waits for settlement.put_off_expired.
    """
    return Delivery.objects.filter(
        Q_FREE | Q(claimed_until__lte=now, repeatable=True),
        Q(expires_at=None) | Q(expires_at__gt=now),
        state=Delivery.State.DUE,
        next_at__lte=now,
    ).exclude(
        Q(purpose=Purpose.ORDER) | Q(expires_at__isnull=False),
        event__installation__status=Installation.Status.PAUSED,
    )


def open_endpoints(now: datetime) -> QuerySet[Endpoint]:
    """Endpoints with something claimable that may be called now."""
    # A look into the index of each, whatever waits there: EXISTS is a join to PostgreSQL, for which it may read all
    # that is due.
    first = claimable(now).filter(endpoint=OuterRef("pk")).order_by("next_at", "id").values("pk")[:1]
    return (
        Endpoint.objects.filter(Q(open_until=None) | Q(open_until__lte=now), enabled=True)
        .exclude(partner__status=Partner.Status.SUSPENDED)
        .alias(first=Subquery(first))
        .filter(first__isnull=False)
        .order_by()
    )


def claim(*, room: int, busy: Mapping[int, int]) -> list[Claim]:
    """Claims at most ``room`` deliveries, an equal share for each endpoint; ``busy`` counts the attempts that this
    worker has under way, by endpoint.
    """
    now = timezone.now()
    full = [pk for pk, count in busy.items() if count >= PER_ENDPOINT]
    endpoints = open_endpoints(now).exclude(pk__in=full).select_related("partner", "installation")
    shares = _shares(list(endpoints), room, busy)
    if not shares:
        return []
    token = fresh_token(128)
    with transaction.atomic():
        probes = {endpoint.pk for endpoint, _ in shares if _is_half_open(endpoint) and _take_probe(endpoint, now)}
        mine = [(endpoint, share) for endpoint, share in shares if endpoint.pk in probes or not _is_half_open(endpoint)]
        chosen = _oldest([(endpoint.pk, share) for endpoint, share in mine], now)
        _mark(chosen, token, now)
    return _load(chosen, token, {endpoint.pk: endpoint for endpoint, _ in mine}, probes, now)


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


def _oldest(shares: list[tuple[int, int]], now: datetime) -> list[int]:
    """Of each endpoint so many that are due, those that have been for longest; held until the transaction ends."""
    if not connection.features.has_select_for_update_skip_locked:
        # SQLite: one writer, and no round trips.
        rows = claimable(now).order_by("next_at", "id").values_list("pk", flat=True)
        return [pk for endpoint, share in shares for pk in rows.filter(endpoint=endpoint)[:share]]
    # Workers step around each other's rows instead of queueing for them.
    of_share = claimable(now).filter(endpoint=RawSQL("share.endpoint", ())).order_by("next_at", "id").values("pk")
    branch, parameters = of_share.query.sql_with_params()
    sql = (
        "SELECT found.pk FROM unnest(%s::bigint[], %s::integer[]) AS share(endpoint, room)"  # noqa: S608
        f" CROSS JOIN LATERAL ({branch} LIMIT share.room"
        f" FOR NO KEY UPDATE OF {Delivery._meta.db_table} SKIP LOCKED) AS found"
    )
    endpoints, rooms = zip(*shares, strict=True) if shares else ((), ())
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(endpoints), list(rooms), *parameters])
        return [pk for (pk,) in cursor.fetchall()]


def _mark(chosen: list[int], token: str, now: datetime) -> None:
    # Conditions on the row itself only: PostgreSQL checks those again when another worker was faster.
    Delivery.objects.filter(
        Q_FREE | Q(claimed_until__lte=now, repeatable=True), pk__in=chosen, state=Delivery.State.DUE
    ).update(claim=token, claimed_until=now + lifetime(), attempt_count=F("attempt_count") + 1)


def _load(
    chosen: list[int], token: str, endpoints: Mapping[int, Endpoint], probes: set[int], now: datetime
) -> list[Claim]:
    mine = Delivery.objects.filter(pk__in=chosen, claim=token).select_related("event").order_by("next_at", "id")
    secrets = _live_secrets(endpoints, now)
    claims = []
    for delivery in mine:
        delivery.endpoint = endpoints[delivery.endpoint_id]
        claims.append(
            Claim(
                delivery=delivery,
                token=token,
                secrets=_credential(delivery.endpoint) or tuple(secrets.get(delivery.endpoint_id, ())),
                probe=delivery.endpoint_id in probes,
            )
        )
    return claims


def _credential(endpoint: Endpoint) -> tuple[str, ...]:
    """Of an endpoint that belongs to one Installation: what that was connected with."""
    installation = endpoint.installation
    return (installation.credential,) if installation is not None and installation.credential else ()


def _live_secrets(endpoints: Iterable[int], now: datetime) -> dict[int, list[str]]:
    rows = SigningSecret.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), endpoint__in=list(endpoints))
    secrets: dict[int, list[str]] = {}
    for endpoint, encrypted in rows.values_list("endpoint", "encrypted"):
        secrets.setdefault(endpoint, []).append(encrypted)
    return secrets
