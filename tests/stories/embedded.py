"""Worker and beat as threads of one process on the memory broker: run as a program, until it is killed."""

from __future__ import annotations

import threading

import django

django.setup()

from celery import beat  # noqa: E402  settings first
from celery.worker import WorkController  # noqa: E402

from core.config import celery_app  # noqa: E402

if __name__ == "__main__":
    celery_app.loader.import_default_modules()
    worker = WorkController(app=celery_app, pool="threads", concurrency=4)
    threading.Thread(target=beat.Service(celery_app, scheduler_cls=beat.Scheduler).start, daemon=True).start()
    worker.start()
