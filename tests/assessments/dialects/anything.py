"""Whatever a partner may send: any JSON, mostly under the names that a protocol has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from assessments.dialects.base import Unreadable

Told = TypeVar("Told")
Read = TypeVar("Read")

#: Half surrogates and NUL are refused before any dialect sees them; they are among these too.
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", "0", "82", "76%", "12/15", "00:41:17", "PT4M", "https://lab.example/r", "http://lab.example", "<b>", "passed"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=8
)


def objects(names: Mapping[str, SearchStrategy[Any]], **always: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Objects with these members or some of them, each as it should be or not, ``always`` as it stands, and others."""
    told = {name: fit | SCALARS | VALUES for name, fit in names.items()}
    known = st.fixed_dictionaries({**told, **always}) | st.fixed_dictionaries(dict(always), optional=told)
    return st.builds(lambda others, told: others | told, st.dictionaries(TEXTS, VALUES, max_size=2), known)


def raw(values: SearchStrategy[Any]) -> SearchStrategy[bytes]:
    """As bytes; and a few that are no JSON at all."""
    written = values.map(lambda value: json.dumps(value).encode())
    return st.one_of(written, written, written, st.binary(max_size=8))


def readable(read: Callable[[Told], Read], told: Told) -> Read | None:
    """What it reads; None where it says in a sentence that it cannot. Any other exception fails the test."""
    try:
        return read(told)
    except Unreadable as unreadable:
        sentence = unreadable.sentence
    assert sentence
    return None
