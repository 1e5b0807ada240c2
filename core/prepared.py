"""Queries whose SQL is made once, for what every call asks. Knows no model; what may be asked is the selectors' matter.

Django compiles a queryset anew each time it is evaluated. For a look-up with joins that costs several times what the
database needs to answer it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators

from core import statements
from core.instances import maker

T = TypeVar("T")
Value = str | int | list[str] | list[int]


class Prepared(Generic[T]):
    """``Prepared(lambda name: Person.objects.filter(name=name))``, then ``.all("Ada")``: model instances as ever, or
    the tuples of a ``values_list``.

    The function gets stand-ins, text or whole numbers or lists of them as the values are, and must hand each to a
    filter as it is: what it makes of one, or decides by it, would be made and decided once for all.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        # By the lengths of the lists; by thread, because a compiler belongs to a connection.
        self._compiled = threading.local()

    def all(self, *values: Value) -> list[T]:
        """Nothing where a list is empty: nothing is in it."""
        if [] in values:
            return []
        compiled = self._for(tuple(len(value) if isinstance(value, list) else -1 for value in values), values)
        flat = [each for value in values for each in (value if isinstance(value, list) else (value,))]
        parameters = [constant if at is None else flat[at] for at, constant in compiled.parameters]
        return compiled.read(statements.run(compiled.sql, parameters))

    def first(self, *values: Value) -> T | None:
        return next(iter(self.all(*values)), None)

    def _for(self, shape: tuple[int, ...], values: tuple[Value, ...]) -> _Compiled:
        known: dict[tuple[int, ...], _Compiled] = self._compiled.__dict__.setdefault("known", {})
        if shape not in known:
            known[shape] = _compile(self._build, values)
        return known[shape]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    #: For each parameter the place of its value among those given, or None and a constant.
    parameters: list[tuple[int | None, Any]]
    read: Callable[[Iterable[Any]], list[Any]]


def _compile(build: Callable[..., QuerySet[Any, Any]], values: tuple[Value, ...]) -> _Compiled:
    stand_ins: list[str | int] = []

    def stand_in(value: str | int) -> str | int:
        number = len(stand_ins)
        stand_ins.append(f"stand-in {number} \x1f" if isinstance(value, str) else 2**53 + number)
        return stand_ins[-1]

    queryset = build(
        *([stand_in(each) for each in value] if isinstance(value, list) else stand_in(value) for value in values)
    )
    compiler = queryset.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    places = {each: at for at, each in enumerate(stand_ins)}
    known = [(places.get(each) if isinstance(each, str | int) else None, each) for each in parameters]
    makes_instances = issubclass(queryset._iterable_class, ModelIterable)
    return _Compiled(sql, known, _reader(compiler, compiler.klass_info if makes_instances else None))


def _reader(compiler: Any, info: Any) -> Callable[[Iterable[Any]], list[Any]]:
    """What a queryset's own iteration does with rows, without what it does to get them."""
    select = compiler.select[: compiler.col_count]
    converters = compiler.get_converters([column for column, _, _ in select])

    def converted(rows: Iterable[Any]) -> Iterable[Any]:
        return map(tuple, compiler.apply_converters(rows, converters)) if converters else rows

    if info is None:
        return lambda rows: list(converted(rows))
    begin, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column, _, _ in select[begin:end]]
    annotated = list(compiler.annotation_col_map.items())
    alias, from_db = connection.alias, maker(info["model"]).from_db
    related = _all_related(get_related_populators(info, select, alias))  # type: ignore[call-arg]  # of a later Django

    def instances(rows: Iterable[Any]) -> list[Any]:
        found, seen = [], {}  # type: ignore[var-annotated]  # by place in the query and by key
        for row in converted(rows):
            made = from_db(alias, names, row[begin:end])
            for each in related:
                each.give(made, row, seen)
            for name, at in annotated:
                setattr(made, name, row[at])
            found.append(made)
        return found

    return instances


class _Related:
    """What Django's own populator does, by what that has found out; but rows that refer to one row share its instance.

    Of twenty orders at one job, twenty instances of the job would take longer than the orders.
    """

    def __init__(self, known: Any) -> None:
        assert known.reorder_for_init is None  # no model of ours has a parent with a table
        self._columns = slice(known.cols_start, known.cols_end)
        self._key = known.cols_start + known.pk_idx
        self._alias, self._names = known.db, known.init_list
        self._from_db = maker(known.model_cls).from_db
        self._set_there, self._set_back = known.local_setter, known.remote_setter
        self._further = _all_related(known.related_populators)

    def give(self, made: Any, row: Any, seen: dict[tuple[int, Any], Any]) -> None:
        """To the instance that was made of the row, the one that it refers to."""
        key = (id(self), row[self._key])
        other = seen.get(key)
        if other is None and key[1] is not None:
            other = seen[key] = self._from_db(self._alias, self._names, row[self._columns])
            for each in self._further:
                each.give(other, row, seen)
        self._set_there(made, other)
        if other is not None:
            self._set_back(other, made)


def _all_related(populators: Iterable[Any]) -> list[_Related]:
    return [_Related(each) for each in populators]
