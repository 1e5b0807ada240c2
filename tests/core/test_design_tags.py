"""The template tags of the design system."""

from __future__ import annotations

import pytest

from core.templatetags.design import code_spans, initials, status_tone, with_breaks


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Okafor", "AO"),
        ("Maria del Carmen Vega", "MV"),
        ("ada", "A"),
        ("recruiter@acme.example", "RA"),
        ("  ", ""),
        ("Élodie Çelik", "ÉÇ"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_backticks_become_code_and_everything_is_escaped() -> None:
    assert code_spans("Send `a<b>` & wait") == "Send <code>a&lt;b&gt;</code> &amp; wait"


def test_an_address_may_break_behind_its_at_sign_and_is_escaped() -> None:
    assert with_breaks("ada<b>@mail.example") == "ada&lt;b&gt;@<wbr>mail.example"
    assert with_breaks("+234 1 555") == "+234 1 555"


def test_an_unknown_status_is_neutral() -> None:
    assert (status_tone("paused"), status_tone("whatever")) == ("fair", "neutral")
