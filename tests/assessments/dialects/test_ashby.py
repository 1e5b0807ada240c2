"""Ashby's protocol: what we ask, how tolerantly we read, and what we refuse to guess."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.dialects.ashby import Ashby
from assessments.dialects.base import InboundKey, Unreadable, Unsupported
from assessments.dialects.values import CancelAnswer, Links, OfferedType, OrderFacts, ReadUnasked, ReadUpdate, Receipt
from assessments.schemas.order_schema import check_order_schema
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
from tests.assessments.dialects.shipped import assert_shows_whole, payload, reply

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
AT = datetime(2026, 12, 1, 12, 33, 35, 123000, tzinfo=UTC)


def update(**call: Any) -> bytes:
    return json.dumps({"assessment_id": "A-1", "timestamp": 1796128415123, **call}).encode()


def blob(value: Any, type_: str = "string", **more: Any) -> dict[str, Any]:
    return {"identifier": "it", "label": "It", "type": type_, "value": value, **more}


def result_of(value: Any, type_: str, *metadata: dict[str, Any]) -> Any:
    """The document of a final update."""
    (told,) = ASHBY.read_update(update(assessment_result=blob(value, type_), metadata=list(metadata)))
    assert (told.kind, told.result_kind) == ("result", "final")
    assert_shows_whole("ashby", told.document)
    return told.document


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
    assert receipt.updates == (ReadUpdate(kind="started", reference="7", occurred_at=AT),)


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


# --- Updates --------------------------------------------------------------------------------------------------------


def test_started_tells_the_start_and_the_zeros_before_completion_mean_nothing() -> None:
    assert ASHBY.read_update(payload("ashby", "assessment.update.started")) == (
        ReadUpdate(
            kind="started",
            reference=REFERENCE,
            occurred_at=datetime(2026, 12, 1, 10, 30, 15, 123000, tzinfo=UTC),
        ),
    )


def test_another_status_is_a_note_and_what_came_along_is_a_partial_result() -> None:
    at = datetime(2026, 12, 1, 11, 0, 15, 123000, tzinfo=UTC)
    note, partial = ASHBY.read_update(payload("ashby", "assessment.update.progress"))
    assert note == ReadUpdate(kind="note", reference=REFERENCE, occurred_at=at, note="Status: Speaking is being rated")
    assert partial == ReadUpdate(
        kind="result",
        reference=REFERENCE,
        occurred_at=at,
        result_kind="partial",
        document={"status": "Speaking is being rated", "details": {"Reading": 131}},
    )
    assert_shows_whole("ashby", partial.document)


def test_a_result_is_final_with_everything_in_the_partner_s_words_and_order() -> None:
    (told,) = ASHBY.read_update(payload("ashby", "assessment.update.result"))
    assert told == ReadUpdate(
        kind="result",
        reference=REFERENCE,
        occurred_at=datetime(2026, 12, 1, 12, 0, 15, 123000, tzinfo=UTC),
        document={
            "score": 128,
            "measure": "Overall score",
            "status": "Completed",
            "report_url": "https://lingua.example/reports/8841",
            "details": {
                "Max score": 160,
                "Time taken": "PT1H14M30S",
                "Certificate": "https://lingua.example/certificates/8841",
                "Level": "C1",
                "Identity checked": True,
                "Part": 131,
                "Part (2)": -2.5,
                "sat": "2026-11-30T14:05:00",
                "Old portal": "http://lingua.example/old",
            },
            "notes": {"Overall score": "The mean of the four skills.", "Level": "Of the CEFR."},
        },
    )
    assert list(told.document["details"])[:3] == ["Max score", "Time taken", "Certificate"]
    assert_shows_whole("ashby", told.document)


def test_ten_identical_callbacks_are_one_update() -> None:
    raw = payload("ashby", "assessment.update.result")
    assert all(ASHBY.read_update(raw) == ASHBY.read_update(raw) for _ in range(10))
    # A member that we do not know changes nothing.
    assert ASHBY.read_update(raw.replace(b"eu-1", b"eu-2")) == ASHBY.read_update(raw)


def test_a_cancelled_reason_cancels_with_its_words() -> None:
    (told,) = ASHBY.read_update(payload("ashby", "assessment.update.cancelled"))
    assert (told.kind, told.note, told.document) == ("cancelled", "The candidate withdrew.", None)
    assert told.occurred_at == datetime(2026, 12, 1, 12, 0, 15, 124000, tzinfo=UTC)


def test_a_cancellation_and_a_result_in_one_call_are_both_told_the_result_first() -> None:
    told = ASHBY.read_update(update(assessment_result=blob(7, "numeric_score"), cancelled_reason=blob(True)))
    assert [(one.kind, one.note) for one in told] == [("result", ""), ("cancelled", "It")]


@pytest.mark.parametrize(
    ("value", "type_", "headline"),
    [
        (0, "numeric_score", {"score": 0}),
        (-12.5, "numeric_score", {"score": -12.5}),
        ("82", "numeric_score", {"score": 82}),
        ("82 %", "numeric_score", {"grade": "82 %"}),
        (2**60, "numeric_score", {"grade": str(2**60)}),
        (True, "boolean_success", {"outcome": "passed"}),
        ("False", "boolean_success", {"outcome": "failed"}),
        ("perhaps", "boolean_success", {"grade": "perhaps"}),
        ("excellent", "string", {"grade": "excellent"}),
        (44, "string", {"grade": "44"}),
        (90, "numeric_duration_minutes", {"duration": "PT1H30M"}),
        (0, "numeric_duration_minutes", {"duration": "PT0S"}),
        (0.25, "numeric_duration_minutes", {"duration": "PT15S"}),
        (-5, "numeric_duration_minutes", {"grade": "-5"}),
    ],
)
def test_a_result_is_read_by_its_type_and_is_a_grade_where_it_is_not_of_it(
    value: Any, type_: str, headline: dict[str, Any]
) -> None:
    assert result_of(value, type_) == {**headline, "measure": "It"}


@pytest.mark.parametrize(
    ("value", "type_"), [("https://lingua.example/r", "url"), (False, ""), (3, "numeric_rank"), ([1], "string[]")]
)
def test_a_result_of_another_type_decides_nothing_and_stands_among_the_details(value: Any, type_: str) -> None:
    assert result_of(value, type_) == {"details": {"It": "[1]" if value == [1] else value}}


def test_a_status_and_an_address_may_be_plain_texts() -> None:
    (note,) = ASHBY.read_update(update(assessment_status="Rated", assessment_profile_url="https://lingua.example/r"))
    assert (note.kind, note.note) == ("note", "Rated")


@pytest.mark.parametrize(
    ("value", "type_", "shown"),
    [
        (7, "numeric_score", 7),
        ("7.25", "numeric_score", 7.25),
        ("1e999", "numeric_score", "1e999"),
        ("many", "numeric_score", "many"),
        (None, "numeric_score", None),
        (61, "numeric_duration_minutes", "PT1H1M"),
        ("soon", "numeric_duration_minutes", "soon"),
        ("true", "boolean_success", True),
        (1, "boolean_success", 1),
        ("https://lingua.example/a b", "url", "https://lingua.example/a b"),
        ("javascript:alert(1)", "url", "javascript:alert(1)"),
        ("", "string", ""),
        ([1, {"a": "é"}], "string", '[1, {"a": "é"}]'),
        (-(2**53), "string", "-9007199254740992"),
        (True, "nobody knows", True),
    ],
)
def test_a_detail_is_read_by_its_type_and_stays_as_it_was_told_where_it_is_not_of_it(
    value: Any, type_: str, shown: Any
) -> None:
    details = result_of("ok", "string", blob(value, type_, label="Detail"))["details"]
    assert (details, type(details["Detail"])) == ({"Detail": shown}, type(shown))


def test_labels_that_are_missing_or_stood_before_are_told_apart() -> None:
    metadata = [
        blob(1, label="A"),
        blob(2, label="A (2)"),
        blob(3, label=" A "),
        blob(4, label="A"),
        {"identifier": "key", "label": None, "value": 5},
        {"value": 6},
        None,
    ]
    (told,) = ASHBY.read_update(update(assessment_result=blob("x"), metadata=metadata))
    expected = {"A": 1, "A (2)": 2, "A (3)": 3, "A (4)": 4, "key": 5, "Value 6": 6}
    assert told.document["details"] == expected


@pytest.mark.parametrize(
    "url", ["http://lingua.example/r", "https://me@lingua.example/", "https://", "https://a.example/" + "x" * 1000]
)
def test_a_report_that_is_no_https_address_is_shown_as_text(url: str) -> None:
    (told,) = ASHBY.read_update(update(assessment_result=blob(1, "numeric_score"), assessment_profile_url=blob(url)))
    assert told.document == {"score": 1, "measure": "It", "details": {"It": url}}
    assert_shows_whole("ashby", told.document)


def test_the_moment_may_be_missing_or_a_text_and_is_exact() -> None:
    status = {"assessment_status": blob("Started")}
    moments = [ASHBY.read_update(update(**status, timestamp=told))[0].occurred_at for told in (None, "1796128415123")]
    assert moments == [None, AT]


@pytest.mark.parametrize(
    "moment", [1796128415, 1796128415123456, 0, -1, True, "2026-12-01", [], {}, 1e300, "1e309", 2**200]
)
def test_a_clock_that_does_not_count_milliseconds_is_not_believed(moment: Any) -> None:
    with pytest.raises(Unreadable, match="milliseconds since 1970") as refusal:
        ASHBY.read_update(update(assessment_status=blob("Started"), timestamp=moment))
    assert (refusal.value.pointer, refusal.value.reference) == ("/timestamp", "A-1")


@pytest.mark.parametrize(
    ("raw", "pointer", "reference"),
    [
        (b"", "", ""),
        (b"{", "", ""),
        (b"[]", "", ""),
        (b'{"a":NaN}', "/a", ""),
        (b'{"assessment_id":null}', "/assessment_id", ""),
        (b'{"assessment_id":{}}', "/assessment_id", ""),
        (update(), "/assessment_status", "A-1"),
        (update(assessment_status="", assessment_result=None), "/assessment_status", "A-1"),
        (update(assessment_result=[]), "/assessment_result", "A-1"),
        (update(assessment_result=True), "/assessment_result", "A-1"),
        (update(cancelled_reason=False), "/cancelled_reason", "A-1"),
        (update(assessment_status=3), "/assessment_status", "A-1"),
        (update(assessment_result={}), "/assessment_result/value", "A-1"),
        (update(assessment_result=blob(None)), "/assessment_result/value", "A-1"),
        (update(assessment_status=blob("x"), metadata={}), "/metadata", "A-1"),
        (update(assessment_status=blob("x"), metadata=[blob(1), 2]), "/metadata/1", "A-1"),
    ],
)
def test_an_update_that_cannot_be_read_says_where_and_about_what(raw: bytes, pointer: str, reference: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        ASHBY.read_update(raw)
    assert (refusal.value.pointer, refusal.value.reference) == (pointer, reference)
    assert refusal.value.sentence.endswith(".")


# --- Results without an order ---------------------------------------------------------------------------------------


def test_a_result_without_an_order_names_our_candidate() -> None:
    told = ASHBY.read_unasked(payload("ashby", "assessment.addCompletedToCandidate"))
    assert told == ReadUnasked(
        candidate="cand_06h0knponcaf54p80p72kddup0",
        assessment_type="5f1c0a44-3f8e-4f0a-9a55-1b2d7c1e9a01",
        assessment_name="English, four skills",
        reference="77120",
        occurred_at=datetime(2026, 12, 1, 12, 0, 15, 123000, tzinfo=UTC),
        document={"outcome": "passed", "measure": "Passed", "details": {"Level": "B2"}},
    )
    assert_shows_whole("ashby", told.document)


@pytest.mark.parametrize(
    ("change", "pointer", "reference"),
    [
        ({"candidateId": None}, "/candidateId", "77120"),
        ({"assessment": None}, "/assessment", ""),
        ({"assessment": {"assessmentId": "77120"}}, "/assessment/result", "77120"),
        ({"assessment": {"assessmentId": "77120", "result": {}}}, "/assessment/result/value", "77120"),
        (
            {"assessment": {"assessmentId": "77120", "result": blob(1), "assessmentTypeId": ""}},
            "/assessment/assessmentTypeId",
            "77120",
        ),
        ({"assessment": {"result": blob(1)}}, "/assessment/assessmentId", ""),
        ({"timestamp": "now"}, "/timestamp", "77120"),
    ],
)
def test_a_result_without_an_order_that_cannot_be_read_says_where(
    change: dict[str, Any], pointer: str, reference: str
) -> None:
    call = json.loads(payload("ashby", "assessment.addCompletedToCandidate")) | change
    with pytest.raises(Unreadable) as refusal:
        ASHBY.read_unasked(json.dumps(call).encode())
    assert (refusal.value.pointer, refusal.value.reference) == (pointer, reference)


def test_it_is_answered_with_the_same_members_and_the_application_it_was_attached_to() -> None:
    raw = payload("ashby", "assessment.addCompletedToCandidate")
    answer = ASHBY.taken_unasked(raw, "app_06h0knponcaf54p80p72kdduq0")
    told = json.loads(raw) | {"applicationId": "01a20a5f-38bb-14f2-9328-064e2a35bed0"}
    assert (answer.status, json.loads(answer.body)) == (200, {"success": True, "results": told})
    assert json.loads(ASHBY.taken_unasked(raw, "").body)["results"]["applicationId"] is None


# --- Answers of the doors -------------------------------------------------------------------------------------------


def test_what_was_taken_is_a_success_in_the_protocol_s_form() -> None:
    answer = ASHBY.taken(FACTS)
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert json.loads(answer.body) == {"success": True, "results": {"assessment_id": REFERENCE}}
    assert json.loads(ASHBY.taken(None).body) == {"success": True, "results": {}}


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

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
TYPES = ["numeric_score", "numeric_duration_minutes", "url", "string", "boolean_success"]
BLOBS = (
    st.fixed_dictionaries(
        {"value": ANYTHING | st.sampled_from(["https://a.example/", "true", "7", "", 0])},
        optional={
            "identifier": ANYTHING,
            "label": st.sampled_from(["A", "A (2)", "a/b", "~", ""]) | ANYTHING,
            "description": ANYTHING,
            "type": st.sampled_from(TYPES) | ANYTHING,
        },
    )
    | ANYTHING
)
UPDATES = st.fixed_dictionaries(
    {"assessment_id": st.just("A-1") | ANYTHING},
    optional={
        "timestamp": st.just(1796128415123) | ANYTHING,
        "assessment_status": BLOBS,
        "assessment_profile_url": BLOBS,
        "assessment_result": BLOBS,
        "cancelled_reason": BLOBS,
        "metadata": st.lists(BLOBS, max_size=5) | ANYTHING,
    },
)
FIELDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["String", "ValueSelect", "MultiValueSelect", "Score", "Boolean"]) | ANYTHING},
    optional={
        "id": ANYTHING,
        "name": ANYTHING,
        "isRequired": st.booleans(),
        "possible_values": st.lists(st.fixed_dictionaries({"key": ANYTHING, "value": ANYTHING}), max_size=3) | ANYTHING,
    },
)


@settings(max_examples=300, deadline=None)
@given(UPDATES | ANYTHING)
def test_whatever_is_posted_is_read_or_said_to_be_unreadable_and_its_document_fits(call: Any) -> None:
    try:
        told = ASHBY.read_update(json.dumps(call).encode())
    except Unreadable:
        return
    for one in told:
        assert one.reference
        if one.kind == "result":
            assert_shows_whole("ashby", one.document)


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({"candidateId": st.just("c"), "assessment": st.fixed_dictionaries(
    {"assessmentId": st.just(1), "assessmentTypeId": st.just(2), "result": BLOBS},
    optional={"metadata": st.lists(BLOBS, max_size=4), "assessmentName": ANYTHING},
) | ANYTHING}, optional={"timestamp": ANYTHING}) | ANYTHING)  # fmt: skip
def test_whatever_comes_without_an_order_is_read_or_said_to_be_unreadable(call: Any) -> None:
    raw = json.dumps(call).encode()
    try:
        told = ASHBY.read_unasked(raw)
    except Unreadable:
        return
    assert_shows_whole("ashby", told.document)
    assert ASHBY.taken_unasked(raw, "").status == 200


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({}, optional={
        "success": ANYTHING, "results": ANYTHING | st.lists(ANYTHING), "errors": ANYTHING, "errorInfo": ANYTHING,
        "fields": st.lists(FIELDS, max_size=4) | ANYTHING,
    }) | ANYTHING,
    st.sampled_from([200, 201, 302, 400, 401, 409, 422, 500]),
)  # fmt: skip
def test_whatever_is_answered_is_read_or_said_to_be_unreadable(body: Any, status: int) -> None:
    answer = reply(body, status)
    for read in (ASHBY.read_catalogue, ASHBY.read_fields, ASHBY.read_receipt, ASHBY.read_cancel):
        try:
            told = read(answer)
        except Unreadable:
            continue
        if read == ASHBY.read_fields:
            assert check_order_schema(told) == []


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_whatever_bytes_come_are_said_to_be_unreadable(raw: bytes) -> None:
    for read in (ASHBY.read_update, ASHBY.read_unasked):
        with pytest.raises(Unreadable):
            read(raw)
