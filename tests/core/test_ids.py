"""Public ids, tokens and their hashes."""

from __future__ import annotations

import time

from core.ids import fresh_token, is_public_id, public_id, token_hash


def test_a_public_id_is_its_prefix_and_twenty_six_lowercase_characters() -> None:
    made = public_id("ord")
    assert (made[:4], len(made), made.lower()) == ("ord_", 30, made)
    assert is_public_id(made, "ord")


def test_public_ids_sort_by_the_moment_they_were_made() -> None:
    made = []
    for _ in range(5):
        made.append(public_id("ord"))
        time.sleep(0.002)
    assert sorted(made) == made


def test_ids_of_one_moment_are_distinct() -> None:
    assert len({public_id("ord") for _ in range(10_000)}) == 10_000


def test_another_prefix_another_length_or_another_letter_is_no_id() -> None:
    made = public_id("ord")
    for wrong in (public_id("res"), made[:-1], made + "0", made[:-1] + "w", made.upper(), "ord_", "", f"{made}\n"):
        assert not is_public_id(wrong, "ord")


def test_a_fresh_token_has_the_bits_asked_for() -> None:
    assert len(fresh_token()) == 43
    assert len(fresh_token(128)) == 22
    assert fresh_token() != fresh_token()


def test_a_token_is_stored_as_its_sha256() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
