"""How gunicorn serves: one threaded worker that also hosts Celery in the embedded profile, replicas in production."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.config.settings")

wsgi_app = "core.config.wsgi:application"
bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "core.config.gunicorn_worker.Worker"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 10
keepalive = 5
control_socket_disable = True
# Request lines hold ids and tokens of links: what was called is in the request log of the product instead.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "warning")


def on_starting(server: Any) -> None:
    """An in-memory broker lives in one process: with several, a wake-up would reach only its own."""
    from core.config.embedded import refuse_many_workers

    refuse_many_workers(server.cfg.workers)


def post_worker_init(worker: Any) -> None:
    from core.config import embedded, memory

    embedded.start_if_embedded()
    memory.settle()


def worker_exit(server: Any, worker: Any) -> None:
    from core.config import embedded

    embedded.stop()
