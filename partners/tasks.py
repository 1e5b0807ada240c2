"""The periodic tasks of this floor, delivery apart. Each is one call of a service."""

from __future__ import annotations

import structlog
from celery import shared_task
from oauth2_provider.models import clear_expired

from partners.services import sandboxes

log = structlog.get_logger(__name__)


@shared_task(name="partners.clear_tokens")
def clear_tokens() -> None:
    """Deletes what has run out: access and refresh tokens, authorization codes."""
    clear_expired()


@shared_task(name="partners.retire_idle_sandboxes")
def retire_idle_sandboxes() -> None:
    """Ends the sandboxes that nobody has used for 90 days."""
    if retired := sandboxes.retire_idle():
        log.info("sandboxes_retired", count=retired)
