"""The periodic tasks of this floor. Each is one call of a service."""

from __future__ import annotations

import structlog
from celery import shared_task

from assessments.services import expiry, feed

log = structlog.get_logger(__name__)


@shared_task(name=feed.NUMBER_ORDERS)
def number_orders() -> None:
    """Gives the orders that changed their positions in the feed."""
    feed.assign()


@shared_task(name="assessments.expire_orders")
def expire_orders() -> None:
    """Ends the orders whose deadline passed."""
    if expired := expiry.expire_due():
        log.info("orders_expired", count=expired)
