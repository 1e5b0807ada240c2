"""Recruitee's protocol, both ways: the catalogue, the candidate sent and the reply, and the report's PATCH."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dialects.base import Unreadable
from assessments.dialects.recruitee import Recruitee
from assessments.dialects.values import OfferedType, OrderFacts, ReadUpdate, Receipt
from core.errors import Denied, Forbidden, NotFound
from tests.assessments.dialects.anything import VALUES, objects, raw, readable
from tests.assessments.dialects.shipped import assert_shows_whole, payload, reply

RECRUITEE = Recruitee()
FACTS = OrderFacts(
    order="ord_1",
    installation="ins_1",
    organization="org_1",
    assessment_type="2",
    assessment_name="Forklift",
    status="sent",
    candidate_id="cand_1",
    candidate={"first_name": "Ada", "last_name": "Okafor", "email": "ada@mail.example"},
)
CANCEL = "https://skillyard.example/sessions/77/cancel"
DOCUMENT = {
    "score": 12,
    "maximum": 15,
    "summary": "Careful with loads, slow on paperwork.",
    "details": {
        "Loading": "5/5",
        "Paperwork": 2,
        "Retake allowed": False,
        "Completed at": "2026-11-14T18:22:26.927622Z",
        "Cancel at the partner": CANCEL,
        "report": "https://skillyard.example/reports/77",
    },
}


def told(body: Any) -> tuple[ReadUpdate, ...]:
    return RECRUITEE.read_update(json.dumps(body).encode())


def test_the_catalogue_is_a_bare_list_with_numbers_or_texts_as_ids() -> None:
    assert RECRUITEE.ask_catalogue("ins_1").method == "GET"
    assert RECRUITEE.read_catalogue(reply(payload("recruitee", "tests"))) == (
        OfferedType(key="1", name="Warehouse basics"),
        OfferedType(key="2", name="Forklift"),
    )


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 200, "A list is expected as the body, not an object."),
        ([{"name": "Forklift"}], 200, "None of its entries has the member id."),
        ([], 403, "The partner answered 403: the key that it was given may not do this."),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_said_in_plain_words(body: Any, status: int, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        RECRUITEE.read_catalogue(reply(body, status))
    assert caught.value.sentence == said


def test_an_order_sends_the_candidate_with_our_id_of_the_report() -> None:
    message = RECRUITEE.order(FACTS)
    assert json.loads(message.body) == {
        "first_name": "Ada",
        "last_name": "Okafor",
        "email": "ada@mail.example",
        "candidate_id": "cand_1",
        "company_id": "org_1",
        "report_id": "ord_1",
        "test_id": "2",
        "test_name": "Forklift",
    }
    assert (message.topic, message.purpose, message.subject) == ("order.placed", "order", "ord_1")
    assert message.repeatable is False


@pytest.mark.parametrize("body", [b"", b"OK", b"{}", b"[]", b'{"id": 9}'])
@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_answer_of_two_hundred_takes_the_order(status: int, body: bytes) -> None:
    assert RECRUITEE.read_receipt(reply(body, status)) == Receipt(accepted=True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "Forklift is not available in your plan."}, "Forklift is not available in your plan."),
        ({"errors": [{"message": "No seats left."}]}, "No seats left."),
        ({"success": False, "message": "No seats left."}, "No seats left."),
        ({"success": False}, "The partner answered that it failed."),
        ({"errors": {"email": "odd"}}, "The partner answered that it failed."),
    ],
)
def test_two_hundred_with_an_error_inside_is_a_refusal(body: Any, message: str) -> None:
    assert RECRUITEE.read_receipt(reply(body)) == Receipt(accepted=False, message=message)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_refused_order_is_declined_in_the_partners_words(status: int) -> None:
    assert RECRUITEE.read_receipt(reply(payload("recruitee", "invalid"), status)) == Receipt(
        accepted=False, message="Forklift is not available in your plan."
    )
    assert RECRUITEE.read_receipt(reply(b"", status)) == Receipt(
        accepted=False, message=f"The partner refused the order (it answered {status})."
    )


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_wrong_token_or_a_broken_partner_is_no_refusal_of_the_order(status: int) -> None:
    with pytest.raises(Unreadable):
        RECRUITEE.read_receipt(reply({"error": "no"}, status))


def test_a_page_in_place_of_an_answer_takes_nothing() -> None:
    with pytest.raises(Unreadable, match="the URL may be another one"):
        RECRUITEE.read_receipt(reply(b"<!doctype html><title>Sign in</title>"))


def test_a_completed_report_is_a_final_result_that_says_nothing_of_passing() -> None:
    assert RECRUITEE.read_update(payload("recruitee", "completed")) == (ReadUpdate(kind="result", document=DOCUMENT),)


def test_a_failed_report_is_a_result_whose_candidate_failed() -> None:
    assert RECRUITEE.read_update(payload("recruitee", "failed")) == (
        ReadUpdate(
            kind="result",
            document={
                "score": 38,
                "maximum": 100,
                "outcome": "failed",
                "details": {"Completed at": "2026-11-14T18:22:26.927622Z"},
            },
        ),
    )


def test_a_sent_report_accepts_and_says_where_it_can_be_cancelled() -> None:
    assert RECRUITEE.read_update(payload("recruitee", "sent")) == (
        ReadUpdate(kind="accepted", note=f"It can be cancelled at the partner: {CANCEL}"),
    )
    assert told({"status": "sent", "score": "0", "urls": {"cancel": ""}}) == (ReadUpdate(kind="accepted"),)


@pytest.mark.parametrize("status", ["canceled", "cancelled", "Canceled"])
def test_a_cancelled_report_cancels(status: str) -> None:
    assert told({"status": status, "subtitle": "Cancelled by the candidate."}) == (
        ReadUpdate(kind="cancelled", note="Cancelled by the candidate."),
    )


def test_the_sample_of_a_cancellation_cancels() -> None:
    assert RECRUITEE.read_update(payload("recruitee", "canceled"))[0].kind == "cancelled"


def test_a_score_that_is_a_description_is_a_grade() -> None:
    (update,) = RECRUITEE.read_update(payload("recruitee", "described"))
    assert update.document == {
        "grade": "Well above the bar",
        "details": {"Properties": [{"name": "Loading", "value": "5/5"}]},
    }
    assert_shows_whole("recruitee", update.document)


def test_a_score_alone_is_a_partial_result() -> None:
    assert RECRUITEE.read_update(payload("recruitee", "score_only")) == (
        ReadUpdate(kind="result", result_kind="partial", document={"score": 76, "maximum": 100}),
    )


def test_a_score_alone_after_a_completed_report_is_filled_to_a_final_result() -> None:
    earlier = [payload("recruitee", "sent"), b"not json", b'["odd"]', payload("recruitee", "completed")]
    (update,) = RECRUITEE.read_update(RECRUITEE.filled(payload("recruitee", "score_only"), earlier))
    assert update == ReadUpdate(kind="result", document=DOCUMENT | {"score": 76, "maximum": 100})


def test_a_later_status_counts_against_an_earlier_one() -> None:
    filled = RECRUITEE.filled(payload("recruitee", "canceled"), [payload("recruitee", "completed")])
    assert RECRUITEE.read_update(filled)[0].kind == "cancelled"


@pytest.mark.parametrize("body", [{}, {"status": "done", "score": "82"}, {"status": 3, "score": "82"}, {"id": 1}])
def test_a_report_that_says_nothing_known_is_unreadable_and_says_where(body: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        told(body)
    assert caught.value.pointer == "/status"


def test_when_it_was_completed_is_shown_and_is_not_the_clock_of_the_update() -> None:
    """A corrected score comes with the same moment: as a clock it would look like a replay."""
    first = told({"status": "completed", "score": "10", "completed_at": "2026-11-14T18:22:26Z"})
    second = told({"status": "completed", "score": "12", "completed_at": "2026-11-14T18:22:26Z"})
    assert (first[0].occurred_at, second[0].occurred_at) == (None, None)
    assert first != second


def test_ten_identical_calls_say_the_same_ten_times() -> None:
    assert len({repr(RECRUITEE.read_update(payload("recruitee", "completed"))) for _ in range(10)}) == 1


def test_addresses_that_are_not_https_are_no_links() -> None:
    assert told({"status": "completed", "urls": {"cancel": "javascript:alert(1)", "report": "http://x.example"}}) == (
        ReadUpdate(kind="result", document={}),
    )


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("requested", "sent"),
        ("started", "sent"),
        ("completed", "completed"),
        ("declined", "canceled"),
        ("expired", "canceled"),
    ],
)
def test_the_door_answers_how_the_report_stands(status: str, word: str) -> None:
    facts = OrderFacts(order="ord_1", installation="", organization="", assessment_type="", status=status)
    assert json.loads(RECRUITEE.taken(facts).body) == {"report": {"id": "ord_1", "status": word}}
    assert json.loads(RECRUITEE.taken(None).body) == {"report": {}}


@pytest.mark.parametrize(("error", "status"), [(NotFound("No such report."), 404), (Forbidden("Not yours."), 403)])
def test_the_door_refuses_with_a_code_and_a_sentence(error: Denied, status: int) -> None:
    refused = RECRUITEE.problem(error, "req_1")
    assert refused.status == status
    assert json.loads(refused.body) == {
        "error": {"code": error.code, "message": error.detail, "request_id": "req_1"},
    }


def test_the_sample_is_shown_whole() -> None:
    assert_shows_whole("recruitee", DOCUMENT)


BODIES = objects(
    {
        "score": st.sampled_from(["10", "76%", "12/15", "Strong"]),
        "completed_at": st.just("2026-11-14T18:22:26Z"),
        "subtitle": st.just("Fine."),
        "properties": st.dictionaries(st.text(max_size=5), VALUES, max_size=4),
        "urls": st.dictionaries(st.sampled_from(["cancel", "report"]), st.just(CANCEL) | st.text(max_size=9)),
    },
    status=st.sampled_from(["sent", "completed", "failed", "canceled"]),
)


@given(raw(BODIES | BODIES | VALUES), st.lists(raw(BODIES | BODIES | VALUES), max_size=3))
def test_whatever_comes_is_read_or_refused_and_its_document_is_shown_whole(body: bytes, earlier: list[bytes]) -> None:
    filled = readable(lambda told: RECRUITEE.filled(told, earlier), body)
    for whole in (body, filled or b""):
        for update in readable(RECRUITEE.read_update, whole) or ():
            if update.document:
                assert_shows_whole("recruitee", update.document)


@given(raw(objects({"error": VALUES, "errors": VALUES, "success": VALUES, "message": VALUES}) | VALUES))
def test_whatever_is_answered_is_read_or_refused(body: bytes) -> None:
    for status in (200, 204, 400, 422, 500):
        readable(RECRUITEE.read_catalogue, reply(body, status))
        readable(RECRUITEE.read_receipt, reply(body, status))
