"""Long texts are compressed by LZ4, where the server can."""

from __future__ import annotations

import pytest
from django.db import connection

from core.compression import by_lz4

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def method() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attcompression FROM pg_attribute WHERE attname = 'document'"
            " AND attrelid = 'assessments_result'::regclass"
        )
        ((letter,),) = cursor.fetchall()
    return str(letter)


def can_lz4() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        ((can,),) = cursor.fetchall()
    return bool(can)


def test_a_column_is_compressed_by_lz4_and_as_before_again() -> None:
    operation = by_lz4("assessments_result", "document")
    with connection.schema_editor() as editor:
        operation.code(None, editor)  # type: ignore[arg-type]  # no model is asked for
        assert method() == ("l" if can_lz4() else "")
        assert operation.reverse_code is not None
        operation.reverse_code(None, editor)  # type: ignore[arg-type]  # the same
        assert method() == ""


def test_a_server_that_cannot_is_left_as_it_is() -> None:
    unknown = by_lz4("assessments_result", "revision")
    with connection.schema_editor() as editor:
        # PostgreSQL has the same word for a column that cannot be compressed.
        unknown.code(None, editor)  # type: ignore[arg-type]  # no model is asked for
    assert method() == ""
