"""The receipt of an erasure: what was deleted when, who was told and answered, and where that is sealed.

It names no candidate. Its ``statement`` is what the digest is over; what came later stands beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import rfc8785

from assessments.models import Erasure, ErasureNotice
from core.models import AuditRecord

ERASED = "candidate.erased"
ACKNOWLEDGED = "erasure.acknowledged"
SWEPT = "erasure.swept"


def statement(erasure: Erasure, notices: Iterable[ErasureNotice]) -> dict[str, Any]:
    """What was done in the one transaction: ids, moments and counts."""
    return {
        "erasure": erasure.public_id,
        "organization": erasure.organization.public_id,
        "candidate": erasure.candidate.public_id,
        "ground": erasure.ground,
        "reference": erasure.reference,
        "erased_at": erasure.erased_at.isoformat(),
        "deleted": erasure.counts,
        "told": [
            {
                "partner": notice.partner.public_id,
                "installation": notice.installation.public_id,
                "orders": notice.orders,
            }
            for notice in notices
        ],
    }


def digest_of(erasure: Erasure, notices: Iterable[ErasureNotice]) -> str:
    """SHA-256 (hex) of the statement in RFC 8785 canonical JSON."""
    return hashlib.sha256(rfc8785.dumps(statement(erasure, notices))).hexdigest()


def receipt(erasure: Erasure) -> dict[str, Any]:
    """The whole, as it stands now: the statement with its digest and seal, and each partner's answer with its own."""
    notices = list(erasure.notices.select_related("partner", "installation").order_by("id"))
    records = _records(erasure)
    return {
        "statement": statement(erasure, notices),
        "digest": erasure.digest,
        "sealed": _seal(records.get((ERASED, ""))),
        "traces_removed_at": erasure.swept_at.isoformat() if erasure.swept_at else None,
        "acknowledgements": [_answer(notice, records) for notice in notices],
    }


def _answer(notice: ErasureNotice, records: dict[tuple[str, str], AuditRecord]) -> dict[str, Any]:
    """Without the partner's words: nobody knows whom they name."""
    answered, erased = notice.acknowledged_at, notice.erased_at
    return {
        "partner": notice.partner.public_id,
        "name": notice.partner.name,
        "told_at": notice.told_at.isoformat() if notice.is_told else None,
        "acknowledged_at": answered.isoformat() if answered else None,
        "erased_at": erased.isoformat() if erased else None,
        "sealed": _seal(records.get((ACKNOWLEDGED, notice.installation.public_id))),
    }


def _records(erasure: Erasure) -> dict[tuple[str, str], AuditRecord]:
    """Those of the deed and of each answer, by verb and installation."""
    subjects = (erasure.candidate.public_id, erasure.public_id)
    rows = AuditRecord.objects.filter(subject__in=subjects, verb__in=(ERASED, ACKNOWLEDGED)).order_by("pk")
    return {(row.verb, str(row.facts.get("installation", ""))): row for row in rows}


def _seal(record: AuditRecord | None) -> dict[str, Any] | None:
    """The record's place in the audit chain; None until it is sealed, some seconds after the deed."""
    if record is None or record.position is None:
        return None
    return {"position": record.position, "seal": record.seal}
