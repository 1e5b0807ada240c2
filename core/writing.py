"""Rows gathered and written together, for what is written with every call. Knows no model, opens no transaction.

On PostgreSQL all of it is one statement; elsewhere a statement a part. There the rows of a part travel as one JSON
text, and the statement is the same for two and for hundreds: a parameter for each value, or an array for each column,
costs more to send than the server needs for all the rest, and its planner would think anew about arrays of each length.
A row that is alone in its part comes as parameters where statements go straight (:mod:`core.statements`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Field, JSONField, Model
from msgspec.json import Encoder
from psycopg import Binary

from core import statements

Fields = tuple["Field[Any, Any]", ...]


class NotAtOnce(Exception):
    """It cannot be written without holding rows: somebody changed one meanwhile. Nothing was written."""


@dataclass(frozen=True, slots=True)
class _Part:
    #: With ONLY_IF where a further condition may stand.
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
        self._is_postgresql = self._connection.vendor == "postgresql"
        self._goes_straight = statements.goes_straight(self._connection)
        self._parts: list[_Part] = []
        self._afterwards: list[Callable[[], None]] = []
        self._is_guarded = False
        self._then: list[Callable[[], None]] = []

    def insert(self, rows: Sequence[Model]) -> Writing:
        """All of one model; they have their keys after ``run``."""
        if rows:
            model = type(rows[0])
            sql = _insert_sql(model, self._count(rows))
            self._parts.append(_Part(sql, self._values(rows, _inserted(model), adds=True), rows, makes_keys=True))
        return self

    def update(self, rows: Sequence[Model], names: tuple[str, ...]) -> Writing:
        """These columns of these rows, by primary key. ``run`` fails where one of them is not there."""
        if rows:
            model = type(rows[0])
            sql = _update_sql(model, names, self._count(rows))
            values = self._values(rows, _updated(model, names), adds=False)
            self._parts.append(_Part(sql, values, rows, makes_keys=False))
        return self

    def update_unchanged(self, row: Model, names: tuple[str, ...], **was: Any) -> Writing:
        """The same of a row that nobody holds: where these columns are no longer as they were, nothing at all is
        written, of no part. Once in a Writing, and on PostgreSQL only.
        """
        model = type(row)
        sql = _guarded_sql(model, names, tuple(was), self._count([row]))
        # By its key once more, beside the new values: so the server knows that it is about one row.
        values = [*self._values([row], _updated(model, names), adds=False), row.pk, *was.values()]
        self._is_guarded = True
        self._parts.insert(0, _Part(sql, values, [row], makes_keys=False))
        return self

    def add(self, sql: str, values: list[Any], *, first: bool = False) -> Writing:
        """Any other statement, which returns the keys of its rows."""
        place = int(self._is_guarded) if first else len(self._parts)
        self._parts.insert(place, _Part(sql, values, rows=None, makes_keys=False))
        return self

    def then(self, callback: Callable[[], None]) -> Writing:
        """Called when what was written is committed."""
        self._then.append(callback)
        return self

    def afterwards(self, act: Callable[[], None]) -> Writing:
        """What needs the keys of rows that are written here: ``run`` calls it at its end."""
        self._afterwards.append(act)
        return self

    def run(self) -> None:
        """Raises NotAtOnce, see :meth:`update_unchanged`."""
        for part, keys in zip(self._parts, self._keys(), strict=True):
            if part.rows is None:
                continue
            if len(keys) != len(part.rows):
                raise self._missing(len(part.rows) - len(keys))
            if part.makes_keys:
                _adopt(part.rows, keys)
        for act in self._afterwards:
            act()
        for callback in self._then:
            self._connection.on_commit(callback)

    def _missing(self, count: int) -> Exception:
        return LookupError(f"{count} rows were not there.") if not self._is_guarded else NotAtOnce()

    def _count(self, rows: Sequence[Model]) -> int:
        """How many rows the SQL is for; 0 where it is the same for any number, which come as JSON."""
        is_json = self._is_postgresql and (len(rows) > 1 or not self._goes_straight)
        return 0 if is_json else len(rows)

    def _values(self, rows: Sequence[Model], columns: _Columns, *, adds: bool) -> list[Any]:
        """Value by value, or one JSON text."""
        fields = columns.fields
        if not self._is_postgresql:
            return [self._prepared(field, row, adds) for row in rows for field in fields]
        table = [list(columns.plain(row)) for row in rows]
        for at in columns.odd:
            field = fields[at]
            for row, values in zip(rows, table, strict=True):
                is_json = type(field) is JSONField and values[at] is not None
                values[at] = _encode(values[at]).decode() if is_json else self._prepared(field, row, adds)
        if self._count(rows):
            return [value if value is None or type(value) is str else _as_text(value) for value in table[0]]
        names = _names(len(fields), 0)
        return [_as_json([dict(zip(names, values, strict=True)) for values in table])]

    def _prepared(self, field: Field[Any, Any], row: Model, adds: bool) -> Any:
        return field.get_db_prep_save(field.pre_save(row, adds), self._connection)

    def _keys(self) -> list[list[Any]]:
        """The primary keys of the rows that each part wrote, in their order."""
        if len(self._parts) < 2 or not self._is_postgresql:
            return [
                [key for (key,) in statements.run(part.sql.replace(ONLY_IF, ""), part.values)] for part in self._parts
            ]
        sql = _together(tuple([part.sql for part in self._parts]), self._is_guarded)
        keys: list[list[Any]] = [[] for _ in self._parts]
        for number, key in statements.run(sql, [value for part in self._parts for value in part.values]):
            keys[number].append(key)
        return keys


def _adopt(rows: Sequence[Model], keys: Iterable[Any]) -> None:
    (name,) = [field.attname for field in _keyed(type(rows[0]), ())]
    for row, key in zip(rows, keys, strict=True):
        setattr(row, name, key)
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS


# Where a part of several may get a further condition.
ONLY_IF = " /* only if */"

# --- The SQL, of our own names alone ------------------------------------------------------------------------------


@cache
def _written(model: type[Model]) -> Fields:
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _keyed(model: type[Model], names: tuple[str, ...]) -> Fields:
    fields = {field.name: field for field in model._meta.concrete_fields}
    assert model._meta.pk is not None
    return (model._meta.pk, *(fields[name] for name in names))


# What these hold goes into the JSON text as it is: nothing of what Django does with it on its way changes anything.
_AS_IT_IS = (
    models.BigAutoField,
    models.BigIntegerField,
    models.BooleanField,
    models.CharField,
    models.DateTimeField,
    models.ForeignKey,
    models.IntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.TextField,
    models.URLField,
)


@dataclass(frozen=True, slots=True)
class _Columns:
    """What is written of a row."""

    fields: Fields
    #: Reads all values of a row; those at the ``odd`` places have to be prepared.
    plain: Callable[[Model], tuple[Any, ...]]
    odd: list[int]


@cache
def _inserted(model: type[Model]) -> _Columns:
    return _columns(_written(model))


@cache
def _updated(model: type[Model], names: tuple[str, ...]) -> _Columns:
    return _columns(_keyed(model, names))


def _columns(fields: Fields) -> _Columns:
    odd = [
        number
        for number, field in enumerate(fields)
        if type(field) not in _AS_IT_IS or getattr(field, "auto_now", False)
    ]
    names = [field.attname for field in fields]
    # For a single name it would give no tuple.
    return _Columns(fields, attrgetter(*names) if len(names) > 1 else lambda row: (getattr(row, names[0]),), odd)


@cache
def _insert_sql(model: type[Model], count: int) -> str:
    fields = _written(model)
    columns = ", ".join(str(field.column) for field in fields)
    table, key = model._meta.db_table, _keyed(model, ())[0].column
    rows = f"SELECT {', '.join(_values_of(fields, count))} FROM {_new(fields, count)} WHERE true{ONLY_IF}"  # noqa: S608
    return f"INSERT INTO {table} ({columns}) {rows} RETURNING {key}"


@cache
def _update_sql(model: type[Model], names: tuple[str, ...], count: int) -> str:
    fields = _keyed(model, names)
    table, key = model._meta.db_table, fields[0].column
    _, *values = _values_of(fields, count)
    sets = ", ".join(f"{field.column} = {value}" for field, value in zip(fields[1:], values, strict=True))
    source = f"{_new(fields, count)} WHERE {table}.{key} = new.{_names(1, count)[0]}{ONLY_IF}"
    return f"UPDATE {table} SET {sets} FROM {source} RETURNING {table}.{key}"  # noqa: S608


@cache
def _guarded_sql(model: type[Model], names: tuple[str, ...], was: tuple[str, ...], count: int) -> str:
    fields, table = _keyed(model, was), model._meta.db_table
    assert all(type(field) in _AS_IT_IS for field in fields)
    unchanged = "".join(f" AND {table}.{field.column} = %s" for field in fields)
    return _update_sql(model, names, count).replace(ONLY_IF, unchanged)


@cache
def _together(parts: tuple[str, ...], is_guarded: bool) -> str:
    """Where the first part is a guard, the others write nothing unless it has found its row."""
    only_if = " AND EXISTS (SELECT FROM w0)" if is_guarded else ""
    heads = ", ".join(f"w{number} AS ({sql.replace(ONLY_IF, only_if)})" for number, sql in enumerate(parts))
    # The guard is worked through as soon as another part asks for it.
    numbers = [*range(1, len(parts)), 0] if is_guarded else range(len(parts))
    return f"WITH {heads} " + " UNION ALL ".join(f"SELECT {number}, * FROM w{number}" for number in numbers)  # noqa: S608


@cache
def _names(fields: int, count: int) -> tuple[str, ...]:
    """Of columns of the new rows: as VALUES calls them; short ones where they stand with every value."""
    return tuple(f"{'column' if count else 'c'}{number}" for number in range(1, fields + 1))


def _new(fields: Fields, count: int) -> str:
    """The new rows as a table called so, its columns numbered from one: of a JSON text, or of lists of values."""
    if count:
        # What a single row's texts are, PostgreSQL has to be told.
        is_typed = connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
        row = ", ".join(f"CAST(%s AS {_type_of(field)})" if is_typed else "%s" for field in fields)
        return f"(VALUES {', '.join([f'({row})'] * count)}) AS new"
    names = _names(len(fields), count)
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
    names = _names(len(fields), count)
    if count:
        return [f"new.{name}" for name in names]
    return [_UNPACKED.get(_type_of(field), "new.{}").format(name) for name, field in zip(names, fields, strict=True)]


def _type_of(field: Field[Any, Any]) -> str:
    """Without its length: a cast cuts off what is too long, where the column itself refuses it."""
    return (field.rel_db_type(connections[DEFAULT_DB_ALIAS]) or "text").partition("(")[0]


# --- The texts ----------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """What the encoder does not know: psycopg's wrapper of bytes, and what is lazy."""
    return value.obj if isinstance(value, Binary) else str(value)


_encode = Encoder(enc_hook=_plain).encode


def _as_json(table: list[dict[str, Any]]) -> str:
    return _encode(table).decode()


def _as_text(value: Any) -> str | bytes:
    """As PostgreSQL reads it. Nothing but texts, bytes and NULL is sent: so a statement is planned once for all values
    but those.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Binary):
        return bytes(value.obj)
    return str(value)
