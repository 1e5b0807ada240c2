"""The periodic tasks of this floor. Each is one call of a service."""

from __future__ import annotations

import structlog
from celery import shared_task

from assessments.services import (
    asking,
    backfill,
    checking,
    emptying,
    expiry,
    feed,
    fetching,
    hearing,
    refreshing,
    reminders,
    retention,
    traces,
)

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


@shared_task(name="assessments.remind_candidates")
def remind_candidates() -> None:
    """Tells partners which candidates are to be reminded."""
    if reminded := reminders.remind_due():
        log.info("reminders_owed", count=reminded)


@shared_task(name="assessments.match_backfills")
def match_backfills() -> None:
    """Looks for the candidates of results that came without an order."""
    if matched := backfill.match_due():
        log.info("backfills_matched", count=matched)


@shared_task(name=asking.ASK_DUE)
def ask_due() -> None:
    """Asks partners how orders stand."""
    if asked := asking.ask_due():
        log.info("statuses_asked", count=asked)


@shared_task(name=fetching.FETCH_DUE)
def fetch_reports() -> None:
    """Fetches the reports that partners named by their URLs."""
    if stored := fetching.fetch_due():
        log.info("reports_fetched", count=stored)


@shared_task(name=refreshing.REFRESH_DUE)
def refresh_catalogues() -> None:
    """Asks connected partners what they offer."""
    if refreshed := refreshing.refresh_due():
        log.info("catalogues_asked", count=refreshed)


@shared_task(name=checking.CHECK_DUE)
def check_partners() -> None:
    """Goes on with the checks of partners' protocols that are under way."""
    if advanced := checking.advance_due():
        log.info("partners_checked", count=advanced)


@shared_task(name="assessments.purge_results")
def purge_results() -> None:
    """Deletes what has been kept long enough."""
    if purged := retention.purge_due():
        log.info("results_purged", count=purged)
    if forgotten := hearing.forget_early():
        log.info("early_calls_forgotten", count=forgotten)


@shared_task(name=emptying.SWEEP)
def sweep_erased() -> None:
    """Deletes the files of what is gone, and looks for what erasures left in logs."""
    while emptying.burn():
        pass
    traces.sweep()
