"""What partners write is read in one way for all dialects: numbers, scales, lengths of time, ids, labels."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dialects import reading
from assessments.dialects.base import Unreadable
from assessments.dialects.values import OfferedType

MALFORMED = [b"", b"<html>", b"\xff", b'{"a": 1, "a": 2}', b"[" * 100 + b"]" * 100, b"NaN", b'"\\ud800"']


@pytest.mark.parametrize(
    ("told", "score", "maximum"),
    [
        ("82", 82, None),
        (" 82.50 ", 82.5, None),
        ("-3", -3, None),
        (82, 82, None),
        (90.0, 90, None),
        ("76%", 76, 100),
        ("76.5 %", 76.5, 100),
        ("12/15", 12, 15),
        ("12 / 15", 12, 15),
        ("0/15", 0, 15),
        ("12/0", None, None),
        ("B2", None, None),
        ("1,5", None, None),
        ("12/15/20", None, None),
        ("1e9", None, None),
        ("1_000", None, None),
        ("82.33333333333333", 82.33333333333333, None),
        ("9007199254740993", None, None),
        ("٣", None, None),
        ("", None, None),
        (None, None, None),
        (True, None, None),
        (2**60, None, None),
        ({"value": 1}, None, None),
    ],
)
def test_a_score_has_a_scale_only_where_it_states_one(told: Any, score: float | None, maximum: float | None) -> None:
    assert reading.scored(told) == (score, maximum)


@pytest.mark.parametrize(
    ("told", "duration"),
    [
        ("00:41:17", "PT41M17S"),
        ("26:00:05", "PT26H5S"),
        ("00:00:00", "PT0S"),
        ("PT41M", "PT41M"),
        ("41:17", ""),
        ("00:61:00", ""),
        ("41 minutes", ""),
        (2477, ""),
        (None, ""),
    ],
)
def test_a_length_of_time_is_read_where_it_can_mean_one_thing_only(told: Any, duration: str) -> None:
    assert reading.lasting(told) == duration


@pytest.mark.parametrize(
    ("told", "address"),
    [
        (" https://lab.example/r/1 ", "https://lab.example/r/1"),
        ("http://lab.example/r/1", ""),
        ("javascript:alert(1)", ""),
        ("https://user@lab.example/", ""),
        ("https://[", ""),
        ("HTTPS://lab.example/r/1", "HTTPS://lab.example/r/1"),
        ("https://lab.example/" + "a" * 1_000, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_an_https_address_is_a_link(told: Any, address: str) -> None:
    assert reading.https(told) == address


@pytest.mark.parametrize(
    ("told", "id_"), [(7, "7"), (7.0, "7"), ("7", "7"), (" a ", "a"), (True, ""), (7.5, ""), (None, "")]
)
def test_an_id_is_text_whether_it_came_as_text_or_as_a_number(told: Any, id_: str) -> None:
    assert reading.identity(told) == id_


def test_an_id_that_is_too_long_is_not_kept() -> None:
    assert reading.kept_id("a" * reading.LONGEST_ID) == "a" * 200
    assert reading.kept_id("a" * 201) == ""


def test_equal_labels_are_numbered_and_what_is_empty_says_nothing() -> None:
    details = reading.Details()
    for label, value in [
        ("Fit", "good"),
        ("Fit", "very good"),
        ("Fit (3)", "there already"),
        ("Fit", 0),
        ("", False),
        ("Empty", ""),
        ("None", None),
        ("Large", [2**60, {"deep": 2**60}]),
    ]:
        details.put(label, value)
    assert details.values == {
        "Fit": "good",
        "Fit (2)": "very good",
        "Fit (3)": "there already",
        "Fit (4)": 0,
        "Detail": False,
        "Large": [str(2**60), {"deep": str(2**60)}],
    }


def test_many_equal_labels_take_linear_time() -> None:
    details = reading.Details()
    for number in range(20_000):
        details.put("Answer", number)
    assert len(details.values) == 20_000


def test_a_catalogue_keeps_the_first_of_two_equal_ids() -> None:
    told = [{"id": 1, "name": " Chemistry "}, {"id": "1", "name": "Other"}, {"id": "b", "name": "Safety"}]
    assert reading.offered(told) == (OfferedType(key="1", name="Chemistry"), OfferedType(key="b", name="Safety"))


def test_an_entry_without_a_name_is_called_by_its_id_and_one_without_an_id_is_left_out() -> None:
    told = [{"id": 1, "name": None}, {"id": "b"}, {"name": "Nameless"}, None, {"id": True, "name": "Odd"}]
    assert reading.offered(told) == (OfferedType(key="1", name="1"), OfferedType(key="b", name="b"))
    assert reading.offered([]) == ()


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"id": 1}, "A list is expected at /tests, not an object."),
        (None, "A list is expected at /tests, not null."),
        ("no", "A list is expected at /tests, not a text."),
        (True, "A list is expected at /tests, not true or false."),
        (7, "A list is expected at /tests, not a number."),
        (["Chemistry", {"name": "Safety"}], "None of its entries has the member id."),
    ],
)
def test_what_is_no_catalogue_is_said_with_its_place(told: Any, sentence: str) -> None:
    """Or everything that the partner offers would be withdrawn."""
    with pytest.raises(Unreadable) as caught:
        reading.offered(told, "/tests")
    assert (caught.value.sentence, caught.value.pointer) == (sentence, "/tests")


@pytest.mark.parametrize("raw", MALFORMED)
def test_what_is_no_json_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        reading.parsed(raw)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_no_value_breaks_a_reader(told: Any) -> None:
    for read in (reading.scored, reading.lasting, reading.https, reading.identity, reading.word, reading.number):
        read(told)
    assert len(reading.line(told)) <= reading.LONGEST_WORDS
    assert len(reading.kept_id(told)) <= reading.LONGEST_ID
