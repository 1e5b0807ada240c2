"""A JSON value level by level, sorted by type: for rules about all of its values, without recursion and mostly in C."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

Levels = Iterable[dict[type, list[Any]]]


def levels(value: Any) -> Iterator[dict[type, list[Any]]]:
    """The value itself, then what is in it, then what is in that: at each level the values of each exact type.

    A value that holds itself has no last level.
    """
    level: list[Any] = [value]
    while level:
        kinds = set(map(type, level))
        found: dict[type, list[Any]] = {
            kind: level if len(kinds) == 1 else [each for each in level if type(each) is kind] for kind in kinds
        }
        yield found
        level = []
        for kind, values in found.items():
            if issubclass(kind, dict):
                level.extend(chain.from_iterable(map(dict.values, values)))
            elif issubclass(kind, list):
                level.extend(chain.from_iterable(values))
