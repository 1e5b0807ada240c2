"""Greenhouse's protocol: what we ask, what a refusal looks like there, and when an answer counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.dialects.base import InboundKey, Unreadable, Unsupported
from assessments.dialects.greenhouse import Greenhouse
from assessments.dialects.values import Answer, Links, OfferedType, OrderFacts, ReadUpdate, Receipt
from core.errors import DomainError, InternalError, NotAuthenticated, NotFound, RateLimited
from partners.delivery.messages import Message
from tests.assessments.dialects.anything import VALUES, readable
from tests.assessments.dialects.shipped import assert_shows_whole, payload, reply

GREENHOUSE = Greenhouse()
FACTS = OrderFacts(
    order="ord_1",
    installation="ins_1",
    organization="org_1",
    assessment_type="12345",
    assessment_name="Criminal record, one country",
    reference="98 765&x=1",
    placed_by="grace@acme.example",
    candidate={"first_name": "Ada", "last_name": "Lovelace", "email": "ada@mail.example", "phone": "+44 20 7946 0000"},
    links=Links(
        candidate="https://assay.example/candidates/c",
        callback="https://assay.example/compat/greenhouse/orders/8fJ2",
    ),
)
UNKNOWN = OrderFacts(order="ord_1", installation="ins_1", organization="org_1", assessment_type="12345")


def test_the_four_urls_are_named_each_by_itself_and_the_callback_ends_in_a_secret_of_the_order() -> None:
    """They share no base at some partners; and the last segment of the callback is what partners repeat by."""
    assert [(address.purpose, address.is_required) for address in GREENHOUSE.addresses] == [
        ("catalogue", True),
        ("order", True),
        ("status", True),
        ("complaint", False),
    ]
    assert [(door.method, door.path) for door in GREENHOUSE.doors] == [("PATCH", "compat/greenhouse/orders/{token}")]


def test_the_door_wants_no_credential() -> None:
    """Partners send any or none, and an answer other than 2xx can lose a grade for good."""
    assert GREENHOUSE.inbound == InboundKey(scheme="basic", is_required=False)
    assert GREENHOUSE.key_label == ""


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_the_catalogue_is_asked_by_a_get() -> None:
    assert GREENHOUSE.ask_catalogue("ins_1") == Message(
        topic="catalogue.asked", purpose="catalogue", subject="ins_1", body="", method="GET"
    )


def test_an_order_names_who_asks_and_where_to_call_back_and_sends_null_for_what_is_absent() -> None:
    message = GREENHOUSE.order(FACTS)
    assert json.loads(message.body) == {
        "partner_test_id": "12345",
        "candidate": {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "preferred_name": None,
            "resume_url": None,
            "phone_number": "+44 20 7946 0000",
            "email": "ada@mail.example",
            "greenhouse_profile_url": "https://assay.example/candidates/c",
        },
        "sent_by": "grace@acme.example",
        "url": "https://assay.example/compat/greenhouse/orders/8fJ2",
    }
    assert (message.topic, message.purpose, message.method, message.repeatable) == (
        "order.placed",
        "order",
        "POST",
        False,
    )
    bare = json.loads(GREENHOUSE.order(UNKNOWN).body)
    assert set(bare.pop("candidate").values()) == {None}
    assert bare == {"partner_test_id": "12345", "sent_by": None, "url": None}


def test_the_status_is_asked_by_the_partner_s_id_and_cannot_be_asked_without_it() -> None:
    message = GREENHOUSE.ask_status(FACTS)
    assert (message.method, message.purpose, message.body) == ("GET", "status", "")
    assert message.query == "partner_interview_id=98+765%26x%3D1"
    with pytest.raises(Unsupported):
        GREENHOUSE.ask_status(UNKNOWN)


def test_a_complaint_says_which_call_and_its_ids_are_texts() -> None:
    message = GREENHOUSE.complain(FACTS, "The answer has no partner_status.")
    assert (message.purpose, message.subject) == ("complaint", "ord_1")
    assert json.loads(message.body) == {
        "api_call": "test_status",
        "errors": ["The answer has no partner_status."],
        "partner_test_id": "12345",
        "partner_test_name": "Criminal record, one country",
        "partner_interview_id": "98 765&x=1",
        "candidate_email": "ada@mail.example",
    }
    assert json.loads(GREENHOUSE.complain(UNKNOWN, "No id.").body) == {
        "api_call": "send_test",
        "errors": ["No id."],
        "partner_test_id": "12345",
        "partner_test_name": None,
        "partner_interview_id": None,
        "candidate_email": None,
    }


# --- Catalogue and receipts -----------------------------------------------------------------------------------------


def test_tests_without_a_name_are_called_by_their_id_and_those_without_an_id_are_left_out() -> None:
    assert GREENHOUSE.read_catalogue(reply(payload("greenhouse", "list_tests.reply"))) == (
        OfferedType(key="12345", name="Criminal record, one country"),
        OfferedType(key="12346", name="12346"),
        OfferedType(key="12347", name="Employment history"),
    )
    assert GREENHOUSE.read_catalogue(reply([])) == ()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"error": "No."}, "The partner answered with an error instead of a list of tests. It says: No."),
        ({}, "A list is expected as the body, not an object."),
        (None, "A list is expected as the body, not null."),
        ([{"partner_test_name": "A"}], "None of its entries has the member partner_test_id."),
    ],
)  # fmt: skip
def test_what_is_no_list_of_tests_is_explained(body: Any, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        GREENHOUSE.read_catalogue(reply(body))
    assert refusal.value.sentence == sentence


def test_a_receipt_is_the_partner_s_id_as_a_text() -> None:
    receipt = GREENHOUSE.read_receipt(reply(payload("greenhouse", "send_test.reply")))
    assert receipt == Receipt(accepted=True, reference="98765")
    assert GREENHOUSE.read_receipt(reply({"partner_interview_id": "A-1"}, 201)) == Receipt(
        accepted=True, reference="A-1"
    )


NO_ID = "The partner answered without an id for the test, which means that it did not take it."


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 200, NO_ID),
        (None, 200, NO_ID),
        ([], 200, NO_ID),
        ({"partner_interview_id": None}, 200, NO_ID),
        ({"partner_interview_id": True}, 200, NO_ID),
        ({"error": "No credits left."}, 200, "No credits left."),
        ({"errors": ["No e-mail", "No name"]}, 422, "No e-mail; No name"),
    ],
)
def test_success_without_an_id_is_a_refusal(body: Any, status: int, message: str) -> None:
    assert GREENHOUSE.read_receipt(reply(body, status)) == Receipt(accepted=False, message=message)


@pytest.mark.parametrize(("body", "status"), [(b"ok", 200), (b"", 401), (b"", 404), (b"", 409), (b"", 500), (b"", 503)])
def test_a_call_that_went_wrong_is_no_refusal(body: bytes, status: int) -> None:
    with pytest.raises(Unreadable, match=f"answered {status}"):
        GREENHOUSE.read_receipt(reply(body, status))


# --- How it stands --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        payload("greenhouse", "test_status.waiting.reply"),
        {"partner_status": None, "partner_score": 100},
        {"partner_status": "completed?", "partner_score": 100},
        {"partner_status": ""},
    ],
)
def test_before_completion_nothing_counts(body: Any) -> None:
    assert GREENHOUSE.read_status(reply(body)) is None


def test_a_complete_test_is_a_result_with_what_the_partner_labelled() -> None:
    update = GREENHOUSE.read_status(reply(payload("greenhouse", "test_status.complete.reply")))
    assert update == ReadUpdate(
        kind="result",
        document={
            "score": -2.5,
            "status": "complete",
            "report_url": "https://veritas.example/reports/98765",
            "details": {
                "Started At": "2026-11-30 14:05",
                "Country": "PT",
                "Records found": 0,
                "Adjudication needed": False,
                "Reviewer": None,
                "Certificate": "https://veritas.example/certificates/98765",
            },
        },
    )
    assert_shows_whole("greenhouse", update.document)


def test_a_grade_is_no_score_and_a_report_without_https_is_text() -> None:
    update = GREENHOUSE.read_status(reply(payload("greenhouse", "test_status.graded.reply")))
    assert update is not None
    assert update.document == {
        "grade": "Clear",
        "status": "complete",
        "details": {"Report": "http://veritas.example/reports/98766"},
    }
    assert_shows_whole("greenhouse", update.document)


@pytest.mark.parametrize(
    ("told", "document"),
    [
        ({"partner_status": " Complete "}, {"status": "Complete"}),
        ({"partner_score": 0, "partner_profile_url": ""}, {"score": 0, "status": "complete"}),
        ({"partner_score": "82.5"}, {"score": 82.5, "status": "complete"}),
        ({"partner_score": True}, {"grade": "true", "status": "complete"}),
        ({"partner_score": 2**60}, {"grade": str(2**60), "status": "complete"}),
        (
            {"metadata": {"Report": 1, " Report ": {"a": 1}, "": "x"}},
            {"status": "complete", "details": {"Report": 1, "Report (2)": '{"a": 1}', "Value": "x"}},
        ),
        ({"metadata": [1]}, {"status": "complete", "details": {"Metadata": "[1]"}}),
    ],
)
def test_complete_answers_of_odd_forms_keep_all_that_they_say(told: dict[str, Any], document: Any) -> None:
    update = GREENHOUSE.read_status(reply({"partner_status": "complete", **told}))
    assert update is not None
    assert update.document == document
    assert_shows_whole("greenhouse", update.document)


def test_asked_ten_times_it_is_one_result() -> None:
    answer = reply(payload("greenhouse", "test_status.complete.reply"))
    assert all(GREENHOUSE.read_status(answer) == GREENHOUSE.read_status(answer) for _ in range(10))


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 200, "The partner's answer has no partner_status."),
        ({"error": "Unknown test"}, 200, "The partner's answer has no partner_status. It says: Unknown test"),
        ([], 200, "An object is expected as the body, not a list."),
        (b"", 404, "The partner answered 404: there is nothing of that kind at this URL."),
    ],
)
def test_an_answer_without_a_status_is_explained(body: Any, status: int, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        GREENHOUSE.read_status(reply(body, status))
    assert refusal.value.sentence == sentence


# --- The door -------------------------------------------------------------------------------------------------------


def test_the_door_answers_with_a_status_and_nothing_else() -> None:
    assert GREENHOUSE.taken(FACTS) == Answer(status=200, body=b"", content_type="text/plain")


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (NotFound(), 404, {}),
        (NotAuthenticated(), 401, {}),
        (RateLimited(retry_after=3), 429, {"retry-after": "3"}),
        (InternalError(), 500, {}),
    ],
)
def test_a_refusal_is_a_status_too(error: DomainError, status: int, headers: dict[str, str]) -> None:
    assert GREENHOUSE.problem(error, "req_1") == Answer(
        status=status, body=b"", content_type="text/plain", headers=headers
    )


# --- Whatever comes -------------------------------------------------------------------------------------------------

STATUSES = st.fixed_dictionaries(
    {"partner_status": st.just("complete") | VALUES},
    optional={
        "partner_score": VALUES,
        "partner_profile_url": st.just("https://a.example/") | VALUES,
        "metadata": st.dictionaries(st.sampled_from(["A", "A (2)", " A", "Report", "/~", ""]), VALUES) | VALUES,
    },
)


@settings(max_examples=300, deadline=None)
@given(STATUSES | VALUES)
def test_whatever_the_status_is_read_or_said_to_be_unreadable_and_its_document_fits(body: Any) -> None:
    update = readable(GREENHOUSE.read_status, reply(body))
    if update is not None:
        assert_shows_whole("greenhouse", update.document)


TESTS = st.fixed_dictionaries({"partner_test_id": VALUES}, optional={"partner_test_name": VALUES})


@settings(max_examples=200, deadline=None)
@given(
    st.lists(TESTS) | st.fixed_dictionaries({"partner_interview_id": VALUES}) | VALUES,
    st.sampled_from([200, 302, 400, 401, 404, 422, 500]),
)
def test_whatever_is_answered_is_read_or_said_to_be_unreadable(body: Any, status: int) -> None:
    for read in (GREENHOUSE.read_catalogue, GREENHOUSE.read_receipt, GREENHOUSE.read_status):
        readable(read, reply(body, status))
