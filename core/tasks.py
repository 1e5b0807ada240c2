"""What beat asks of floor 1: forgetting what is older than it needs to be."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from core import idempotency
from core.models import RequestLog

REQUESTS_KEPT_FOR = timedelta(days=30)


@shared_task(name="core.forget_old")
def forget_old() -> None:
    """Remembered replies past their day, calls past their month."""
    idempotency.forget_old()
    RequestLog.objects.filter(created_at__lt=timezone.now() - REQUESTS_KEPT_FOR).delete()
