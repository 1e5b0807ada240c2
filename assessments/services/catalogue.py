"""The verbs on a Partner's catalogue: put, replace and retire types; draft and publish result schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.errors import SchemaRetired
from assessments.models import AssessmentType, ResultSchema
from assessments.schemas import policy
from assessments.schemas.audience import Audiences
from assessments.schemas.durations import retentions_in
from assessments.schemas.order_schema import check_order_schema
from assessments.schemas.problems import Problem
from assessments.services.digests import digest_of
from core import audit
from core.errors import ValidationFailed
from partners.models import Partner

State = ResultSchema.State
# Given the type that is about to be changed, or None where there is none: raises where the change was not meant for it.
Condition = Callable[[AssessmentType | None], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What holds for the orders of a type, named as its columns; without a word from the partner, this."""

    deadline_days: int | None = None
    cool_down_days: int = 0
    counts: str = AssessmentType.Counts.LATEST
    valid_months: int | None = None
    remind_after_days: int = 3
    retention: str = ""


USUAL = Terms()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a catalogue. ``order_schema_text`` is the exact text received; empty: nothing to fill in."""

    key: str
    name: str
    description: str = ""
    kind: str = AssessmentType.Kind.OTHER
    order_schema_text: str = ""
    terms: Terms = USUAL


def _always(*_: object) -> None:
    """The condition of a change that has none."""


def put_type(
    partner: Partner,
    key: str,
    *,
    name: str,
    description: str,
    kind: str,
    order_schema_text: str,
    terms: Terms = USUAL,
    condition: Condition = _always,
) -> tuple[AssessmentType, bool]:
    """Creates the type, or replaces what is said of it; a retired one is on offer again. True if it was created.

    Raises what ``condition`` does, and ValidationFailed with every problem of the order schema below ``/order_schema``.
    """
    entry = Entry(
        key=key, name=name, description=description, kind=kind, order_schema_text=order_schema_text, terms=terms
    )
    _refuse(_order_schema_problems(entry, "/order_schema"))
    with transaction.atomic():
        _take_turns(partner)
        condition(AssessmentType.objects.filter(partner=partner, key=key).first())
        return _put(partner, entry)


def replace_all(
    partner: Partner, entries: Iterable[Entry], *, condition: Callable[[], None] = _always
) -> list[AssessmentType]:
    """The whole catalogue, all or nothing: what is not among the entries is retired.

    Raises what ``condition`` does, and ValidationFailed with every problem of every order schema below
    ``/data/…/order_schema``.
    """
    wanted = list(entries)
    problems = [
        problem
        for number, entry in enumerate(wanted)
        for problem in _order_schema_problems(entry, f"/data/{number}/order_schema")
    ]
    _refuse(problems)
    with transaction.atomic():
        _take_turns(partner)
        condition()
        kept = [_put(partner, entry)[0] for entry in wanted]
        for row in AssessmentType.objects.filter(partner=partner, retired_at=None).exclude(pk__in=[r.pk for r in kept]):
            _retire(row)
        return kept


def retire(partner: Partner, key: str, *, condition: Condition = _always) -> AssessmentType:
    """No new order from now on; orders in flight live on. Retired already: nothing happens.

    Raises AssessmentType.DoesNotExist, and what ``condition`` does.
    """
    with transaction.atomic():
        _take_turns(partner)
        row = AssessmentType.objects.get(partner=partner, key=key)
        condition(row)
        if row.retired_at is None:
            _retire(row)
        return row


def draft_schema(
    assessment_type: AssessmentType, text: str, *, condition: Callable[[], None] = _always
) -> ResultSchema:
    """A new draft with the next number; the newest version instead, if it says the same and is not retired.

    Raises what ``condition`` does, and ValidationFailed with every problem of the schema; the pointers lead into it.
    """
    _refuse(_schema_problems(text))
    fingerprint = digest_of(json.loads(text), text=text)
    with transaction.atomic():
        # The row of the type is the queue for numbers.
        AssessmentType.objects.select_for_update(no_key=True).get(pk=assessment_type.pk)
        condition()
        newest = assessment_type.result_schemas.order_by("-version").first()
        if newest is not None and newest.digest == fingerprint and newest.state != State.RETIRED:
            return newest
        return ResultSchema.objects.create(
            assessment_type=assessment_type,
            version=newest.version + 1 if newest else 1,
            text=text,
            digest=fingerprint,
        )


def publish(schema: ResultSchema, *, condition: Callable[[ResultSchema], None] = _always) -> ResultSchema:
    """From now on immutable, and the version of new orders; earlier versions are retired. Published: nothing happens.

    Orders placed before keep the version they were placed with. Raises what ``condition`` does, and SchemaRetired.
    """
    with transaction.atomic():
        row = AssessmentType.objects.select_for_update(no_key=True).get(pk=schema.assessment_type_id)
        versions = ResultSchema.objects.filter(assessment_type=row)
        schema.refresh_from_db()
        condition(schema)
        if schema.state == State.RETIRED:
            raise SchemaRetired
        if schema.state == State.DRAFT:
            says = promoted(schema.text)
            versions.filter(pk=schema.pk).update(state=State.PUBLISHED, published_at=timezone.now(), **says)
            versions.filter(version__lt=schema.version).exclude(state=State.RETIRED).update(state=State.RETIRED)
            audit.record("schema.published", actor=row.partner.public_id, subject=row.public_id, version=schema.version)
            schema.refresh_from_db()
        return schema


def promoted(schema_text: str) -> dict[str, Any]:
    """What of a schema stands in columns."""
    schema = json.loads(schema_text)
    return {"retention": " ".join(retentions_in(schema)), "restricts": Audiences(schema).restricts}


def current_schema(assessment_type: AssessmentType) -> ResultSchema | None:
    """The newest published version: what new orders are answered by."""
    return assessment_type.result_schemas.filter(state=State.PUBLISHED).order_by("-version").first()


def text_of(schema: ResultSchema) -> str:
    """Its text, also where ``schema`` was read without it: texts are long, few, and asked for with every result."""
    return _text(schema.pk, schema.digest)


@lru_cache(maxsize=256)
def _text(pk: int, _digest: str) -> str:
    """Kept under the digest as well: what a draft says may change."""
    text: str = ResultSchema.objects.values_list("text", flat=True).get(pk=pk)
    return text


def _take_turns(partner: Partner) -> None:
    """Two changes of a catalogue at once are one after the other: the last replacement is the catalogue, and nothing
    changes between a condition and its write."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)


