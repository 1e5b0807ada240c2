"""Combinations of settings that cannot work, refused with an id each. Single odd values are refused by the settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.compatibility)
def one_process_for_the_embedded_broker(**_: Any) -> Iterable[CheckMessage]:
    """A wake-up in one process's memory would never reach the workers of another."""
    if settings.EMBEDDED_BROKER and settings.WEB_CONCURRENCY > 1:
        yield Error(
            f"WEB_CONCURRENCY is {settings.WEB_CONCURRENCY}, but the broker lives in one process's memory.",
            hint="Set CELERY_BROKER_URL to RabbitMQ or Redis, or WEB_CONCURRENCY to 1.",
            id="core.E001",
        )


@register(Tags.compatibility)
def parts_that_are_shared_in_production(**_: Any) -> Iterable[CheckMessage]:
    """Several processes need one broker and one cache; and people's passwords need TLS."""
    if settings.EMBEDDED:
        return
    if settings.EMBEDDED_BROKER:
        yield Error("Production needs a broker of its own.", hint="Set CELERY_BROKER_URL.", id="core.E002")
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        yield Error("Production needs a shared cache: limits are counted in it.", hint="Set CACHE_URL.", id="core.E003")
    if not settings.SERVED_BY_HTTPS:
        yield Error("Production is served by https only.", hint="Set PUBLIC_URL to an https URL.", id="core.E004")
    if settings.HTTP_ALLOW_LOOPBACK:
        yield Error("Production never calls its own loopback.", hint="Unset HTTP_ALLOW_LOOPBACK.", id="core.E005")
