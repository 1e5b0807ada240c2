"""The audit log: what makes its rows, in the caller's transaction. Nothing here reads it."""

from __future__ import annotations

from typing import Any

import structlog

from core.instances import fresh
from core.models import AuditRecord, Organization, User


def record(
    verb: str, *, actor: User | str | None, subject: str, organization: Organization | None = None, **facts: Any
) -> AuditRecord:
    """Writes who did what to which thing.

    ``verb`` is dotted and past tense (``invitation.revoked``), ``subject`` a public id, ``actor`` a person or a
    label ("beat", a partner's public id). ``facts`` are small JSON values: never a secret, never a payload.
    """
    row = entry(verb, actor=actor, subject=subject, organization_id=organization.pk if organization else None, **facts)
    row.save(force_insert=True)
    return row


def entry(
    verb: str, *, actor: User | str | None, subject: str, organization_id: int | None, **facts: Any
) -> AuditRecord:
    """The row of it, to be written with others."""
    return fresh(
        AuditRecord,
        verb=verb,
        actor=actor if isinstance(actor, User) else None,
        actor_label=actor if isinstance(actor, str) else "",
        organization_id=organization_id,
        subject=subject,
        facts=facts,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
