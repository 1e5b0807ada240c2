"""Queries whose best plan depends on the very values that are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def planned_for_its_values() -> Iterator[None]:
    """PostgreSQL plans what is asked inside anew for its values, prepared or not.

    Else it comes to plan a statement that is asked often for any values: a search as if every word were common, by
    looking through everybody, newest first. Planning takes less than a millisecond. Elsewhere nothing is different.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield
