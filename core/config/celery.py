"""The Celery application: the engine that moves what the database says is due."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.config.settings")

app = Celery("assay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks(["core", "partners", "assessments"])
app.autodiscover_tasks(["partners.delivery"])


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Celery would replace the root logger; Django's LOGGING already says how lines look."""
