"""Public ids, tokens and their hashes."""

from __future__ import annotations

import os
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import as_uuid, fresh_token, from_uuid, is_public_id, public_id, token_hash


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


def test_a_fork_gives_out_ids_of_its_own() -> None:
    public_id("ord")
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, "".join(public_id("ord")[-15:] for _ in range(70)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 10_000).decode()
    os.close(reading)
    os.close(writing)
    assert len(theirs) == 70 * 15
    assert not [made for made in (public_id("ord") for _ in range(70)) if made[-15:] in theirs]


def test_another_prefix_another_length_or_another_letter_is_no_id() -> None:
    made = public_id("ord")
    for wrong in (public_id("res"), made[:-1], made + "0", made[:-1] + "w", made.upper(), "ord_", "", f"{made}\n"):
        assert not is_public_id(wrong, "ord")


def test_a_public_id_is_written_as_a_uuid_and_read_back() -> None:
    assert as_uuid("cand_06h0knponcaf54p80p72kddup0") == "01a20a5f-38bb-14f2-9328-064e2a35bec8"
    assert from_uuid("cand", "01A20A5F-38BB-14F2-9328-064E2A35BEC8") == "cand_06h0knponcaf54p80p72kddup0"


@given(st.uuids())
def test_every_uuid_has_one_public_id_of_a_prefix_and_comes_back(value: uuid.UUID) -> None:
    written = from_uuid("ord", str(value))
    assert is_public_id(written, "ord")
    assert as_uuid(written) == str(value)


@given(st.text())
def test_what_is_no_uuid_or_no_public_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        from_uuid("ord", text)
    with pytest.raises(ValueError, match="not a"):
        as_uuid(text)


@pytest.mark.parametrize(
    "wrong", ["06h0knponcaf54p80p72kddup0", "_06h0knponcaf54p80p72kddup0", "cand_06h0knponcaf54p80p72kddup1", "ord_1"]
)
def test_a_public_id_without_prefix_too_short_or_with_bits_to_spare_is_no_uuid(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a public id"):
        as_uuid(wrong)


def test_a_fresh_token_has_the_bits_asked_for() -> None:
    assert len(fresh_token()) == 43
    assert len(fresh_token(128)) == 22
    assert fresh_token() != fresh_token()


def test_a_token_is_stored_as_its_sha256() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
