"""Instances of models made quickly, for what every call reads and writes. Asks and writes nothing.

``Model.__init__`` looks at every field anew for what its caller may have meant; so taking a result costs a tenth more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from django.db.models import ForeignKey, Model
from django.db.models.base import ModelState
from django.db.models.signals import post_init

M = TypeVar("M", bound=Model)


def fresh(model: type[M], **values: Any) -> M:
    """``model(**values)``, of a model of ours that is to be written: by names of columns or of relations."""
    defaults, made, relations, known = _form(model)
    if not values.keys() <= known:
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(values.keys() - known))}.")
    row = model.__new__(model)
    state = ModelState()
    columns = row.__dict__
    columns.update(defaults, _state=state)
    for name, make in made:
        if name not in values:
            columns[name] = make()
    for name, value in values.items():
        if name in relations:
            state.fields_cache[name] = value
            columns[relations[name]] = None if value is None else value.pk
        else:
            columns[name] = value
    return row


@cache
def _form(
    model: type[Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], dict[str, str], frozenset[str]]:
    """The defaults of columns, those that are made anew for each row, and the columns of relations."""
    fields = model._meta.concrete_fields
    made = [(field.attname, field.default) for field in fields if field.has_default() and callable(field.default)]
    anew = {name for name, _ in made}
    defaults = {field.attname: field.get_default() for field in fields if field.attname not in anew}
    relations = {field.name: field.attname for field in fields if isinstance(field, ForeignKey)}
    return defaults, made, relations, frozenset({*defaults, *anew, *relations})


class Maker:
    """Stands for a model where rows of the database become instances: sets what came, and no more."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    def from_db(self, alias: str, names: list[str], values: Iterable[Any]) -> Any:
        row = self._model.__new__(self._model)
        state = ModelState()
        state.adding, state.db = False, alias
        row.__dict__.update(zip(names, values, strict=True), _state=state)
        return row


def maker(model: Any) -> Any:
    """The model itself, where it or somebody else does more when an instance is made."""
    is_plain = model.__init__ is Model.__init__ and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]  # of a class method
    return Maker(model) if is_plain and not post_init.has_listeners(model) else model
