"""The composition root: environment, settings, URLs, servers, Celery. Imports all floors; nobody imports it."""

from __future__ import annotations

from core.config.celery import app as celery_app

__all__ = ["celery_app"]
