"""What partners that speak Ashby's protocol tell: how tolerantly it is read, and what we refuse to guess."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.dialects.ashby import Ashby
from assessments.dialects.base import Unreadable
from assessments.dialects.values import ReadUnasked, ReadUpdate
from tests.assessments.dialects.anything import VALUES, readable
from tests.assessments.dialects.shipped import assert_shows_whole, payload

ASHBY = Ashby()
REFERENCE = "0c9b9a3e-6c7f-4d5e-8b1a-2f3e4d5c6b7a"
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


# --- Whatever comes -------------------------------------------------------------------------------------------------

TYPES = ["numeric_score", "numeric_duration_minutes", "url", "string", "boolean_success"]
BLOBS = (
    st.fixed_dictionaries(
        {"value": VALUES | st.sampled_from(["https://a.example/", "true", "7", "", 0])},
        optional={
            "identifier": VALUES,
            "label": st.sampled_from(["A", "A (2)", "a/b", "~", ""]) | VALUES,
            "description": VALUES,
            "type": st.sampled_from(TYPES) | VALUES,
        },
    )
    | VALUES
)
UPDATES = st.fixed_dictionaries(
    {"assessment_id": st.just("A-1") | VALUES},
    optional={
        "timestamp": st.just(1796128415123) | VALUES,
        "assessment_status": BLOBS,
        "assessment_profile_url": BLOBS,
        "assessment_result": BLOBS,
        "cancelled_reason": BLOBS,
        "metadata": st.lists(BLOBS, max_size=5) | VALUES,
    },
)


@settings(max_examples=300, deadline=None)
@given(UPDATES | VALUES)
def test_whatever_is_posted_is_read_or_said_to_be_unreadable_and_its_document_fits(call: Any) -> None:
    for one in readable(ASHBY.read_update, json.dumps(call).encode()) or ():
        assert one.reference
        if one.kind == "result":
            assert_shows_whole("ashby", one.document)


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({"candidateId": st.just("c"), "assessment": st.fixed_dictionaries(
    {"assessmentId": st.just(1), "assessmentTypeId": st.just(2), "result": BLOBS},
    optional={"metadata": st.lists(BLOBS, max_size=4), "assessmentName": VALUES},
) | VALUES}, optional={"timestamp": VALUES}) | VALUES)  # fmt: skip
def test_whatever_comes_without_an_order_is_read_or_said_to_be_unreadable(call: Any) -> None:
    raw = json.dumps(call).encode()
    told = readable(ASHBY.read_unasked, raw)
    if told is not None:
        assert_shows_whole("ashby", told.document)
        assert ASHBY.taken_unasked(raw, "").status == 200


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_whatever_bytes_come_are_said_to_be_unreadable(raw: bytes) -> None:
    for read in (ASHBY.read_update, ASHBY.read_unasked):
        with pytest.raises(Unreadable):
            read(raw)
