"""The catalogue of a partner connected by its protocol: asked for on connecting, on demand and daily, or told by it.

What it no longer names is retired, what has another name is followed, what comes back is on offer again; orders in
flight live on. A refresh that fails changes nothing and says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import structlog
from django.db import transaction
from django.utils import timezone

from assessments.dialects import table
from assessments.dialects.base import Capability, Dialect, Unreadable
from assessments.dialects.table import DIALECTS
from assessments.dialects.values import OfferedType
from assessments.models import AssessmentType, CatalogueRefresh
from assessments.services import catalogue, leases
from core import http
from core.errors import DomainError, ValidationFailed
from partners.delivery import asking
from partners.delivery.auth import Unsendable
from partners.delivery.wake import Bell
from partners.errors import PartnerSuspended
from partners.models import Installation, Partner, Purpose

log = structlog.get_logger(__name__)

REFRESH_DUE = "assessments.refresh_catalogues"
DAILY = timedelta(hours=24)
# After a failure: of one that never told yet, and of one that we know.
SOON_AGAIN, LATER_AGAIN = timedelta(minutes=1), timedelta(hours=1)
# In one run, one after the other; each asks for the catalogue, and perhaps for the order form.
MOST_AT_ONCE, CALLS = 20, 2
# Columns of AssessmentType.
LONGEST_KEY, LONGEST_NAME, LONGEST_DESCRIPTION = 80, 120, 2_000
# No vendor sells more; a program that runs wild must not fill the table.
MOST = 2_000

Outcome = CatalogueRefresh.Outcome
_ring = Bell(REFRESH_DUE).ring


@dataclass(kw_only=True, slots=True)
class Tally:
    """What a catalogue changed."""

    offered: int = 0
    new: int = 0
    renamed: int = 0
    back: int = 0
    retired: int = 0
    skipped: int = 0

    @property
    def sentence(self) -> str:
        """``12 assessments: 1 new, 2 renamed. 1 entry was left out: …``"""
        words = {"new": self.new, "renamed": self.renamed, "back again": self.back, "retired": self.retired}
        changes = ", ".join(f"{count} {word}" for word, count in words.items() if count) or "nothing changed"
        said = f"{_counted(self.offered, 'assessment')}: {changes}."
        if self.skipped:
            said += f" {_counted(self.skipped, 'entry', 'entries')} without a usable id or name left out."
        return said


def schedule(installation: Installation) -> None:
    """Its catalogue is asked for soon, and daily from then on, where the protocol can."""
    row = _row(installation)
    if Capability.CATALOGUE in dialect_of(installation).offers:
        CatalogueRefresh.objects.filter(pk=row.pk).update(next_at=timezone.now())
        transaction.on_commit(_ring)


def refresh_due() -> int:
    """Those whose day has come; returns how many."""
    rows = CatalogueRefresh.objects.select_related("installation__partner", "installation__organization")
    for done in range(MOST_AT_ONCE):
        claimed = leases.take(CatalogueRefresh.objects.all(), most=1, calls=CALLS)
        if not claimed:
            return done
        _refresh(rows.get(pk=claimed[0]))
    return MOST_AT_ONCE


def refresh(installation: Installation) -> CatalogueRefresh:
    """Asks now, unless that is under way; the row says what came of it. Not inside a transaction."""
    row = _row(installation)
    if leases.take_one(CatalogueRefresh.objects.all(), row.pk, calls=CALLS):
        row.installation = installation
        _refresh(row)
    row.refresh_from_db()
    return row


def push(installation: Installation, raw: bytes) -> Tally:
    """The partner tells by itself all that it offers. Raises Unreadable, ValidationFailed."""
    offered = dialect_of(installation).read_pushed_catalogue(raw)
    tally = take(installation, offered, order_schema="")
    _note(_row(installation), Outcome.DONE, tally.sentence)
    return tally


def last_of(installation: Installation) -> CatalogueRefresh | None:
    return CatalogueRefresh.objects.filter(installation=installation).first()


def dialect_of(installation: Installation) -> Dialect:
    return DIALECTS[installation.partner.dialect]


# --- Asking -----------------------------------------------------------------------------------------------------------


def _refresh(row: CatalogueRefresh) -> None:
    installation = row.installation
    outcome, sentence = Outcome.FAILED, ""
    try:
        if installation.status == Installation.Status.REMOVED:
            CatalogueRefresh.objects.filter(pk=row.pk).update(next_at=None, claimed_until=None)
            return
        offered, order_schema = _asked(installation)
        outcome, sentence = Outcome.DONE, take(installation, offered, order_schema=order_schema).sentence
    except Unreadable as error:
        sentence = error.sentence
    except Unsendable as problem:
        sentence = f"It could not be asked: {problem}."
    except http.Failure as failure:
        sentence = f"No answer: {failure}."
    except DomainError as refusal:
        sentence = refusal.detail
    except Exception:
        log.exception("catalogue_refresh_broke", installation=installation.public_id)
        sentence = "Something broke on our side."
    _note(row, outcome, sentence)


def _asked(installation: Installation) -> tuple[Sequence[OfferedType], str]:
    """What it offers and the order schema of all of it, both or nothing. A suspended partner is not called."""
    if installation.partner.is_suspended:
        raise PartnerSuspended("The partner is suspended.")
    dialect = dialect_of(installation)
    offered = dialect.read_catalogue(asking.ask(installation, dialect.ask_catalogue(installation.public_id)))
    endpoint = asking.address_of(installation, Purpose.FIELDS)
    if Capability.FIELDS not in dialect.offers or endpoint is None or not endpoint.enabled:
        return offered, ""
    fields = dialect.read_fields(asking.ask(installation, dialect.ask_fields(installation.public_id)))
    return offered, json.dumps(fields, ensure_ascii=False) if fields.get("properties") else ""


def _row(installation: Installation) -> CatalogueRefresh:
    return CatalogueRefresh.objects.get_or_create(installation=installation)[0]


def _note(row: CatalogueRefresh, outcome: Outcome, sentence: str) -> None:
    now = timezone.now()
    failed = LATER_AGAIN if row.done_at else SOON_AGAIN
    wait = DAILY if outcome == Outcome.DONE else failed
    asks = Capability.CATALOGUE in dialect_of(row.installation).offers
    CatalogueRefresh.objects.filter(pk=row.pk).update(
        claimed_until=None,
        next_at=now + wait if asks else None,
        outcome=outcome,
        at=now,
        sentence=sentence[:500],
        **({"done_at": now} if outcome == Outcome.DONE else {}),
    )
    log.info("catalogue_refreshed", installation=row.installation.public_id, outcome=outcome.value)


# --- Taking -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def take(installation: Installation, offered: Iterable[OfferedType], *, order_schema: str) -> Tally:
    """Makes the partner's types these. Raises ValidationFailed (too many, an order schema that cannot be one)."""
    partner = Partner.objects.select_for_update(no_key=True).get(pk=installation.partner_id)
    tally, entries = _usable(offered)
    if len(entries) > MOST:
        raise ValidationFailed(f"The catalogue has more than {MOST} entries.")
    known = {row.key: row for row in AssessmentType.objects.filter(partner=partner)}
    for key, entry in entries.items():
        _put(partner, known.get(key), entry, order_schema, tally)
    for key, row in known.items():
        if key not in entries and row.retired_at is None:
            catalogue.retire(partner, key)
            tally.retired += 1
    return tally


