"""The system checks of the partners floor."""

from __future__ import annotations

import pytest

from partners import checks
from partners.models import Partner
from partners.scopes import CANDIDATE_FIELDS


def test_every_candidate_field_has_a_scope_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_scopes() == []
    monkeypatch.setitem(CANDIDATE_FIELDS, "salary", "candidates.salary:read")
    assert [error.id for error in checks.check_scopes()] == ["partners.E001"]


@pytest.mark.django_db
def test_a_partner_of_an_unknown_dialect_is_an_error() -> None:
    Partner.objects.create(name="CodeForge", dialect="native")
    assert checks.check_dialects(databases=["default"]) == []
    Partner.objects.create(name="Parley", dialect="klingon")
    assert [error.id for error in checks.check_dialects(databases=["default"])] == ["partners.E002"]
    assert checks.check_dialects(databases=None) == []
