"""What goes straight to PostgreSQL gives what a cursor of Django's gives, and breaks as it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import statements
from core.models import RememberedReply
from core.prepared import Prepared

# Elsewhere everything goes through a cursor.
pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("things")]

MOMENT = datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC)
INSERT = "INSERT INTO things (name) VALUES (%s) RETURNING id"
NAMES = "SELECT name FROM things ORDER BY id"


@pytest.fixture
def things(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A table of the connection's own, and no transaction around the test."""
    with django_db_blocker.unblock():
        by_cursor("CREATE TEMPORARY TABLE things (id serial PRIMARY KEY, name varchar(20) UNIQUE)")
        yield
        by_cursor("DROP TABLE IF EXISTS things")


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that went straight."""
    straight: list[str] = []
    real = statements._run_straight

    def noted(wrapper: Any, sql: str, values: Any) -> statements.Rows:
        straight.append(sql)
        return real(wrapper, sql, values)

    monkeypatch.setattr(statements, "_run_straight", noted)
    return straight


def by_cursor(sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT %s::text, %s::bigint, %s::text", ["é \x01 %s", 2**40, None]),
        ("SELECT %s + 1, %s", [5, True]),
        ("SELECT %s, now() > %s", [MOMENT, MOMENT]),
        ("SELECT 1.50::numeric, '{\"a\": 1}'::jsonb, 'x'::varchar, ARRAY['a', 'b'], 'ab'::bytea, NULL, false", []),
        ("SELECT 'a' LIKE 'a%%', %s::text", ["a%%b"]),
        ("SELECT n FROM generate_series(1, %s) AS n", [3]),
        ("SELECT 1 WHERE false", []),
    ],
)
def test_rows_are_those_of_a_cursor(spied: list[str], sql: str, values: list[Any]) -> None:
    for _ in range(2):
        assert statements.run(sql, values) == by_cursor(sql, values)
    assert spied == [sql, sql]


def test_values_are_of_the_types_that_django_gives() -> None:
    found = statements.run("SELECT %s, 1.5::numeric, 1::smallint, true", [MOMENT])[0]
    assert [type(value) for value in found] == [datetime, Decimal, int, bool]
    assert found[0].utcoffset() == MOMENT.utcoffset()


def test_what_the_server_refuses_is_djangos_error_and_the_connection_goes_on() -> None:
    statements.run(INSERT, ["a"])
    with pytest.raises(IntegrityError) as caught:
        statements.run(INSERT, ["a"])
    assert getattr(caught.value.__cause__, "sqlstate", "") == "23505"
    with pytest.raises(DataError):
        statements.run(INSERT, ["a" * 30])
    with pytest.raises(ProgrammingError):
        statements.run("SELECT nothing FROM nowhere", [])
    assert statements.run(NAMES, []) == [("a",)]


def test_a_text_with_a_nul_is_refused_and_not_cut_off() -> None:
    statements.run(INSERT, ["a"])
    with pytest.raises(DataError):
        statements.run("SELECT id FROM things WHERE name = %s", ["a\x00b"])
    assert statements.run(NAMES, []) == [("a",)]


def test_a_statement_that_the_server_forgot_is_prepared_again() -> None:
    statements.run(INSERT, ["a"])
    by_cursor("DEALLOCATE ALL")
    statements.run(INSERT, ["b"])
    # psycopg makes the server forget after each of these.
    with transaction.atomic():
        by_cursor("DELETE FROM things")
        transaction.set_rollback(True)
    statements.run(INSERT, ["c"])
    assert statements.run(NAMES, []) == [("a",), ("b",), ("c",)]


def test_only_so_many_are_kept_by_a_connection() -> None:
    for number in range(statements._MOST_KEPT + 20):
        assert statements.run(f"SELECT {number} + %s", [1]) == [(number + 1,)]
    assert statements.run("SELECT 0 + %s", [1]) == [(1,)]
    kept = by_cursor("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'assay%'")
    assert kept == [(statements._MOST_KEPT,)]


def test_inside_a_transaction_it_is_part_of_it(spied: list[str]) -> None:
    with transaction.atomic():
        statements.run(INSERT, ["a"])
        transaction.set_rollback(True)
    assert by_cursor(NAMES) == []
    assert spied == []


def test_whoever_watches_queries_sees_it(spied: list[str]) -> None:
    with CaptureQueriesContext(connection) as queries:
        statements.run("SELECT %s", ["seen"])
    assert [query["sql"] for query in queries] == ["SELECT 'seen'"]
    assert spied == []


def test_a_lost_connection_is_an_operational_error_and_the_next_one_works() -> None:
    pid = statements.run("SELECT pg_backend_pid()", [])[0][0]
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(OperationalError):
        statements.run("SELECT 1", [])
    connection.close_if_unusable_or_obsolete()
    assert statements.run("SELECT 1", []) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_prepared_queries_go_straight(spied: list[str]) -> None:
    asked: Prepared[RememberedReply] = Prepared(lambda key: RememberedReply.objects.filter(key=key))
    assert asked.all("nobody's") == []
    assert len(spied) == 1
