"""Statements that every call sends. On PostgreSQL they go straight to libpq, inside a transaction by a bare cursor of
psycopg's; what they say is others' matter.

A cursor of psycopg inside one of Django's costs several times what the server needs for a small statement, most of it
to find out anew what the last call knew: how its placeholders are numbered, which types its values have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import errors, pq
from psycopg.adapt import AdaptersMap, Transformer

Value = str | int | datetime | bytes | None
Rows = list[tuple[Any, ...]]

_ANSWERED = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
# Of a connection: each takes memory of the server. Lists of every length make statements of their own.
_MOST_KEPT = 100
# invalid_sql_statement_name
_FORGOTTEN = b"26000"
_PLACEHOLDER = re.compile("%[%st]")
# The server's numbers of types. What a text is, it finds out from where it stands.
_TEXT, _MOMENT, _BYTES = 0, 1184, 17
_TYPES: dict[type, int] = {int: 20, bool: 16, datetime: _MOMENT, bytes: _BYTES}


def run(sql: str, values: Sequence[Value]) -> Rows:
    """The rows that a statement with Django's placeholders gives; raises what a cursor of Django's would."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if goes_straight(connection):
        return _run_straight(connection, sql, values)
    if _is_watched(connection):
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        cursor = _known(connection).cursor.execute(_numbered(sql), values)
        return list(cursor.fetchall())


def goes_straight(connection: Any) -> bool:
    """Not inside a transaction, which psycopg begins; nor where somebody watches what is asked."""
    if _is_watched(connection):
        return False
    if connection.connection is None:
        connection.ensure_connection()
    return bool(connection.connection.autocommit) and not connection.in_atomic_block


def _is_watched(connection: Any) -> bool:
    """Or of a database that has no libpq."""
    return bool(connection.vendor != "postgresql" or connection.queries_logged or connection.execute_wrappers)


def _known(connection: Any) -> _Known:
    """With the connection it lives and ends."""
    driver: psycopg.Connection[Any] = connection.connection
    known: _Known = driver.__dict__.get("statements") or driver.__dict__.setdefault("statements", _Known(driver))
    return known


def _run_straight(connection: Any, sql: str, values: Sequence[Value]) -> Rows:
    known = _known(connection)
    types = tuple([_TYPES.get(type(value), _TEXT) for value in values])
    try:
        result = known.execute(sql, types, _all_written(values))
    except psycopg.Error as error:
        # Outside: it costs something each time it is entered.
        with connection.wrap_database_errors:
            raise error
    known.reader.set_pgresult(result)
    return known.reader.load_rows(0, result.ntuples, tuple)


def _refusal(result: pq.abc.PGresult) -> psycopg.Error:
    """Without a state it does not come from the server: that is gone."""
    if result.error_field(pq.DiagnosticField.SQLSTATE) is None:
        return psycopg.OperationalError(result.get_error_message())
    return errors.error_from_result(result)


def _all_written(values: Sequence[Value]) -> list[bytes | None]:
    """As texts; bytes as they are."""
    written = [
        value if value is None or type(value) is bytes else (value if type(value) is str else _text(value)).encode()
        for value in values
    ]
    if b"\x00" in b"".join([text for text, value in zip(written, values, strict=True) if text and text is not value]):
        # libpq would take what stands before it for the whole.
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return written


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@cache
def _numbered(sql: str) -> bytes:
    """With the server's own placeholders."""
    numbers = count(1)
    return _PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql).encode()


class _Known:
    """What one connection knows of the statements that it was sent: their names there, and how to read their rows."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver.pgconn
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._numbers = count()
        # psycopg's own reader of moments; the one that Django puts in its place is written in Python.
        adapters = AdaptersMap(driver.adapters)
        moments = psycopg.adapters.get_loader(_MOMENT, pq.Format.TEXT)
        assert moments is not None
        adapters.register_loader(_MOMENT, moments)
        self.reader = Transformer(_Context(adapters, driver))
        #: For statements inside a transaction, which psycopg begins. Their placeholders are numbered already.
        self.cursor = psycopg.RawCursor(driver)
        self.cursor.adapters.register_loader(_MOMENT, moments)

    def execute(self, sql: str, types: tuple[int, ...], values: list[Any]) -> pq.abc.PGresult:
        name = self._names.get((sql, types)) or self._prepare(sql, types)
        formats = [int(kind == _BYTES) for kind in types] if _BYTES in types else None
        result = self._driver.exec_prepared(name, values, formats)
        if result.status in _ANSWERED:
            return result
        if result.error_field(pq.DiagnosticField.SQLSTATE) != _FORGOTTEN:
            raise _refusal(result)
        # Nothing was done: somebody made the server forget all statements, as psycopg does after a rollback.
        self._names.clear()
        return self.execute(sql, types, values)

    def _prepare(self, sql: str, types: tuple[int, ...]) -> bytes:
        if len(self._names) >= _MOST_KEPT:
            self._driver.exec_(b"DEALLOCATE " + self._names.pop(next(iter(self._names))))
        name = b"assay_%d" % next(self._numbers)
        result = self._driver.prepare(name, _numbered(sql), types)
        if result.status not in _ANSWERED:
            raise _refusal(result)
        self._names[sql, types] = name
        return name


@dataclass(frozen=True)
class _Context:
    """psycopg's AdaptContext."""

    adapters: AdaptersMap
    connection: psycopg.Connection[Any]
