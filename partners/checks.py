"""System checks of this floor: what settings or rows can be wrong about partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from partners import dialects
from partners.models import Partner
from partners.scopes import CANDIDATE_FIELDS, SCOPES


@register(Tags.models)
def check_scopes(**_: Any) -> list[CheckMessage]:
    """A field whose scope is misspelt would never leave, silently."""
    return [
        Error(f"The candidate field {field!r} needs the scope {scope!r}, which does not exist.", id="partners.E001")
        for field, scope in CANDIDATE_FIELDS.items()
        if scope not in SCOPES
    ]


@register(Tags.database)
def check_dialects(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A Partner whose dialect is gone could be sent nothing. Asked with ``check --database`` and before migrations."""
    if not databases or Partner._meta.db_table not in connections["default"].introspection.table_names():
        return []
    known = [name for name, _label in dialects.choices()]
    lost = Partner.objects.exclude(dialect__in=known).order_by().values_list("dialect", flat=True).distinct()
    return [
        Error(f"There are partners of the dialect {name!r}, which nobody speaks.", id="partners.E002") for name in lost
    ]
