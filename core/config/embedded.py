"""The Celery worker and beat inside the web process, for the embedded profile: threads beside gunicorn's own.

Possible because the database is the queue: what a killed process had in memory was only wake-ups.
"""

from __future__ import annotations

import threading
from typing import Any

import structlog
from celery.beat import Scheduler, Service
from celery.signals import worker_shutting_down
from celery.worker import WorkController
from django.conf import settings

from core.config.celery import app

logger = structlog.get_logger(__name__)

THREADS = 4
_running: list[Any] = []


def refuse_many_workers(count: int) -> None:
    """Raises SystemExit for an in-memory broker with more than one web worker."""
    if settings.EMBEDDED_BROKER and count > 1:
        raise SystemExit(
            f"WEB_CONCURRENCY is {count}, but the broker is {settings.CELERY_BROKER_URL}, which lives in one process. "
            "Set CELERY_BROKER_URL to RabbitMQ or Redis, or WEB_CONCURRENCY to 1."
        )


def start_if_embedded() -> None:
    """Starts both where the broker is in memory; elsewhere workers and beats are processes of their own."""
    if settings.EMBEDDED_BROKER:
        start()


def start() -> None:
    worker = WorkController(app=app, pool="threads", concurrency=THREADS, without_gossip=True, without_mingle=True)
    beat = Service(app, scheduler_cls=Scheduler)
    _running.extend([worker, beat])
    for name, part in (("celery-worker", worker), ("celery-beat", beat)):
        threading.Thread(target=part.start, name=name, daemon=True).start()
    logger.info("embedded.started", threads=THREADS)


def stop() -> None:
    """Asks both to end, and deliveries not to begin; claims of what was under way lapse by themselves."""
    worker_shutting_down.send(sender=app, sig="SIGTERM", how="Warm", exitcode=0)
    for part in reversed(_running):
        part.stop()
    _running.clear()