def _usable(offered: Iterable[OfferedType]) -> tuple[Tally, dict[str, OfferedType]]:
    """By their ids, of twins the first; one without an id or a name says nothing that could be ordered."""
    tally, entries = Tally(), dict[str, OfferedType]()
    for entry in offered:
        key, name = entry.key.strip(), " ".join(entry.name.split())
        if not key or not name or len(key) > LONGEST_KEY or not key.isprintable():
            tally.skipped += 1
        elif key not in entries:
            entries[key] = OfferedType(
                key=key, name=name[:LONGEST_NAME], description=entry.description[:LONGEST_DESCRIPTION], kind=entry.kind
            )
    tally.offered = len(entries)
    return tally, entries


def _put(partner: Partner, row: AssessmentType | None, entry: OfferedType, order_schema: str, tally: Tally) -> None:
    """Writes only what changed: the audit log tells of changes, not of days."""
    tally.new += row is None
    tally.back += row is not None and row.retired_at is not None
    tally.renamed += row is not None and row.name != entry.name
    if row is None or _differs(row, entry, order_schema):
        row, _ = catalogue.put_type(
            partner,
            entry.key,
            name=entry.name,
            description=entry.description,
            kind=_kind(entry, row),
            order_schema_text=order_schema,
            terms=_terms(row),
        )
    current, text = catalogue.current_schema(row), schema_text(partner.dialect)
    if current is None or current.text != text:
        catalogue.publish(catalogue.draft_schema(row, text))


def _differs(row: AssessmentType, entry: OfferedType, order_schema: str) -> bool:
    stands = (row.name, row.description, row.kind, row.order_schema, row.retired_at)
    return stands != (entry.name, entry.description, _kind(entry, row), order_schema, None)


def _kind(entry: OfferedType, row: AssessmentType | None) -> str:
    return entry.kind or (row.kind if row else AssessmentType.Kind.OTHER.value)


def _terms(row: AssessmentType | None) -> catalogue.Terms:
    """Those that hold already: no protocol tells any."""
    if row is None:
        return catalogue.USUAL
    return catalogue.Terms(
        deadline_days=row.deadline_days,
        cool_down_days=row.cool_down_days,
        counts=row.counts,
        valid_months=row.valid_months,
        remind_after_days=row.remind_after_days,
    )


@cache
def schema_text(dialect: str) -> str:
    """The result schema that a dialect ships."""
    return Path(table.__file__).with_name(f"{dialect}.schema.json").read_text(encoding="utf-8")


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
