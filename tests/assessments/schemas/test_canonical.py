"""One digest for one JSON value."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.schemas.canonical import digest


def test_a_digest_is_that_of_the_canonical_form() -> None:
    # sha256 of {"a":[1,true,null],"é":"x"}
    assert digest({"é": "x", "a": [1.0, True, None]}) == digest({"a": [1, True, None], "é": "x"})
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, "1"), (0, None), ([], {}), ([1, 2], [2, 1]), ("é", "e\u0301")]
)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


@pytest.mark.parametrize("value", [2**53, float("inf"), float("nan"), "\ud800", {"\ud800": 1}, {1: 2}, object()])
def test_what_has_no_canonical_form_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  each library error is some ValueError
        digest(value)
