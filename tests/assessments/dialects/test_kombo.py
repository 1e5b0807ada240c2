"""Kombo's protocol: catalogue, orders and answers, which the official Python SDK parses and writes, unmodified."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import kombo
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombo import errors, models

from assessments.dialects.base import Unreadable
from assessments.dialects.kombo import Kombo
from assessments.dialects.values import Answer, OfferedType, OrderFacts, OrderQuery, Receipt
from assessments.lifecycle import Status
from core.errors import (
    Conflict,
    DomainError,
    InsufficientScope,
    InvalidToken,
    NotAuthenticated,
    NotFound,
    RateLimited,
    ValidationFailed,
    all_codes,
)
from tests.assessments.dialects.anything import VALUES, objects, raw, readable
from tests.assessments.dialects.shipped import payload, reply

KOMBO = Kombo()
FACTS = OrderFacts(
    order="ord_1",
    installation="ins_1",
    organization="org_1",
    assessment_type="1001",
    status="requested",
    placed_by="riley@acme.example",
    candidate_id="cand_1",
    application="app_1",
    job={"id": "job_1", "title": "Analyst", "location": "Lisbon"},
    candidate={"first_name": "Ada", "last_name": "Okafor", "email": "ada@mail.example"},
)
BARE = OrderFacts(order="ord_2", installation="ins_1", organization="org_1", assessment_type="1002", status="expired")
ORDER = {
    "id": "ord_1",
    "package_id": "1001",
    "status": "OPEN",
    "candidate": {
        "remote_id": "cand_1",
        "email": "ada@mail.example",
        "first_name": "Ada",
        "last_name": "Okafor",
        "phone": None,
    },
    "application": {"remote_id": "app_1"},
    "job": {
        "remote_id": "job_1",
        "name": "Analyst",
        "job_code": None,
        "description": None,
        "location": {"raw": "Lisbon"},
        "hiring_team": [
            {
                "remote_id": None,
                "first_name": None,
                "last_name": None,
                "email": "riley@acme.example",
                "hiring_team_roles": ["RECRUITER"],
            }
        ],
    },
}


# --- The catalogue --------------------------------------------------------------------------------------------------


def test_the_packages_that_a_partner_sets_are_its_catalogue() -> None:
    assert KOMBO.read_pushed_catalogue(payload("kombo", "packages")) == (
        OfferedType(key="1001", name="Spreadsheet modelling", description="Two models from raw data.", kind="skills"),
        OfferedType(key="1002", name="Video introduction", kind="interview"),
        OfferedType(key="1003", name="Identity", description="Identity document and address.", kind="background_check"),
        OfferedType(key="1004", name="Work style", description="Fifteen minutes.", kind="personality"),
        OfferedType(key="1005", name="Two references", description="By telephone.", kind="reference_check"),
    )


def test_a_package_of_an_unknown_type_is_taken_all_the_same() -> None:
    body = b'{"packages": [{"id": 7, "type": "GAME", "name": "Puzzle", "colour": "red"}]}'
    assert KOMBO.read_pushed_catalogue(body) == (OfferedType(key="7", name="Puzzle", kind="other"),)


def test_an_empty_catalogue_withdraws_everything() -> None:
    assert KOMBO.read_pushed_catalogue(b'{"packages": []}') == ()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [(b"{}", "/packages"), (b'{"packages": [{"id": "1"}]}', "/packages/0/name"), (b"[]", "")],
)
def test_packages_that_cannot_be_read_are_named_by_their_place(body: bytes, pointer: str) -> None:
    with pytest.raises(Unreadable) as caught:
        KOMBO.read_pushed_catalogue(body)
    assert caught.value.pointer == pointer


def test_the_packages_are_listed_as_the_sdk_parses_them() -> None:
    answer = KOMBO.list_catalogue(
        [
            OfferedType(key="1001", name="Modelling", description="Two models.", kind="coding"),
            OfferedType(key="1003", name="Identity", kind="background_check"),
            OfferedType(key="7", name="Puzzle", kind="other"),
        ]
    )
    found = models.GetAssessmentPackagesPositiveResponse.model_validate_json(answer.body).data.packages
    assert [(each.id, each.name, each.description, each.type, each.updated_at) for each in found] == [
        ("1001", "Modelling", "Two models.", "SKILLS_TEST", None),
        ("1003", "Identity", "", "BACKGROUND_CHECK", None),
        ("7", "Puzzle", "", None, None),
    ]


# --- The order ------------------------------------------------------------------------------------------------------


def test_an_order_is_a_webhook_that_the_sdk_parses() -> None:
    message = KOMBO.order(FACTS)
    body = json.loads(message.body)
    assert body == {
        "id": "ord_1.received",
        "type": "assessment:order-received",
        "data": ORDER | {"integration_id": "ins_1"},
    }
    models.AssessmentOrderReceivedWebhookPayload.model_validate(body)
    assert (message.topic, message.purpose, message.subject) == ("order.placed", "order", "ord_1")


def test_an_order_may_be_repeated_because_its_ids_stay_the_same() -> None:
    assert KOMBO.order(FACTS).repeatable is True
    assert KOMBO.order(FACTS) == KOMBO.order(FACTS)


@pytest.mark.parametrize("body", [b"", b"OK", b"{}", b'{"error": "none of ours"}'])
def test_any_answer_of_two_hundred_takes_the_order(body: bytes) -> None:
    assert KOMBO.read_receipt(reply(body, 204)) == Receipt(accepted=True)


@pytest.mark.parametrize(("status", "body"), [(401, b""), (404, b""), (500, b"{}"), (200, b"<!doctype html>")])
def test_any_other_answer_says_nothing_of_the_order(status: int, body: bytes) -> None:
    with pytest.raises(Unreadable):
        KOMBO.read_receipt(reply(body, status))


def test_orders_are_listed_as_the_sdk_parses_them() -> None:
    answer = KOMBO.list_orders([FACTS, BARE], "c2")
    body = json.loads(answer.body)
    assert (body["status"], body["data"]["next"], body["data"]["results"][0]) == ("success", "c2", ORDER)
    found = models.GetAssessmentOrdersPositiveResponse.model_validate(body).data.results
    assert [(each.id, each.status, each.candidate.email) for each in found] == [
        ("ord_1", "OPEN", "ada@mail.example"),
        ("ord_2", "CANCELLED", ""),
    ]
    assert json.loads(KOMBO.list_orders([], "").body)["data"] == {"next": None, "results": []}


@pytest.mark.parametrize("status", list(Status))
def test_every_status_of_ours_has_a_word_of_theirs(status: Status) -> None:
    facts = OrderFacts(order="o", installation="i", organization="g", assessment_type="t", status=status)
    models.GetAssessmentOrdersPositiveResponse.model_validate_json(KOMBO.list_orders([facts], "").body)


def test_a_question_for_orders_is_read_with_its_filters() -> None:
    query = "cursor=c1&page_size=250&ids=ord_1%2Cord_2&statuses=OPEN,REJECTED&created_after=2026-11-02T09:30:00.000Z"
    assert KOMBO.read_order_query(query) == OrderQuery(
        cursor="c1",
        page_size=250,
        orders=("ord_1", "ord_2"),
        statuses=("requested", "sent", "started", "failed", "declined"),
        created_after=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    )
    assert KOMBO.read_order_query("") == OrderQuery()
    assert KOMBO.read_order_query("ids=&statuses=&colour=red") == OrderQuery()


@pytest.mark.parametrize("moment", ["2026-11-02T09:30:00", "2026-11-02T10:30:00+01:00", "2026-11-02T10:30:00%2B01:00"])
def test_a_moment_is_read_with_any_zone_or_none(moment: str) -> None:
    asked = KOMBO.read_order_query(f"created_after={moment}")
    assert asked.created_after == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("page_size=251", "/page_size"),
        ("page_size=0", "/page_size"),
        ("page_size=many", "/page_size"),
        ("page_size=99999999999999999999", "/page_size"),
        ("statuses=DONE", "/statuses"),
        ("created_after=monday", "/created_after"),
    ],
)
def test_a_question_that_cannot_be_read_names_its_parameter(query: str, pointer: str) -> None:
    with pytest.raises(Unreadable) as caught:
        KOMBO.read_order_query(query)
    assert caught.value.pointer == pointer


# --- Answers --------------------------------------------------------------------------------------------------------


def test_what_was_taken_is_answered_as_the_sdk_parses_it() -> None:
    for answer in (KOMBO.taken(None), KOMBO.taken(FACTS)):
        assert json.loads(answer.body) == {"status": "success", "data": {}, "warnings": []}
        models.PutAssessmentPackagesPositiveResponse.model_validate_json(answer.body)
        models.PutAssessmentOrdersAssessmentOrderIDResultPositiveResponse.model_validate_json(answer.body)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotAuthenticated(), 401, "PLATFORM.AUTHENTICATION_INVALID"),
        (InvalidToken(), 401, "PLATFORM.AUTHENTICATION_INVALID"),
        (InsufficientScope(), 403, "INTEGRATION.PERMISSION_MISSING"),
        (NotFound(integration="ins_9"), 404, "PLATFORM.INTEGRATION_NOT_FOUND"),
        (NotFound(), 404, "PLATFORM.INPUT_INVALID"),
        (ValidationFailed(), 422, "PLATFORM.INPUT_INVALID"),
        (Conflict("No."), 409, "PLATFORM.INPUT_INVALID"),
        (RateLimited(retry_after=3), 429, "PLATFORM.RATE_LIMIT_EXCEEDED"),
    ],
)
def test_a_refusal_has_a_code_of_theirs(error: DomainError, status: int, code: str) -> None:
    answer = KOMBO.problem(error, "req_1")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, code)


@pytest.mark.parametrize("error", list(all_codes()), ids=lambda error: error.__name__)
def test_every_error_of_ours_is_one_that_the_sdk_parses(error: type[DomainError]) -> None:
    parsed = errors.KomboAtsErrorData.model_validate_json(KOMBO.problem(error("No.")).body)
    assert (parsed.status, parsed.error.message, parsed.error.log_url) == ("error", "No.", None)


class _Doors(httpx.BaseTransport):
    """Our side of the wire without the wire: what the SDK sent, read by the dialect, and the dialect's answer."""

    def __init__(self) -> None:
        self.read: list[Any] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._answer(f"{request.method} {request.url.path}", request)
        return httpx.Response(answer.status, content=answer.body, headers={"content-type": answer.content_type})

    def _answer(self, call: str, request: httpx.Request) -> Answer:
        if call.endswith("orders"):
            self.read.append(KOMBO.read_order_query(request.url.query.decode()))
            return KOMBO.list_orders([FACTS], "" if "cursor=c2" in str(request.url) else "c2")
        if call.startswith("GET"):
            return KOMBO.list_catalogue([OfferedType(key="1001", name="Modelling", kind="skills")])
        if call.endswith("packages"):
            self.read.append(KOMBO.read_pushed_catalogue(request.read()))
            return KOMBO.taken(None)
        self.read.append(KOMBO.read_update(request.read()))
        return KOMBO.taken(FACTS) if "ord_1" in call else KOMBO.problem(NotFound("There is no such order."))


