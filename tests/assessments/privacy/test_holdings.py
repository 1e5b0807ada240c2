"""The table of what is held is held against the models: nothing that could tell of a candidate is forgotten in it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from assessments.holdings import KINDS, NOTHING, Kind

# Columns that can hold words, bytes or files.
WORDY = (models.CharField, models.TextField, models.BinaryField, models.JSONField, models.FileField)
OURS = ("core", "partners", "assessments")


def own_models() -> list[type[models.Model]]:
    return [model for app in OURS for model in apps.get_app_config(app).get_models()]


def test_every_model_is_a_kind_or_has_a_reason_why_nothing_of_a_candidate_is_in_it() -> None:
    told = {kind.model._meta.label for kind in KINDS} | NOTHING.keys()
    assert told == {model._meta.label for model in own_models()}
    assert not {kind.model._meta.label for kind in KINDS} & NOTHING.keys()
    assert all(NOTHING.values())


def test_what_refers_to_a_candidate_is_a_kind() -> None:
    """Whatever leads to one by references, however far."""
    kinds = {kind.model for kind in KINDS}
    reached: set[type[models.Model]] = {apps.get_model("core.Candidate")}
    while more := {model for model in own_models() if _refers_to(model) & reached} - reached:
        reached |= more
    assert reached - kinds == set()


def _refers_to(model: type[models.Model]) -> set[type[models.Model]]:
    return {field.related_model for field in model._meta.concrete_fields if isinstance(field.related_model, type)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_column_is_exported_or_left_out(kind: Kind) -> None:
    exported = {path.partition("__")[0] for path in kind.exported.values()}
    assert not exported & kind.left_out
    assert exported | kind.left_out == {field.name for field in kind.model._meta.concrete_fields}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_column_of_words_is_emptied_or_stays_unless_the_row_goes(kind: Kind) -> None:
    if kind.goes:
        assert not kind.emptied
        return
    wordy = {field.name for field in kind.model._meta.concrete_fields if isinstance(field, WORDY)}
    assert not kind.emptied.keys() & kind.stays
    assert (kind.emptied.keys() & wordy) | kind.stays == wordy
    assert kind.why
