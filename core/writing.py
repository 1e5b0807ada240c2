"""Rows gathered and written together, for what is written with every call. Knows no model, opens no transaction.

On PostgreSQL all of it is one statement, the same for one row and for hundreds; elsewhere a statement a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model

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
        self._afterwards: list[Callable[[], None]] = []

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

    def afterwards(self, act: Callable[[], None]) -> Writing:
        """What needs the keys of rows that are written here: ``run`` calls it at its end."""
        self._afterwards.append(act)
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
        for act in self._afterwards:
            act()

    @property
    def _takes_arrays(self) -> bool:
        return self._connection.vendor == "postgresql"

    def _count(self, rows: Sequence[Model]) -> int:
        """0 where the SQL is the same for any number of rows."""
        return 0 if self._takes_arrays else len(rows)

    def _values(self, rows: Sequence[Model], fields: Fields, *, adds: bool) -> list[Any]:
        """An array for each column, or value by value."""
        table = [
            [field.get_db_prep_save(field.pre_save(row, adds), self._connection) for field in fields] for row in rows
        ]
        if self._takes_arrays:
            return [list(column) for column in zip(*table, strict=True)]
        return [value for values in table for value in values]

    def _keys(self, cursor: Any) -> list[list[Any]]:
        """The primary keys of the rows that each part wrote, in their order."""
        if len(self._parts) < 2 or not self._takes_arrays:
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
    return f"INSERT INTO {table} ({columns}) SELECT * FROM {_new(fields, count)} RETURNING {key}"  # noqa: S608


@cache
def _update_sql(model: type[Model], names: tuple[str, ...], count: int) -> str:
    fields = _keyed(model, names)
    table, key = model._meta.db_table, fields[0].column
    sets = ", ".join(f"{field.column} = new.column{number}" for number, field in enumerate(fields[1:], 2))
    source = f"{_new(fields, count)} WHERE {table}.{key} = new.column1"
    return f"UPDATE {table} SET {sets} FROM {source} RETURNING {table}.{key}"  # noqa: S608


@cache
def _together(parts: tuple[str, ...]) -> str:
    heads = ", ".join(f"w{number} AS ({sql})" for number, sql in enumerate(parts))
    return f"WITH {heads} " + " UNION ALL ".join(f"SELECT {number}, * FROM w{number}" for number in range(len(parts)))  # noqa: S608


def _new(fields: Fields, count: int) -> str:
    """The new rows as a table called so, its columns numbered from one: of arrays, or of so many lists of values."""
    if count:
        row = f"({', '.join(['%s'] * len(fields))})"
        return f"(VALUES {', '.join([row] * count)}) AS new"
    # Sent as bytes (%b): as text every quotation mark of a document would have to be escaped.
    arrays = ", ".join(f"CAST(%b AS {_type_of(field)}[])" for field in fields)
    return f"unnest({arrays}) AS new ({', '.join(f'column{number}' for number in range(1, len(fields) + 1))})"


def _type_of(field: Field[Any, Any]) -> str:
    """Without its length: a cast cuts off what is too long, where the column itself refuses it."""
    return (field.rel_db_type(connections[DEFAULT_DB_ALIAS]) or "text").partition("(")[0]
