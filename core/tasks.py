"""What beat asks of floor 1: forgetting what is older than it needs to be, and sealing the audit log."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from core import audit_chain, idempotency
from core.models import RequestLog

REQUESTS_KEPT_FOR = timedelta(days=30)


@shared_task(name="core.forget_old")
def forget_old() -> None:
    """Remembered replies past their day, sessions past their end, calls past their month."""
    idempotency.forget_old()
    SessionStore.clear_expired()
    RequestLog.objects.filter(created_at__lt=timezone.now() - REQUESTS_KEPT_FOR).delete()


@shared_task(name="core.seal_audit")
def seal_audit() -> None:
    """Records whose transaction has come through by now; a writer never waits for it."""
    audit_chain.seal()
