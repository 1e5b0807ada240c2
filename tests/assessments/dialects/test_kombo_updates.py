"""What partners that speak Kombo's protocol tell of an order: how it is read, and what becomes of the status."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dialects.base import Unreadable
from assessments.dialects.kombo import Kombo
from assessments.dialects.values import OrderFacts, ReadFile, ReadUpdate
from tests.assessments.dialects.anything import VALUES, objects, raw, readable
from tests.assessments.dialects.shipped import assert_shows_whole, payload

KOMBO = Kombo()
OPEN = OrderFacts(order="o", installation="i", organization="g", assessment_type="t", status="requested")
RESULT_URL = "https://worksample.example/results/5512"
DOCUMENT = {
    "score": 87,
    "maximum": 120,
    "grade": "Strong",
    "report_url": RESULT_URL,
    "summary": "Strong in both models",
    "parts": [
        {"name": "Cash flow", "score": 47.5, "maximum": 60, "status": "completed"},
        {"name": "Pricing", "score": 39.5, "maximum": 60, "status": "completed"},
    ],
    "details": {
        "Role fit": "Strong",
        "Role fit (2)": "Strong in both models",
        "Completed at": "2026-11-14T09:30:00.000Z",
    },
}


def told(body: Any) -> tuple[ReadUpdate, ...]:
    return KOMBO.read_update(json.dumps(body).encode())


def final(**body: Any) -> ReadUpdate:
    (update,) = told({"status": "COMPLETED", "result_url": RESULT_URL, **body})
    return update


# --- The result -----------------------------------------------------------------------------------------------------


def test_a_completed_order_is_a_final_result_with_its_files() -> None:
    assert KOMBO.read_update(payload("kombo", "completed")) == (
        ReadUpdate(
            kind="result",
            document=DOCUMENT,
            files=(
                ReadFile(name="Report.pdf", content=b"%PDF-1.4 worksample"),
                ReadFile(name="Model.xlsx", url="https://files.worksample.example/5512/model.xlsx?signature=abc"),
            ),
        ),
    )


def test_ten_identical_calls_say_the_same_ten_times() -> None:
    assert len({repr(KOMBO.read_update(payload("kombo", "completed"))) for _ in range(10)}) == 1


def test_an_open_order_without_content_is_accepted_and_its_zero_means_nothing() -> None:
    assert KOMBO.read_update(payload("kombo", "open")) == (ReadUpdate(kind="accepted"),)


def test_an_open_order_with_content_is_a_partial_result_without_its_zero() -> None:
    (update,) = KOMBO.read_update(payload("kombo", "partial"))
    assert update == ReadUpdate(
        kind="result",
        result_kind="partial",
        document={
            "report_url": RESULT_URL,
            "parts": [{"name": "Cash flow", "score": 47.5, "maximum": 60, "status": "completed"}],
        },
    )
    assert_shows_whole("kombo", update.document)


def test_a_cancelled_order_is_cancelled() -> None:
    assert KOMBO.read_update(payload("kombo", "cancelled")) == (ReadUpdate(kind="cancelled"),)


@pytest.mark.parametrize("body", [{}, {"status": "REJECTED"}, {"status": None}, {"status": 1}])
def test_a_status_that_is_none_of_the_three_is_unreadable_and_says_where(body: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        told(body)
    assert caught.value.pointer == "/status"


def test_a_score_may_be_written_as_a_text() -> None:
    told = final(score="87.5", max_score="100").document
    assert told == {"score": 87.5, "maximum": 100, "report_url": RESULT_URL}


def test_a_score_without_a_maximum_has_no_scale() -> None:
    assert final(score=-4).document == {"score": -4, "report_url": RESULT_URL}
    assert "maximum" not in final(score=0, max_score=0).document
    assert final(score=0, max_score=10).document == {"score": 0, "maximum": 10, "report_url": RESULT_URL}


def test_a_result_that_is_not_at_an_https_address_is_text_and_never_the_report() -> None:
    assert final(result_url="http://worksample.example/r").document == {
        "details": {"Result": "http://worksample.example/r"}
    }


def test_attributes_of_other_types_are_ignored_and_odd_ones_do_no_harm() -> None:
    odd = [
        {"type": "NUMBER", "label": "Rank", "value": 3},
        "odd",
        {"type": "TEXT", "label": None, "value": None},
        {"type": "SUB_RESULT", "id": 7, "score": {"value": "high"}, "status": "CANCELLED"},
        {"type": "SUB_RESULT"},
    ]
    assert final(attributes=odd).document["parts"] == [{"name": "7", "status": "cancelled"}, {"name": "Part"}]
    assert final(attributes={"type": "TEXT"}).document == {"report_url": RESULT_URL}


@pytest.mark.parametrize("data", ["not base64!", "JVBERi0", ["JVBERi0x"], 7, "ä"])
def test_an_attachment_that_is_not_base64_is_named_by_its_place(data: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        final(attachments=[{"name": "ok.pdf", "data": "JVBERi0x"}, {"name": "bad.pdf", "data": data}])
    assert caught.value.pointer == "/attachments/1/data"


def test_an_attachment_at_a_plain_http_address_is_shown_as_text_and_not_fetched() -> None:
    update = final(attachments=[{"name": "a.pdf", "data_url": "http://worksample.example/a.pdf"}, {}, "odd"])
    assert update.files == ()
    assert update.document["details"] == {"a.pdf": "http://worksample.example/a.pdf"}


def test_a_large_attachment_is_read() -> None:
    content = b"x" * 2_000_000
    update = final(attachments=[{"name": "a.bin", "data": base64.b64encode(content).decode()}])
    assert update.files == (ReadFile(name="a.bin", content=content),)


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        ("requested", {"status": "COMPLETED"}, ""),
        ("started", {"status": "OPEN", "score": 3}, ""),
        ("failed", {"status": "CANCELLED"}, ""),
        ("completed", {"status": "COMPLETED", "score": 4}, ""),
        ("cancelled", {"status": "CANCELLED"}, ""),
        ("completed", {"status": "CANCELLED"}, "COMPLETED"),
        ("completed", {"status": "OPEN", "score": 3}, "COMPLETED"),
        ("completed", {"status": "OPEN"}, "COMPLETED"),
        ("expired", {"status": "COMPLETED"}, ""),
        ("cancelled", {"status": "COMPLETED"}, "CANCELLED"),
        ("declined", {"status": "CANCELLED"}, "REJECTED"),
    ],
)
def test_the_status_changes_only_while_the_order_is_open(status: str, body: Any, refused: str) -> None:
    facts = OrderFacts(order="o", installation="i", organization="g", assessment_type="t", status=status)
    (update,) = told(body)
    objection = KOMBO.objection(facts, update)
    expected = f"The order is {refused}. Its status can be changed only while it is OPEN." if refused else None
    assert (objection and objection.detail) == expected


def test_the_sample_is_shown_whole() -> None:
    assert_shows_whole("kombo", DOCUMENT)


# --- Whatever comes -------------------------------------------------------------------------------------------------

ATTRIBUTES = objects(
    {
        "type": st.sampled_from(["TEXT", "SUB_RESULT"]),
        "id": st.just("1"),
        "label": st.sampled_from(["Fit", "Fit", "Rank"]),
        "value": st.just("good"),
        "score": objects({"value": st.floats(0, 10), "max": st.just(10)}),
        "status": st.sampled_from(["COMPLETED", "CANCELLED"]),
    }
)
ATTACHMENTS = objects(
    {"name": st.just("a.pdf"), "data": st.just("SGk="), "data_url": st.sampled_from([RESULT_URL, "http://x.example"])}
)
BODIES = objects(
    {
        "result_url": st.just(RESULT_URL),
        "completed_at": st.just("2026-11-14T09:30:00Z"),
        "score": st.floats(0, 100),
        "max_score": st.just(100),
        "attributes": st.lists(ATTRIBUTES, max_size=4),
        "attachments": st.lists(ATTACHMENTS, max_size=2),
        "remote_fields": objects({"recruitee": objects({"subtitle": st.just("Fine.")}), "smartrecruiters": VALUES}),
    },
    status=st.sampled_from(["COMPLETED", "COMPLETED", "OPEN", "CANCELLED"]),
)


@given(raw(BODIES | BODIES | VALUES))
def test_whatever_comes_is_read_or_refused_and_its_document_is_shown_whole(body: bytes) -> None:
    for update in readable(KOMBO.read_update, body) or ():
        assert KOMBO.objection(OPEN, update) is None
        if update.document:
            assert_shows_whole("kombo", update.document)
