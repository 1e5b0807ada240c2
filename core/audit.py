"""The audit log: one function that writes it, in the caller's transaction. Nothing here reads it."""

from __future__ import annotations

from typing import Any

import structlog

from core.models import AuditRecord, Organization, User


def record(
    verb: str, *, actor: User | str | None, subject: str, organization: Organization | None = None, **facts: Any
) -> AuditRecord:
    """Writes who did what to which thing.

    ``verb`` is dotted and past tense (``invitation.revoked``), ``subject`` a public id, ``actor`` a person or a
    label ("beat", a partner's public id). ``facts`` are small JSON values: never a secret, never a payload.
    """
    return AuditRecord.objects.create(
        verb=verb,
        actor=actor if isinstance(actor, User) else None,
        actor_label=actor if isinstance(actor, str) else "",
        organization=organization,
        subject=subject,
        facts=facts,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
