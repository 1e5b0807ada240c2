"""Changing the encryption key: finds every sealed column from the models and seals it again under the first key.

The product may run meanwhile: a row is only replaced while it holds what was read. A run that was cut short is simply
run again; what is current is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models, transaction

from core import secrets
from core.fields import SealedBytesField, SealedTextField

_BATCH = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    model: type[models.Model]
    name: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"


@dataclass(kw_only=True, slots=True)
class Tally:
    """How many rows of a column: sealed by the first key, by an older one, by none of the list."""

    current: int = 0
    old: int = 0
    lost: int = 0


def sealed_columns() -> list[Column]:
    return [
        Column(model=model, name=field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedTextField | SealedBytesField)
    ]


def survey(column: Column) -> Tally:
    """What stands under which key; writes nothing."""
    tally = Tally()
    for page in _pages(column):
        for _, stored in page:
            _count(tally, _token(stored))
    return tally


def rotate(column: Column) -> Tally:
    """Seals again what is under an old key (``old`` says how many), and leaves alone what no key opens."""
    tally = Tally()
    for page in _pages(column):
        with transaction.atomic():
            for key, stored in page:
                if (fresh := _count(tally, _token(stored))) is not None:
                    _replace(column, key, stored, fresh)
    return tally


def _pages(column: Column) -> Iterator[list[tuple[Any, Any]]]:
    """Primary key and value of the rows that hold something, some at a time."""
    rows = column.model._base_manager.order_by("pk").exclude(**{column.name: _empty(column)})
    last: Any = None
    while page := list((rows.filter(pk__gt=last) if last else rows).values_list("pk", column.name)[:_BATCH]):
        yield page
        last = page[-1][0]


def _token(stored: Any) -> str:
    return stored if isinstance(stored, str) else bytes(stored).decode()


def _count(tally: Tally, token: str) -> str | None:
    """Counts one row; the token under the first key if it was under an older one."""
    if secrets.is_current(token):
        tally.current += 1
        return None
    try:
        fresh = secrets.encrypt(secrets.decrypt(token))
    except secrets.Undecipherable:
        tally.lost += 1
        return None
    tally.old += 1
    return fresh


def _replace(column: Column, key: Any, stored: Any, fresh: str) -> None:
    """Unless somebody wrote or deleted the row meanwhile: theirs is under the first key already."""
    value = fresh if isinstance(stored, str) else fresh.encode()
    column.model._base_manager.filter(pk=key, **{column.name: stored}).update(**{column.name: value})


def _empty(column: Column) -> str | bytes:
    return "" if isinstance(column.model._meta.get_field(column.name), SealedTextField) else b""
