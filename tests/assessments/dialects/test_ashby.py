"""Ashby's protocol: what we ask, what its answers mean to us, and what our doors answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.dialects.ashby import Ashby
from assessments.dialects.base import InboundKey, Unreadable, Unsupported
from assessments.dialects.values import CancelAnswer, Links, OfferedType, OrderFacts, ReadUpdate, Receipt
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InternalError,
    InvalidToken,
    MalformedJson,
    NotAuthenticated,
    NotFound,
    RateLimited,
    ValidationFailed,
)
from partners.delivery.messages import Message
from tests.assessments.dialects.anything import VALUES, readable
from tests.assessments.dialects.shipped import payload, reply

ASHBY = Ashby()
REFERENCE = "0c9b9a3e-6c7f-4d5e-8b1a-2f3e4d5c6b7a"
FACTS = OrderFacts(
    order="ord_06h0knponcaf54p80p72kddup0",
    installation="ins_06h0knponcaf54p80p72kddup0",
    organization="org_06h0knponcaf54p80p72kddup0",
    assessment_type="5f1c0a44-3f8e-4f0a-9a55-1b2d7c1e9a01",
    assessment_name="English, four skills",
    reference=REFERENCE,
    candidate_id="cand_06h0knponcaf54p80p72kddup0",
    application="app_06h0knponcaf54p80p72kdduq0",
    job={"id": "job_06h0knponcaf54p80p72kddur0", "title": "Chemist"},
    candidate={"first_name": "Ada", "last_name": "Lovelace", "email": "ada@mail.example", "phone": "+44 20 7946 0000"},
    fields={"level": "b2", "skills": ["1"]},
    links=Links(candidate="https://assay.example/candidates/c", job="https://assay.example/jobs/j"),
)


def test_each_url_is_named_by_itself_and_updates_and_results_without_an_order_have_a_door_each() -> None:
    assert [(address.purpose, address.is_required) for address in ASHBY.addresses] == [
        ("catalogue", True),
        ("order", True),
        ("cancel", False),
        ("fields", False),
    ]
    assert [(door.method, door.path) for door in ASHBY.doors] == [
        ("POST", "compat/ashby/assessment.update"),
        ("POST", "compat/ashby/assessment.addCompletedToCandidate"),
    ]
    assert ASHBY.inbound == InboundKey(scheme="basic")


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_the_catalogue_and_the_order_form_are_asked_by_an_empty_object() -> None:
    assert ASHBY.ask_catalogue("ins_1") == Message(
        topic="catalogue.asked", purpose="catalogue", subject="ins_1", body="{}"
    )
    assert ASHBY.ask_fields("ins_1") == Message(topic="fields.asked", purpose="fields", subject="ins_1", body="{}")


def test_an_order_carries_what_the_protocol_asks_for_and_is_never_repeated_blindly() -> None:
    message = ASHBY.order(FACTS)
    assert json.loads(message.body) == {
        "assessment_type_id": "5f1c0a44-3f8e-4f0a-9a55-1b2d7c1e9a01",
        "candidate": {
            "ashby_id": "01a20a5f-38bb-14f2-9328-064e2a35bec8",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "ada@mail.example",
            "ashby_profile_url": "https://assay.example/candidates/c",
        },
        "application": {"ashby_id": "01a20a5f-38bb-14f2-9328-064e2a35bed0", "status": "Active"},
        "job": {
            "ashby_id": "01a20a5f-38bb-14f2-9328-064e2a35bed8",
            "name": "Chemist",
            "ashby_job_url": "https://assay.example/jobs/j",
        },
        "additional_fields": {"level": "b2", "skills": ["1"]},
    }
    assert (message.topic, message.purpose, message.subject) == ("order.placed", "order", FACTS.order)
    assert (message.method, message.repeatable) == ("POST", False)


def test_without_an_order_form_there_are_no_additional_fields() -> None:
    bare = OrderFacts(order="ord_1", installation="ins_1", organization="org_1", assessment_type="t")
    assert "additional_fields" not in json.loads(ASHBY.order(bare).body)


def test_a_cancellation_names_the_partner_s_id_and_cannot_be_told_without_it() -> None:
    message = ASHBY.cancel(FACTS)
    assert (message.topic, message.purpose, json.loads(message.body)) == (
        "order.cancelled",
        "cancel",
        {"assessment_id": REFERENCE},
    )
    with pytest.raises(Unsupported):
        ASHBY.cancel(OrderFacts(order="ord_1", installation="ins_1", organization="org_1", assessment_type="t"))


# --- The catalogue --------------------------------------------------------------------------------------------------


def test_entries_without_a_name_are_called_by_their_id_and_those_without_an_id_are_left_out() -> None:
    assert ASHBY.read_catalogue(reply(payload("ashby", "assessment.list.reply"))) == (
        OfferedType(
            key="5f1c0a44-3f8e-4f0a-9a55-1b2d7c1e9a01",
            name="English, four skills",
            description="Reading, listening, writing and speaking in 75 minutes.",
        ),
        OfferedType(key="4021", name="4021"),
        OfferedType(key="lang-quick", name="English, quick check"),
    )


def test_of_two_entries_with_one_id_the_first_counts_and_an_empty_list_is_a_catalogue() -> None:
    twins = [{"assessment_type_id": 1, "name": "A"}, {"assessment_type_id": "1", "name": "B"}]
    assert ASHBY.read_catalogue(reply({"results": twins})) == (OfferedType(key="1", name="A"),)
    assert ASHBY.read_catalogue(reply({"success": True, "results": []})) == ()


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"<html>", 200, "The partner answered 200 with a web page or XML where JSON is expected: the URL may be"
         " another one, or ask for a log-in."),
        (b"", 200, "The partner answered 200, but: The body is empty; a JSON value is expected."),
        (b'{"a":1,"a":2}', 200, "The partner answered 200, but: The JSON cannot be read in only one way. The object has"
         " this key more than once."),
        ({}, 200, "A list is expected at /results, not null."),
        ([], 200, "An object is expected as the body, not a list."),
        ({"success": True, "results": {}}, 200, "A list is expected at /results, not an object."),
        ({"results": [{"name": "A"}, None]}, 200, "None of its entries has the member assessment_type_id."),
        (payload("ashby", "failure.reply"), 200, "The partner answered 200, but with an error. It says: The assessment"
         " type is not part of your plan."),
        ({"message": "Unknown key"}, 401, "The partner answered 401: it does not accept the key that it was given. It"
         " says: Unknown key"),
        (b"<html>", 404, "The partner answered 404: there is nothing of that kind at this URL."),
        ({"message": "Unknown key"}, 200, "The partner answered 200, but with an error. It says: Unknown key"),
        ({"success": False}, 200, "The partner answered 200, but with an error."),
        (b"", 302, "The partner answered 302: a redirect, and none is followed; name the URL that it leads to."),
        (b"", 500, "The partner answered 500: something broke on its side."),
        (b"", 418, "The partner answered 418."),
    ],
)  # fmt: skip
def test_a_catalogue_that_cannot_be_read_is_explained(body: Any, status: int, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        ASHBY.read_catalogue(reply(body, status))
    assert refusal.value.sentence == sentence


def test_a_catalogue_cut_off_is_not_taken_for_the_whole() -> None:
    with pytest.raises(Unreadable, match="longer than the 2 bytes"):
        ASHBY.read_catalogue(reply(b"[]", truncated=True))


# --- Receipts -------------------------------------------------------------------------------------------------------


def test_a_receipt_accepts_and_brings_its_first_update() -> None:
    note = ReadUpdate(
        kind="note",
        reference=REFERENCE,
        occurred_at=datetime(2026, 12, 1, 9, 30, 15, 123000, tzinfo=UTC),
        note="Invitation: Sent",
    )
    assert ASHBY.read_receipt(reply(payload("ashby", "assessment.start.reply"))) == Receipt(
        accepted=True, reference=REFERENCE, updates=(note,)
    )


@pytest.mark.parametrize("reference", ["A-1", 1, 1.0, " 1 "])
def test_an_id_is_a_text_whatever_it_was(reference: Any) -> None:
    receipt = ASHBY.read_receipt(reply({"results": {"assessment_id": reference}}))
    assert receipt == Receipt(accepted=True, reference="A-1" if reference == "A-1" else "1")


@pytest.mark.parametrize(
    ("came", "unread"),
    [
        ({"assessment_id": "A-1"}, "An assessment_status, an assessment_result or a cancelled_reason is expected."),
        ([], "An object is expected at /results/update_request, not a list."),
        (
            {"assessment_id": "A-2", "assessment_status": {"value": "Sent"}},
            "The update_request is about another assessment_id than the answer that it came with.",
        ),
    ],
)
def test_an_update_that_cannot_be_read_does_not_undo_the_acceptance(came: Any, unread: str) -> None:
    receipt = ASHBY.read_receipt(reply({"results": {"assessment_id": "A-1", "update_request": came}}))
    assert receipt == Receipt(accepted=True, reference="A-1", unread=unread)


def test_an_update_in_a_receipt_need_not_name_the_assessment_again() -> None:
    came = {"timestamp": 1796128415123, "assessment_status": {"label": "Status", "value": "Started"}}
    receipt = ASHBY.read_receipt(reply({"results": {"assessment_id": 7, "update_request": came}}))
    assert receipt.updates == (
        ReadUpdate(kind="started", reference="7", occurred_at=datetime(2026, 12, 1, 12, 33, 35, 123000, tzinfo=UTC)),
    )


NO_ID = "The partner answered without an id for the assessment, which means that it did not take it."


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 200, NO_ID),
        ({"success": True, "results": None}, 200, NO_ID),
        ({"success": True, "results": {"assessment_id": ""}}, 200, NO_ID),
        ({"success": True, "results": {"assessment_id": "x" * 201}}, 200, NO_ID),
        ({"success": False, "results": {"assessment_id": "A-1"}}, 200, NO_ID),
        (payload("ashby", "failure.reply"), 200, "The assessment type is not part of your plan."),
        (payload("ashby", "failure.reply"), 400, "The assessment type is not part of your plan."),
        ({"error": {"errors": [{"title": "No\n seats"}, {"detail": "left"}]}}, 200, "No seats; left"),
        ({"message": "Ada has no e-mail address."}, 422, "Ada has no e-mail address."),
        (b"", 422, "The partner does not take this order, and does not say why."),
        (b"", 409, "The candidate is being assessed by the partner already."),
        ({"message": "Assessed in May."}, 409, "Assessed in May."),
    ],
)
def test_what_names_no_assessment_is_a_refusal_in_the_partner_s_words(body: Any, status: int, message: str) -> None:
    assert ASHBY.read_receipt(reply(body, status)) == Receipt(accepted=False, message=message)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500, 503])
def test_a_call_that_went_wrong_is_no_refusal(status: int) -> None:
    with pytest.raises(Unreadable, match=f"answered {status}"):
        ASHBY.read_receipt(reply(b"<html>", status))


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        ({"success": True, "results": {"assessment_id": "A-1"}}, 200, CancelAnswer(in_time=True)),
        ({"success": True}, 200, CancelAnswer(in_time=True)),
        ({"success": False, "errorInfo": {"message": "Late."}}, 200, CancelAnswer(in_time=False, message="Late.")),
        ({"message": "Late."}, 422, CancelAnswer(in_time=False, message="Late.")),
    ],
)
def test_the_answer_to_a_cancellation_says_whether_it_came_in_time(
    body: Any, status: int, answer: CancelAnswer
) -> None:
    assert ASHBY.read_cancel(reply(body, status)) == answer


@pytest.mark.parametrize(("body", "status"), [({}, 200), (b"", 404), (b"", 422)])
def test_an_answer_to_a_cancellation_that_says_nothing_is_not_guessed(body: Any, status: int) -> None:
    with pytest.raises(Unreadable):
        ASHBY.read_cancel(reply(body, status))


# --- Answers of the doors -------------------------------------------------------------------------------------------


def test_what_was_taken_is_a_success_in_the_protocol_s_form() -> None:
    answer = ASHBY.taken(FACTS)
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert json.loads(answer.body) == {"success": True, "results": {"assessment_id": REFERENCE}}
    assert json.loads(ASHBY.taken(None).body) == {"success": True, "results": {}}


def test_a_result_without_an_order_is_answered_with_its_members_and_the_application_it_went_to() -> None:
    raw = payload("ashby", "assessment.addCompletedToCandidate")
    answer = ASHBY.taken_unasked(raw, "app_06h0knponcaf54p80p72kdduq0")
    told = json.loads(raw) | {"applicationId": "01a20a5f-38bb-14f2-9328-064e2a35bed0"}
    assert (answer.status, json.loads(answer.body)) == (200, {"success": True, "results": told})
    assert json.loads(ASHBY.taken_unasked(raw, "").body)["results"]["applicationId"] is None


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotAuthenticated(), 401, "not_authenticated"),
        (InvalidToken(), 403, "invalid_token"),
        (Forbidden(), 403, "forbidden"),
        (MalformedJson(), 200, "invalid_input"),
        (ValidationFailed(), 200, "invalid_input"),
        (NotFound(), 200, "not_found"),
        (Conflict(), 200, "conflict"),
        (InternalError(), 500, "internal_error"),
    ],
)
def test_a_refusal_is_an_envelope_and_a_logical_one_comes_with_200(error: DomainError, status: int, code: str) -> None:
    answer = ASHBY.problem(error, "req_7")
    assert (answer.status, json.loads(answer.body)) == (
        status,
        {
            "success": False,
            "errors": [code],
            "errorInfo": {"code": code, "message": error.detail, "requestId": "req_7", "meta": {}},
        },
    )


def test_a_refusal_says_where_and_when_to_come_again() -> None:
    problem = {"pointer": "/score", "code": "wrong_type", "message": "must be a number", "schema_pointer": "/x"}
    told = json.loads(ASHBY.problem(ValidationFailed(problems=[problem])).body)["errorInfo"]["meta"]
    assert told == {"problems": [{"pointer": "/score", "code": "wrong_type", "message": "must be a number"}]}
    limited = ASHBY.problem(RateLimited(retry_after=9))
    assert (limited.status, limited.headers) == (429, {"retry-after": "9"})


# --- Whatever comes -------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({}, optional={
        "success": VALUES, "results": VALUES | st.lists(VALUES), "errors": VALUES, "errorInfo": VALUES,
        "fields": VALUES,
    }) | VALUES,
    st.sampled_from([200, 201, 302, 400, 401, 409, 422, 500]),
)  # fmt: skip
def test_whatever_is_answered_is_read_or_said_to_be_unreadable(body: Any, status: int) -> None:
    for read in (ASHBY.read_catalogue, ASHBY.read_fields, ASHBY.read_receipt, ASHBY.read_cancel):
        readable(read, reply(body, status))
