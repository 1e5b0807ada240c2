"""Several seal the audit log at once while others write it, on PostgreSQL: each record is sealed once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from core import audit, audit_chain
from core.models import AuditRecord

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


def alone(deed: Callable[[], object]) -> None:
    try:
        deed()
    finally:
        connection.close()


def write() -> None:
    for number in range(40):
        with transaction.atomic():
            audit.record("job.opened", actor="command", subject=f"job_{number}")


def seal() -> None:
    for _ in range(15):
        audit_chain.seal()


def test_every_record_is_sealed_once_whoever_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "_BATCH", 7)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(alone, [write, seal, write, seal, write, seal]))
    audit_chain.seal()
    assert AuditRecord.objects.exclude(position=None).count() == 120
    verification = audit_chain.verify()
    assert (verification.position, verification.broken, verification.unsealed) == (120, None, 0)