@pytest.fixture
def doors() -> _Doors:
    return _Doors()


@pytest.fixture
def sdk(doors: _Doors) -> kombo.Kombo:
    url = "https://assay.example/compat/kombo/v1"
    return kombo.Kombo(integration_id="ins_1", api_key="a-key", server_url=url, client=httpx.Client(transport=doors))


def test_the_sdk_sets_and_gets_packages(sdk: kombo.Kombo, doors: _Doors) -> None:
    body = json.loads(payload("kombo", "packages"))
    assert sdk.assessment.set_packages(packages=body["packages"]).warnings == []
    assert doors.read == [KOMBO.read_pushed_catalogue(payload("kombo", "packages"))]
    assert [package.id for package in sdk.assessment.get_packages().data.packages] == ["1001"]


def test_the_sdk_walks_the_pages_of_orders(sdk: kombo.Kombo, doors: _Doors) -> None:
    since = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    page = sdk.assessment.get_assessment_orders(page_size=50, statuses=["OPEN"], created_after=since)
    pages = 0
    while page is not None:
        pages += 1
        assert [order.id for order in page.result.data.results] == ["ord_1"]
        page = page.next()  # type: ignore[assignment]  # the SDK's type has the asynchronous one beside it
    first = OrderQuery(page_size=50, statuses=("requested", "sent", "started", "failed"), created_after=since)
    assert pages == 2
    assert [asked.cursor for asked in doors.read] == ["", "c2"]
    assert doors.read[0] == first


