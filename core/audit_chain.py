"""The chain over the audit log: every record is sealed after its commit, and the whole is verified from the start.

A seal is SHA-256 over the seal before it and the record in RFC 8785 canonical JSON. Whoever edits, deletes, inserts or
reorders sealed records breaks it at that place; who computes all later seals anew is found by a head that was kept
elsewhere (each batch writes its head into the log). Personal data is not part of it: a record holds ids, and the seal
keeps the keys of people and organizations, not their rows, so that these may be erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import rfc8785
import structlog
from django.db import transaction
from django.db.models import Model

from core.models import AuditHead, AuditRecord, Organization, User
from core.writing import Writing

log = structlog.get_logger(__name__)

_BATCH = 1_000
_SEALED = ("position", "seal", "sealed_actor", "sealed_organization")
# How long a transaction may be under way: what claims to be older, beside what was sealed before it, was slipped in.
LATE_AT_MOST = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """The first place where the chain does not hold; ``record`` is None where there is none any more."""

    position: int
    record: AuditRecord | None
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """``position`` and ``seal`` of the last record that holds, and how many wait to be sealed since when."""

    position: int
    seal: str
    broken: Break | None
    unsealed: int
    oldest: datetime | None


def seal() -> int:
    """Seals what is committed and not sealed yet, in short transactions; returns how many records those were."""
    total = 0
    while count := _seal_some():
        total += count
        if count < _BATCH:
            break
    return total


def verify(*, anchor: tuple[int, str] | None = None) -> Verification:
    """Goes through the chain from its start. ``anchor``: a position and its seal, as kept elsewhere since."""
    head = AuditHead.objects.first()
    kept = [(head.position, head.seal)] if head else []
    position, last, broken = _walk([*kept, *([anchor] if anchor else [])])
    # The first batch may have been sealed since.
    if not broken and position and not head and not AuditHead.objects.exists():
        broken = Break(position=position, record=None, reason="the head of the chain is gone")
    unsealed = AuditRecord.objects.filter(position=None)
    oldest = unsealed.order_by("pk").values_list("occurred_at", flat=True).first()
    return Verification(position=position, seal=last, broken=broken, unsealed=unsealed.count(), oldest=oldest)


@transaction.atomic
def _seal_some() -> int:
    head = _locked_head()
    rows = list(AuditRecord.objects.filter(position=None).order_by("pk")[:_BATCH])
    if not rows:
        return 0
    for row in rows:
        head.position += 1
        row.position = head.position
        row.sealed_actor, row.sealed_organization = row.actor_id, row.organization_id
        row.seal = head.seal = _digest(row, head.seal)
    Writing().update(rows, _SEALED).run()
    head.save()
    transaction.on_commit(lambda: log.info("audit.sealed", position=head.position, seal=head.seal, records=len(rows)))
    return len(rows)


def _locked_head() -> AuditHead:
    AuditHead.objects.get_or_create(pk=1)
    return AuditHead.objects.select_for_update().get(pk=1)


def _digest(row: AuditRecord, previous: str) -> str:
    said = {
        "previous": previous,
        "position": row.position,
        "id": row.pk,
        "occurred_at": row.occurred_at.isoformat(),
        "actor": row.sealed_actor,
        "actor_label": row.actor_label,
        "organization": row.sealed_organization,
        "verb": row.verb,
        "subject": row.subject,
        "facts": row.facts,
        "request_id": row.request_id,
    }
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def _walk(kept: Sequence[tuple[int, str]]) -> tuple[int, str, Break | None]:
    """Position and seal of the last record that holds, and what breaks the chain after it.

    Sealing may go on meanwhile: what is sealed during the walk is walked too, or left for the next one.
    """
    position, last, newest = 0, "", datetime.min.replace(tzinfo=UTC)
    for row in AuditRecord.objects.exclude(position=None).order_by("position").iterator(_BATCH):
        if row.position != position + 1:
            return position, last, Break(position=position + 1, record=None, reason="the record is missing")
        if reason := _fault(row, last, newest, kept):
            return position, last, Break(position=row.position, record=row, reason=reason)
        position, last, newest = row.position, row.seal, max(newest, row.occurred_at)
    if position < max((place for place, _ in kept), default=0):
        return position, last, Break(position=position + 1, record=None, reason="the record is missing")
    return position, last, None


def _fault(row: AuditRecord, previous: str, newest: datetime, kept: Sequence[tuple[int, str]]) -> str | None:
    if _digest(row, previous) != row.seal:
        return "it is not what was sealed"
    if any(place == row.position and seal != row.seal for place, seal in kept):
        return "its seal is not the one that was kept"
    if not (
        _refers(row.actor_id, row.sealed_actor, User)
        and _refers(row.organization_id, row.sealed_organization, Organization)
    ):
        return "it names somebody else than was sealed"
    if newest - row.occurred_at > LATE_AT_MOST:
        return "it is older than those before it: it was slipped in"
    return None


def _refers(key: int | None, sealed: int | None, model: type[Model]) -> bool:
    """The same as was sealed; or nothing, once the row it was is gone."""
    return key == sealed or (key is None and not model._base_manager.filter(pk=sealed).exists())
