"""Rows gathered and written together, for what is written with every call. Knows no model, opens no transaction.

On PostgreSQL all of it is one statement, the same for one row and for hundreds; elsewhere a statement a part. There
the rows of a part travel as one JSON text: a parameter for each value, or an array for each column, costs more to send
than the server needs for all the rest, and its planner would think anew about arrays of each length.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model
from psycopg.types.json import Jsonb

Fields = tuple["Field[Any, Any]", ...]


@dataclass(frozen=True, slots=True)
class _Part:
    sql: str
    values: list[Any]
    #: Those whose keys the statement returns; None where nobody knows how many that will be.
    rows: Sequence[Model] | None
    makes_keys: bool


class Writing:
    """``insert`` and ``update`` gather, ``run`` writes. No part sees what another one writes.

    It stands for ``bulk_create`` and ``bulk_update``, without their care for models with parents, conflicts and
    batches: a few hundred rows at a time.
    """

    def __init__(self) -> None:
        # The connection itself: its proxy looks it up anew for every value.
        self._connection = connections[DEFAULT_DB_ALIAS]
        self._parts: list[_Part] = []

    def insert(self, rows: Sequence[Model]) -> Writing:
        """All of one model; they have their keys after ``run``."""
        if rows:
            fields = _written(type(rows[0]))
            sql = _insert_sql(type(rows[0]), self._count(rows))
            self._parts.append(_Part(sql, self._values(rows, fields, adds=True), rows, makes_keys=True))
        return self

    def update(self, rows: Sequence[Model], names: tuple[str, ...]) -> Writing:
        """These columns of these rows, by primary key. ``run`` fails where one of them is not there."""
        if rows:
            fields = _keyed(type(rows[0]), names)
            sql = _update_sql(type(rows[0]), names, self._count(rows))
            self._parts.append(_Part(sql, self._values(rows, fields, adds=False), rows, makes_keys=False))
        return self

    def add(self, sql: str, values: list[Any]) -> Writing:
        """Any other statement, which returns the keys of its rows."""
        self._parts.append(_Part(sql, values, rows=None, makes_keys=False))
        return self

    def run(self) -> None:
        with self._connection.cursor() as cursor:
            for part, keys in zip(self._parts, self._keys(cursor), strict=True):
                if part.rows is None:
                    continue
                if len(keys) != len(part.rows):
                    raise LookupError(f"{len(keys)} of {len(part.rows)} rows were there.")
                if part.makes_keys:
                    _adopt(part.rows, keys)

    @property
    def _takes_json(self) -> bool:
        return self._connection.vendor == "postgresql"

    def _count(self, rows: Sequence[Model]) -> int:
        """0 where the SQL is the same for any number of rows."""
        return 0 if self._takes_json else len(rows)

    def _values(self, rows: Sequence[Model], fields: Fields, *, adds: bool) -> list[Any]:
        """One JSON text, or value by value."""
        table = [
            [field.get_db_prep_save(field.pre_save(row, adds), self._connection) for field in fields] for row in rows
        ]
        if self._takes_json:
            names = _names(len(fields))
            return [_as_json([dict(zip(names, values, strict=True)) for values in table])]
        return [value for values in table for value in values]

    def _keys(self, cursor: Any) -> list[list[Any]]:
        """The primary keys of the rows that each part wrote, in their order."""
        if len(self._parts) < 2 or not self._takes_json:
            found = []
            for part in self._parts:
                cursor.execute(part.sql, part.values)
                found.append([key for (key,) in cursor.fetchall()])
            return found
        sql = _together(tuple(part.sql for part in self._parts))
        cursor.execute(sql, [value for part in self._parts for value in part.values])
        keys: list[list[Any]] = [[] for _ in self._parts]
        for number, key in cursor.fetchall():
            keys[number].append(key)
        return keys


def _adopt(rows: Iterable[Model], keys: Iterable[Any]) -> None:
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS


# --- The SQL, of our own names alone ------------------------------------------------------------------------------


@cache
def _written(model: type[Model]) -> Fields:
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _keyed(model: type[Model], names: tuple[str, ...]) -> Fields:
    fields = {field.name: field for field in model._meta.concrete_fields}
    assert model._meta.pk is not None
    return (model._meta.pk, *(fields[name] for name in names))


@cache
def _insert_sql(model: type[Model], count: int) -> str:
    fields = _written(model)
    columns = ", ".join(str(field.column) for field in fields)
    table, key = model._meta.db_table, _keyed(model, ())[0].column
    values = ", ".join(_values_of(fields, count))
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {_new(fields, count)} RETURNING {key}"  # noqa: S608


@cache
def _update_sql(model: type[Model], names: tuple[str, ...], count: int) -> str:
    fields = _keyed(model, names)
    table, key = model._meta.db_table, fields[0].column
    _, *values = _values_of(fields, count)
    sets = ", ".join(f"{field.column} = {value}" for field, value in zip(fields[1:], values, strict=True))
    source = f"{_new(fields, count)} WHERE {table}.{key} = new.column1"
    return f"UPDATE {table} SET {sets} FROM {source} RETURNING {table}.{key}"  # noqa: S608


@cache
def _together(parts: tuple[str, ...]) -> str:
    heads = ", ".join(f"w{number} AS ({sql})" for number, sql in enumerate(parts))
    return f"WITH {heads} " + " UNION ALL ".join(f"SELECT {number}, * FROM w{number}" for number in range(len(parts)))  # noqa: S608


@cache
def _names(count: int) -> tuple[str, ...]:
    return tuple(f"column{number}" for number in range(1, count + 1))


def _new(fields: Fields, count: int) -> str:
    """The new rows as a table called so, its columns numbered from one: of a JSON text, or of lists of values."""
    if count:
        row = f"({', '.join(['%s'] * len(fields))})"
        return f"(VALUES {', '.join([row] * count)}) AS new"
    names = _names(len(fields))
    columns = (
        f"{name} {_CARRIED.get(_type_of(field), _type_of(field))}" for name, field in zip(names, fields, strict=True)
    )
    # Sent as text (%t): what it is, the function says.
    return f"json_to_recordset(CAST(%t AS json)) AS new ({', '.join(columns)})"


# What has no form of its own in the JSON text travels as text, and becomes what it was.
_CARRIED = {"bytea": "text", "jsonb": "text"}
_UNPACKED = {"bytea": "decode(new.{}, 'base64')", "jsonb": "CAST(new.{} AS jsonb)"}


def _values_of(fields: Fields, count: int) -> list[str]:
    """The expressions that give the columns' values."""
    names = _names(len(fields))
    if count:
        return [f"new.{name}" for name in names]
    return [_UNPACKED.get(_type_of(field), "new.{}").format(name) for name, field in zip(names, fields, strict=True)]


def _type_of(field: Field[Any, Any]) -> str:
    """Without its length: a cast cuts off what is too long, where the column itself refuses it."""
    return (field.rel_db_type(connections[DEFAULT_DB_ALIAS]) or "text").partition("(")[0]


# --- The JSON text ------------------------------------------------------------------------------------------------


def _plain(value: Any) -> str:
    """What the encoder does not know: moments, decimals, and psycopg's wrappers of JSON and of bytes."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Jsonb):
        dumps: Callable[[Any], str] = value.dumps or json.dumps
        return dumps(value.obj)
    return b64encode(value.obj).decode()


_as_json = json.JSONEncoder(default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