def test_the_sdk_updates_a_result(sdk: kombo.Kombo, doors: _Doors) -> None:
    body = json.loads(payload("kombo", "completed"))
    completed_at = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
    answered = sdk.assessment.update_order_result(
        assessment_order_id="ord_1", **(body | {"completed_at": completed_at})
    )
    assert answered.warnings == []
    ((update,),) = doors.read
    (plain,) = KOMBO.read_update(json.dumps(body | {"completed_at": "2026-11-14T09:30:00Z"}).encode())
    assert update.document == plain.document
    assert update.document["grade"] == "Strong"
    assert [file.name for file in update.files] == ["Report.pdf", "Model.xlsx"]


def test_the_sdk_raises_its_own_error_for_a_refusal(sdk: kombo.Kombo) -> None:
    with pytest.raises(errors.KomboAtsError) as caught:
        sdk.assessment.update_order_result(
            assessment_order_id="ord_9", status="OPEN", result_url="https://worksample.example/r"
        )
    assert caught.value.status_code == 404
    assert caught.value.data.error.message == "There is no such order."


# --- Whatever comes -------------------------------------------------------------------------------------------------


@given(raw(objects({"packages": st.lists(objects({"id": st.text(), "name": st.text()}))}) | VALUES), st.text())
def test_whatever_is_pushed_or_asked_is_read_or_refused(body: bytes, query: str) -> None:
    readable(KOMBO.read_pushed_catalogue, body)
    readable(KOMBO.read_order_query, f"page_size={query}&created_after={query}&statuses={query}&ids={query}")
    readable(KOMBO.read_order_query, query)
