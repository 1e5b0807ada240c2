"""One digest for one JSON value."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from assessments.schemas.canonical import canonical, digest

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(VALUES)
@example(
    [1e21, 1e-7, 1e16, 123456789012345680000.0, 5e-324, 0.1, -0.0, 1.0, 100.0, 1e-5, 0.001, 10.01, 333333333.3333333]
)
@example({"\ue000": 1, "\U0001f600": 2, "\x7f": '\x00\b\t\n\f\r\x1f"\\/\u2028é'})
def test_the_fast_way_writes_what_rfc_8785_says(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_a_digest_is_that_of_the_canonical_form() -> None:
    # sha256 of {"a":[1,true,null],"é":"x"}
    assert digest({"é": "x", "a": [1.0, True, None]}) == digest({"a": [1, True, None], "é": "x"})
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, "1"), (0, None), ([], {}), ([1, 2], [2, 1]), ("é", "e\u0301")]
)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


@pytest.mark.parametrize("value", [2**53, float("inf"), float("nan"), "\ud800", {"\ud800": 1}, object()])
def test_what_has_no_canonical_form_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  each library error is some ValueError
        digest(value)
