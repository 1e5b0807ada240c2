"""Copies of rows by the million: the database makes them of one template each, as the product wrote it."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model


def copies(template: Model, count: int, **columns: str) -> None:
    """``count`` rows like the template, but for these columns: SQL expressions over ``n``, which runs from 1."""
    fields = [field for field in template._meta.concrete_fields if not field.primary_key]
    names = ", ".join(str(field.column) for field in fields)
    values = ", ".join(columns.pop(str(field.column), f"t.{field.column}") for field in fields)
    assert not columns, columns
    table = template._meta.db_table
    rows = f"{table} t, generate_series(1, {count}) n WHERE t.id = {template.pk}"
    sql = f"INSERT INTO {table} ({names}) SELECT {values} FROM {rows}"
    with connection.cursor() as cursor:
        cursor.execute(sql)


class Without:
    """Indexes that no constraint needs, taken away while rows come in, and made again of all rows at once."""

    def __init__(self, *models: type[Model]) -> None:
        self._tables = [model._meta.db_table for model in models]

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
                " WHERE indrelid = ANY (SELECT unnest(%s::text[])::regclass)"
                " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
                [self._tables],
            )
            self._made = cursor.fetchall()
            for name, _ in self._made:
                cursor.execute(f"DROP INDEX {name}")
            # Keys of other tables are right by the way they are made.
            cursor.execute("SET session_replication_role = replica")

    def __exit__(self, *_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '1GB'")
            for _, definition in self._made:
                cursor.execute(definition)
            cursor.execute("SET session_replication_role = origin")
