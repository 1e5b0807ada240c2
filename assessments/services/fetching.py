"""Reports that partners name by URL: fetched through the guarded door after the deed is done, checked, stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from assessments.errors import UnsupportedAttachment
from assessments.models import Order, ReportToFetch
from assessments.services import attachments, leases
from core import http
from core.errors import DomainError, InvalidUrl
from partners.delivery.wake import Bell

log = structlog.get_logger(__name__)

FETCH_DUE = "assessments.fetch_reports"
# Before each further try; after the last of them it is given up.
AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
# Of one order: a partner's program must not make us fetch without end.
MOST = 20
WIDTH = 8

_ring = Bell(FETCH_DUE).ring


def want(order: Order, *, url: str, name: str) -> None:
    """The report at this address belongs to the order; the same address is fetched once. May be called anywhere."""
    try:
        http.check_url(url)
    except InvalidUrl:
        # It stands in the document as the partner wrote it.
        return
    if ReportToFetch.objects.filter(order=order).count() >= MOST:
        return
    ReportToFetch.objects.get_or_create(order=order, url=url, defaults={"name": name[:200] or "report"})
    transaction.on_commit(_ring)


def fetch_due() -> int:
    """Fetches what is due, several at once; returns how many were stored."""
    claimed = leases.take(ReportToFetch.objects.all(), most=WIDTH)
    rows = ReportToFetch.objects.filter(pk__in=claimed).select_related("order__partner", "order__organization")
    with ThreadPoolExecutor(WIDTH, thread_name_prefix="fetch") as threads:
        return sum(_take(row, came) for row, came in zip(rows, threads.map(_fetch, rows), strict=True))


def _fetch(row: ReportToFetch) -> bytes | str:
    """The content; or why there is none. Our credentials are for the partner's API: nothing of them goes along."""
    try:
        reply = http.send(
            http.Request(method="GET", url=row.url, headers={"accept": "application/pdf, image/png"}),
            timeout=settings.DELIVERY_TIMEOUT_SECONDS,
            body_limit=attachments.LARGEST,
        )
    except http.Failure as failure:
        return f"No answer: {failure}."
    if not 200 <= reply.status < 300:
        return f"It answered {reply.status}."
    return "It is larger than is taken here." if reply.truncated else reply.body


def _take(row: ReportToFetch, came: bytes | str) -> bool:
    if isinstance(came, str):
        _try_again(row, came)
        return False
    try:
        attachments.store(row.order, name=row.name, content=came)
    except UnsupportedAttachment:
        # Fetched again it would be the same.
        _end(row, "What is there is neither a PDF nor a PNG.")
        return False
    except DomainError as refusal:
        _end(row, refusal.detail)
        return False
    _end(row, "")
    return True


def _try_again(row: ReportToFetch, trouble: str) -> None:
    if row.tries >= len(AGAIN_AFTER):
        _end(row, trouble)
        return
    next_at = timezone.now() + AGAIN_AFTER[row.tries]
    _put(row, next_at=next_at, trouble=trouble)


def _end(row: ReportToFetch, trouble: str) -> None:
    _put(row, next_at=None, trouble=trouble)
    if trouble:
        log.warning("report_given_up", order=row.order.public_id, tries=row.tries + 1)


def _put(row: ReportToFetch, **columns: object) -> None:
    ReportToFetch.objects.filter(pk=row.pk).update(claimed_until=None, tries=row.tries + 1, **columns)
