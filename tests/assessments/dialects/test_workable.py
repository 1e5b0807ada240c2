"""Workable's protocol, both ways: the catalogue, the order and its reply, and what partners put at the callback."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dialects.base import Unreadable
from assessments.dialects.values import Links, OfferedType, OrderFacts, ReadFile, ReadUpdate, Receipt
from assessments.dialects.workable import Workable
from core.errors import NotAuthenticated, NotFound, RateLimited
from tests.assessments.dialects.anything import VALUES, objects, raw, readable
from tests.assessments.dialects.shipped import assert_shows_whole, payload, reply

WORKABLE = Workable()
FACTS = OrderFacts(
    order="ord_1",
    installation="ins_1",
    organization="org_1",
    assessment_type="chem-2",
    job={"id": "job_1", "title": "Chemist"},
    candidate={"first_name": "Ada", "last_name": "Okafor", "email": "ada@mail.example", "phone": ""},
    links=Links(callback="https://assay.example/compat/workable/orders/t0ken"),
)
DOCUMENT = {
    "score": 82,
    "outcome": "passed",
    "grade": "excelled",
    "report_url": "https://labassess.example/results/la_8812",
    "summary": "Quick and careful; two slips in titration.",
    "duration": "PT41M17S",
    "details": {
        "Titration": "21/25",
        "Safety": 96,
        "Proctored": True,
        "Taken on": "2026-11-14",
        "Old viewer": "http://labassess.example/viewer/la_8812",
    },
}


def told(body: Any) -> tuple[ReadUpdate, ...]:
    return WORKABLE.read_update(json.dumps(body).encode())


def document_of(assessment: Any, **body: Any) -> Any:
    (update,) = told({"status": "completed", "assessment": assessment, **body})
    return update.document


def test_the_catalogue_is_asked_for_by_get_with_no_body() -> None:
    message = WORKABLE.ask_catalogue("ins_1")
    assert (message.method, message.purpose, message.subject, message.body) == ("GET", "catalogue", "ins_1", "")


def test_the_catalogue_is_read_with_numbers_or_texts_as_ids() -> None:
    assert WORKABLE.read_catalogue(reply(payload("workable", "tests"))) == (
        OfferedType(key="1", name="Lab safety"),
        OfferedType(key="chem-2", name="Wet chemistry"),
    )


def test_a_background_check_provider_offers_packages_in_the_same_form() -> None:
    assert WORKABLE.read_catalogue(reply(payload("workable", "packages"))) == (
        OfferedType(key="std", name="Standard check"),
        OfferedType(key="ext", name="Extended check"),
    )


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 200, "A list is expected at /tests, not null."),
        ({"tests": [{"name": "Lab safety"}]}, 200, "None of its entries has the member id."),
        ([], 200, "An object is expected as the body, not a list."),
        ({"status": 401, "message": "No such token."}, 401, "The partner answered 401: it does not accept the key that"
         " it was given. It says: No such token."),
        ({}, 404, "The partner answered 404: there is nothing of that kind at this URL."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_catalogue_is_said_in_plain_words(body: Any, status: int, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        WORKABLE.read_catalogue(reply(body, status))
    assert caught.value.sentence == said


def test_an_order_says_whom_which_test_and_where_to_answer() -> None:
    message = WORKABLE.order(FACTS)
    assert json.loads(message.body) == {
        "test_id": "chem-2",
        "callback_url": "https://assay.example/compat/workable/orders/t0ken",
        "candidate": {"first_name": "Ada", "last_name": "Okafor", "email": "ada@mail.example"},
        "job_shortcode": "job_1",
        "job_title": "Chemist",
    }
    assert (message.topic, message.purpose, message.subject) == ("order.placed", "order", "ord_1")


def test_an_order_is_never_sent_again_blindly() -> None:
    """Nothing in the protocol makes a second call harmless: the candidate would be invited twice."""
    assert WORKABLE.order(FACTS).repeatable is False


@pytest.mark.parametrize("id_", ["la_8812", 8812])
def test_a_reply_with_the_id_of_an_assessment_accepts(id_: str | int) -> None:
    assert WORKABLE.read_receipt(reply({"assessment_id": id_}, 201)) == Receipt(accepted=True, reference=str(id_))


def test_an_id_that_is_too_long_to_be_kept_accepts_all_the_same() -> None:
    assert WORKABLE.read_receipt(reply({"assessment_id": "a" * 201}, 201)) == Receipt(accepted=True)


def test_the_sample_of_a_reply_accepts() -> None:
    accepted = WORKABLE.read_receipt(reply(payload("workable", "accepted"), 201))
    assert accepted == Receipt(accepted=True, reference="la_8812")


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_refused_order_is_declined_in_the_partners_words(status: int) -> None:
    assert WORKABLE.read_receipt(reply(payload("workable", "duplicate"), status)) == Receipt(
        accepted=False, message="This candidate is already taking Wet chemistry."
    )


def test_a_refusal_without_words_is_told_by_its_status() -> None:
    declined = WORKABLE.read_receipt(reply(b"", 422))
    assert declined == Receipt(accepted=False, message="The partner refused the order (it answered 422).")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "The partner answered without the id of an assessment: it did not take the order."),
        ({"assessment_id": ""}, "The partner answered without the id of an assessment: it did not take the order."),
        ({"error": {"message": "No seats left."}}, "No seats left."),
    ],
)
def test_two_hundred_is_not_success(body: Any, message: str) -> None:
    assert WORKABLE.read_receipt(reply(body)) == Receipt(accepted=False, message=message)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_wrong_credential_or_a_broken_partner_is_no_refusal_of_the_order(status: int) -> None:
    with pytest.raises(Unreadable):
        WORKABLE.read_receipt(reply({"message": "no"}, status))


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b'{"assessment_id": "la'])
def test_a_reply_that_is_no_json_is_neither_yes_nor_no(body: bytes) -> None:
    with pytest.raises(Unreadable):
        WORKABLE.read_receipt(reply(body))


def test_a_completed_assessment_is_a_final_result_with_its_report() -> None:
    assert WORKABLE.read_update(payload("workable", "completed")) == (
        ReadUpdate(
            kind="result",
            document=DOCUMENT,
            files=(ReadFile(name="Full report", url="https://labassess.example/files/la_8812.pdf"),),
        ),
    )


def test_ten_identical_callbacks_say_the_same_ten_times() -> None:
    said = {repr(WORKABLE.read_update(payload("workable", "completed"))) for _ in range(10)}
    assert len(said) == 1


def test_before_completion_a_score_of_nothing_means_nothing() -> None:
    assert WORKABLE.read_update(payload("workable", "pending")) == (ReadUpdate(kind="accepted"),)


def test_a_rejected_order_is_declined_with_what_the_partner_says_of_it() -> None:
    """So does a background check that its candidate did not consent to end."""
    assert WORKABLE.read_update(payload("workable", "rejected")) == (
        ReadUpdate(kind="declined", note="The candidate did not consent to the check."),
    )


def test_an_expired_assessment_expires() -> None:
    assert WORKABLE.read_update(payload("workable", "expired")) == (ReadUpdate(kind="expired"),)


@pytest.mark.parametrize("status", [None, "", "done", 3])
def test_a_status_that_is_none_of_the_four_is_unreadable_and_says_where(status: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        told({"status": status, "assessment": {"score": "82"}})
    assert caught.value.pointer == "/status"


def test_a_status_is_read_however_it_is_capitalised() -> None:
    assert told({"status": " Expired "}) == (ReadUpdate(kind="expired"),)


@pytest.mark.parametrize(
    ("grade", "outcome"),
    [("failed", "failed"), ("passed", "passed"), ("excelled", "passed"), ("Passed", "passed"), ("superb", None)],
)
def test_the_word_of_a_grade_stays_and_only_known_words_decide(grade: str, outcome: str | None) -> None:
    document = document_of({"grade": grade})
    assert document["grade"] == grade
    assert document.get("outcome") == outcome


@pytest.mark.parametrize(
    ("score", "document"),
    [
        ("82", {"score": 82}),
        ("76%", {"score": 76, "maximum": 100}),
        ("12/15", {"score": 12, "maximum": 15}),
        ("0", {"score": 0}),
        ("above average", {"details": {"Score": "above average"}}),
        ("", {}),
        (None, {}),
    ],
)
def test_a_score_keeps_what_it_says_of_its_scale(score: Any, document: Any) -> None:
    assert document_of({"score": score}) == document


def test_a_length_of_time_that_may_mean_two_things_stays_as_it_was_written() -> None:
    assert document_of({"duration": "41:17"}) == {"details": {"Duration": "41:17"}}


def test_details_that_are_no_object_are_shown_all_the_same() -> None:
    assert document_of({"details": ["a", 1]}) == {"details": {"Details": ["a", 1]}}


def test_an_address_that_is_not_https_is_text_and_never_the_report() -> None:
    assert document_of({}, results_url="http://labassess.example/r") == {
        "details": {"Results": "http://labassess.example/r"}
    }


def test_attachments_without_a_description_are_numbered() -> None:
    (update,) = told(
        {"status": "completed", "attachments": [{"url": "https://l.example/a.pdf"}, {"description": "Gone"}, "odd"]}
    )
    assert update.files == (ReadFile(name="Attachment 1", url="https://l.example/a.pdf"),)
    assert update.document == {}


def test_the_door_answers_in_the_form_of_the_partners_own_errors() -> None:
    assert (WORKABLE.taken(FACTS).status, WORKABLE.taken(FACTS).body) == (200, b"{}")
    refused = WORKABLE.problem(NotFound("There is no such order."))
    assert (refused.status, json.loads(refused.body)) == (404, {"status": 404, "message": "There is no such order."})
    assert WORKABLE.problem(NotAuthenticated()).status == 401
    assert WORKABLE.problem(RateLimited(retry_after=3)).headers == {"retry-after": "3"}


def test_the_sample_is_shown_whole() -> None:
    assert_shows_whole("workable", DOCUMENT)


ASSESSMENTS = objects(
    {
        "score": st.sampled_from(["82", "76%", "12/15", "0"]),
        "grade": st.sampled_from(["failed", "passed", "excelled"]),
        "summary": st.just("Fine."),
        "details": st.dictionaries(st.text(max_size=5), VALUES, max_size=4),
        "duration": st.just("00:41:17"),
    }
)
BODIES = objects(
    {
        "results_url": st.just("https://labassess.example/r"),
        "assessment": ASSESSMENTS,
        "attachments": st.lists(objects({"description": st.just("Report"), "url": st.text(max_size=9)}), max_size=3),
    },
    status=st.sampled_from(["completed", "completed", "pending", "rejected", "expired"]),
)


@given(raw(BODIES | BODIES | VALUES))
def test_whatever_comes_is_read_or_refused_and_its_document_is_shown_whole(body: bytes) -> None:
    for update in readable(WORKABLE.read_update, body) or ():
        assert all(file.url.startswith("https://") for file in update.files)
        if update.document:
            assert_shows_whole("workable", update.document)


@given(raw(objects({"tests": VALUES, "packages": VALUES, "assessment_id": VALUES, "message": VALUES}) | VALUES))
def test_whatever_is_answered_is_read_or_refused(body: bytes) -> None:
    for status in (200, 201, 400, 409, 500):
        readable(WORKABLE.read_catalogue, reply(body, status))
        readable(WORKABLE.read_receipt, reply(body, status))
