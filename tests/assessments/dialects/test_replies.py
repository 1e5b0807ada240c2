"""What a reply says is read in one way for all dialects: whether it is JSON, whether it says no, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dialects import reading, replies
from assessments.dialects.base import Unreadable
from assessments.dialects.values import Receipt
from tests.assessments.dialects.shipped import reply


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "No seats left."}, "No seats left."),
        ({"error": {"message": "No seats left."}}, "No seats left."),
        ({"errors": ["No seats left.", {"detail": "Try on Monday."}]}, "No seats left.; Try on Monday."),
        ({"message": "", "error": "No seats left."}, "No seats left."),
        ({"message": "No\n  seats"}, "No seats"),
        ({"code": 7}, ""),
        (7, ""),
    ],
)
def test_a_refusal_is_told_in_the_partners_words(body: Any, said: str) -> None:
    assert replies.words(body) == said
    assert replies.declined(reply(body, 409), {409: "No."}) == Receipt(accepted=False, message=said or "No.")


@pytest.mark.parametrize(
    "body", [b"<!DOCTYPE html><p>Log in", b" \n<html>", b"\xef\xbb\xbf<HTML>", b"<?xml version='1.0'?>", b"<!-- --><p>"]
)
def test_a_page_is_told_from_json_by_how_it_begins(body: bytes) -> None:
    assert replies.is_page(reply(body))


@pytest.mark.parametrize("body", [b"", b"OK", b" {}", b'"<p>"', b"\xef\xbb\xbf[]"])
def test_whatever_begins_otherwise_is_no_page(body: bytes) -> None:
    assert not replies.is_page(reply(body))


def test_a_refusal_that_is_a_page_has_no_words() -> None:
    page = reply(b"<h1>409</h1>", 409)
    assert replies.declined(page, replies.REFUSED).message == "The partner refused the order (it answered 409)."
    with pytest.raises(Unreadable, match=r"^The partner answered 409\.$"):
        replies.declined(page, {})


def test_a_partner_that_wants_to_be_paid_declines_if_it_says_so() -> None:
    asked = reply({"message": "No credits left."}, 402)
    assert replies.declined(asked, replies.REFUSED) == Receipt(accepted=False, message="No credits left.")
    with pytest.raises(Unreadable, match=r"^The partner answered 402\.$"):
        replies.declined(reply(b"", 402), replies.REFUSED)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_call_that_failed_is_no_refusal_whatever_it_says(status: int) -> None:
    with pytest.raises(Unreadable, match="It says: No"):
        replies.declined(reply({"message": "No."}, status), replies.REFUSED)


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, b"\n<!doctype html>", "The partner answered 200 with a web page or XML where JSON is expected: the URL"
         " may be another one, or ask for a log-in."),
        (301, b"", "The partner answered 301: a redirect, and none is followed; name the URL that it leads to."),
        (401, b"{}", "The partner answered 401: it does not accept the key that it was given."),
        (403, b"", "The partner answered 403: the key that it was given may not do this."),
        (418, b"", "The partner answered 418."),
        (500, b'{"error": "oops"}', "The partner answered 500: something broke on its side. It says: oops"),
    ],
)  # fmt: skip
def test_a_reply_that_is_no_answer_is_said_in_plain_words(status: int, body: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        replies.json_of(reply(body, status))
    assert caught.value.sentence == sentence


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_the_words_of_anything_can_be_kept(told: Any) -> None:
    assert len(replies.words(told)) <= reading.LONGEST_WORDS