def _put(partner: Partner, entry: Entry) -> tuple[AssessmentType, bool]:
    row, is_new = AssessmentType.objects.update_or_create(
        partner=partner,
        key=entry.key,
        defaults={
            "name": entry.name,
            "description": entry.description,
            "kind": entry.kind,
            "order_schema": entry.order_schema_text,
            "retired_at": None,
            **asdict(entry.terms),
        },
    )
    _record("put", row)
    return row, is_new


def _retire(row: AssessmentType) -> None:
    row.retired_at = timezone.now()
    row.save(update_fields=["retired_at", "updated_at"])
    _record("retired", row)


def _record(verb: str, row: AssessmentType) -> None:
    audit.record(f"assessment_type.{verb}", actor=row.partner.public_id, subject=row.public_id, key=row.key)


@lru_cache(maxsize=32)
def _schema_problems(text: str) -> tuple[dict[str, str], ...]:
    """Kept by the text: a partner connected by its protocol has the same schema for all of its types."""
    return tuple(problem.as_json() for problem in policy.check(text))


def _order_schema_problems(entry: Entry, pointer: str) -> list[dict[str, str]]:
    problems: Sequence[Problem] = check_order_schema(entry.order_schema_text) if entry.order_schema_text else ()
    return [{**problem.as_json(), "pointer": pointer + problem.pointer} for problem in problems]


def _refuse(problems: Sequence[dict[str, Any]]) -> None:
    if problems:
        raise ValidationFailed("The schema cannot be taken as it is.", problems=problems)
