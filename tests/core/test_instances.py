"""Instances made quickly are those that Django makes."""

from __future__ import annotations

import pytest
from django.db.models import Model

from core.instances import fresh
from core.models import AuditRecord, RememberedReply
from tests.world import World

pytestmark = pytest.mark.django_db


def columns(row: Model, *but: str) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in but}


def test_a_fresh_row_is_what_its_model_would_make(world: World) -> None:
    values = {"verb": "thing.done", "subject": "ord_1", "organization": world.acme, "actor": None}
    row, usual = fresh(AuditRecord, **values), AuditRecord(**values)
    assert columns(row, "occurred_at") == columns(usual, "occurred_at")
    assert row.organization is world.acme
    assert row._state.adding
    row.save()
    assert columns(AuditRecord.objects.get(pk=row.pk)) == columns(row)


def test_what_is_made_anew_is_anew_for_each() -> None:
    one, other = fresh(RememberedReply, key="a"), fresh(RememberedReply, key="b")
    one.headers["Location"] = "/"
    assert other.headers == {}
    assert one.created_at <= other.created_at


def test_a_name_that_is_none_of_its_own_is_an_error() -> None:
    with pytest.raises(TypeError, match="RememberedReply has no colour"):
        fresh(RememberedReply, colour="blue")
