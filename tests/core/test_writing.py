"""Rows written together stand in the database as if each had been saved by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import audit
from core.models import AuditRecord, RememberedReply
from core.writing import NotAtOnce, Writing
from tests.world import World

pytestmark = pytest.mark.django_db


def reply(key: str, **values: object) -> RememberedReply:
    return RememberedReply(**{"client": "acme", "key": key, "fingerprint": "f" * 64, **values})


def plain(row: RememberedReply) -> tuple[object, ...]:
    return (row.client, row.key, row.status, row.headers, bytes(row.body), row.clear, row.created_at)


def test_what_is_inserted_is_what_was_given_and_has_its_key(world: World) -> None:
    rows = [
        reply("a", status=201, headers={"Location": "/é"}, body=b"\x00\xff"),
        reply("b", created_at=timezone.now() - timedelta(days=400)),
    ]
    deeds = [audit.entry("thing.done", actor=world.admin.user, subject="ord_1", organization_id=world.acme.pk, n=1)]
    Writing().insert(rows).insert(deeds).run()
    assert [plain(row) for row in rows] == [plain(RememberedReply.objects.get(pk=row.pk)) for row in rows]
    kept = AuditRecord.objects.get(pk=deeds[0].pk)
    assert (kept.actor, kept.organization, kept.facts) == (world.admin.user, world.acme, {"n": 1})
    rows[0].status = 200
    rows[0].save()
    assert RememberedReply.objects.count() == 2


def test_only_the_named_columns_of_the_given_rows_change() -> None:
    rows = [reply("a"), reply("b"), reply("c")]
    Writing().insert(rows).run()
    for number, row in enumerate(rows[:2]):
        row.status, row.headers, row.body, row.client = 200 + number, {"n": number}, b"x" * number, "not written"
    Writing().update(rows[:2], ("status", "headers", "body")).run()
    found = RememberedReply.objects.order_by("key").values_list("client", "status", "headers")
    assert list(found) == [("acme", 200, {"n": 0}), ("acme", 201, {"n": 1}), ("acme", None, {})]


def test_null_is_a_value_even_in_the_first_row() -> None:
    rows = [reply("a", status=1), reply("b", status=2)]
    Writing().insert(rows).run()
    rows[0].status = rows[1].status = None
    Writing().update(rows, ("status",)).run()
    assert set(RememberedReply.objects.values_list("status", flat=True)) == {None}
    rows[0].status, rows[1].status = None, 7
    Writing().update(rows, ("status",)).run()
    assert list(RememberedReply.objects.order_by("key").values_list("status", flat=True)) == [None, 7]


def test_a_row_that_is_not_there_is_told() -> None:
    row = reply("a")
    row.pk = 10**9
    with pytest.raises(LookupError):
        Writing().update([row], ("status",)).run()


def test_what_breaks_a_constraint_writes_nothing() -> None:
    reply("a").save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Writing().insert([reply("b"), reply("a")]).run()
    assert RememberedReply.objects.count() == 1


def test_nothing_is_no_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        Writing().insert([]).update([], ("status",)).run()
    assert len(queries) == 0


@pytest.mark.postgres
def test_on_postgresql_all_of_it_is_one_statement_and_nothing_is_cut_off(world: World) -> None:
    first = reply("a")
    first.save()
    first.status = 200
    with CaptureQueriesContext(connection) as queries:
        Writing().insert([reply("b"), reply("c")]).update([first], ("status",)).insert(
            [audit.entry("thing.done", actor="beat", subject="ord_1", organization_id=None)]
        ).run()
    assert len(queries) == 1
    first.client = "x" * 65
    with pytest.raises(DataError), transaction.atomic():
        Writing().update([first], ("client",)).run()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_row_alone_goes_as_it_is_and_its_statement_is_planned_once(world: World) -> None:
    rows = [
        reply("a", status=201, headers={"Location": "/é", "n": None}, body=b"\x00\xff", clear="a \\x00 'text'"),
        reply("b", created_at=timezone.now() - timedelta(days=400)),
    ]
    for row in rows:
        Writing().insert([row]).insert([audit.entry("thing.done", actor=None, subject="x", organization_id=1)]).run()
        assert plain(row) == plain(RememberedReply.objects.get(pk=row.pk))
    row = rows[0]
    row.status, row.headers, row.body = None, [1], b""
    Writing().update([row], ("status", "headers", "body")).run()
    row.status = 7
    Writing().insert([reply("c")]).update_unchanged(row, ("status",), clear=row.clear).run()
    assert plain(row) == plain(RememberedReply.objects.get(pk=row.pk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%core_auditrecord%'")
        assert cursor.fetchone() == (1,)


@pytest.mark.postgres
def test_what_hangs_on_a_row_as_it_was_is_written_with_it_or_not_at_all() -> None:
    row = reply("a", status=200)
    row.save()
    row.status = 201
    Writing().insert([reply("b")]).update_unchanged(row, ("status",), status=200).run()
    assert list(RememberedReply.objects.order_by("key").values_list("key", "status")) == [("a", 201), ("b", None)]
    row.status = 202
    with pytest.raises(NotAtOnce):
        Writing().insert([reply("c")]).update_unchanged(row, ("status",), status=200).run()
    assert list(RememberedReply.objects.order_by("key").values_list("key", "status")) == [("a", 201), ("b", None)]
