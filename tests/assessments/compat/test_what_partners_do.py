"""What real partners do, whatever the document says: a test for each line, against a vendor that really does it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from assessments.cards import unclear_orders
from assessments.models import Callback, Order, OrderUpdate, StatusQuestion
from assessments.services import asking
from core.ids import token_hash
from core.models import AuditRecord, RequestLog
from partners.models import Attempt, Delivery, Endpoint, Event
from partners.services import connecting
from tests.assessments.compat import scene
from tests.assessments.compat.scene import Vendor
from tests.assessments.dialects.shipped import payload
from tests.assessments.scene import reread
from tests.fakes import partner_server as fakes
from tests.partners.delivery.scene import deliver

pytestmark = pytest.mark.django_db


def nudge(vendor: Vendor, order: Order, **headers: str) -> int:
    answer = vendor.tell("PATCH", f"orders/{vendor.token_of(order)}", b"", **headers)
    status: int = answer.status_code
    return status


def kinds(order: Order) -> list[tuple[str, str]]:
    return list(order.updates.order_by("id").values_list("kind", "outcome"))


# --- 1. The URLs share no base --------------------------------------------------------------------------------------


def test_each_purpose_has_an_address_of_its_own(veritas: Vendor) -> None:
    order = veritas.ordered()
    veritas.asks(order)
    assert [call.path.partition("?")[0] for call in veritas.server.received] == ["/catalogue", "/order", "/status"]
    elsewhere = "https://elsewhere.example/v9/start"
    connecting.change_urls(veritas.installation, {"order": elsewhere}, actor="tests")
    rows = Endpoint.objects.filter(installation=veritas.installation)
    assert {row.purpose for row in rows if row.url != elsewhere} == {"catalogue", "status", "complaint"}


# --- 2. The nudge comes before the result ---------------------------------------------------------------------------


def test_a_nudge_is_answered_at_once_and_nothing_is_asked_inside_it(veritas: Vendor) -> None:
    order = veritas.ordered()
    before = len(veritas.server.received)
    assert nudge(veritas, order) == 200
    assert len(veritas.server.received) == before


def test_after_a_nudge_it_is_asked_after_half_a_second_five_seconds_a_minute_then_hourly(veritas: Vendor) -> None:
    order = veritas.ordered()
    started = timezone.now()
    waits = []
    with time_machine.travel(started, tick=False) as clock:
        assert nudge(veritas, order) == 200
        for _ in range(5):
            due = StatusQuestion.objects.get(order=order).next_at
            assert due is not None
            waits.append((due - started).total_seconds())
            clock.move_to(due)
            assert asking.ask_due() == 1
    assert waits == [0.5, 5.0, 60.0, 3660.0, 7260.0]


def test_a_result_that_is_saved_after_the_nudge_is_found_by_the_second_question(veritas: Vendor) -> None:
    order = veritas.ordered()
    nudge(veritas, order)
    veritas.asks(order)
    assert reread(order).status == "sent"
    veritas.says("status", "test_status.complete.reply")
    veritas.asks(order)
    order = reread(order)
    assert (order.status, order.results.count()) == ("completed", 1)
    assert float(order.results.get().score or 0) == -2.5


def test_a_partner_that_never_nudges_is_asked_hourly_for_eight_weeks(veritas: Vendor) -> None:
    order = veritas.ordered()
    question = StatusQuestion.objects.get(order=order)
    assert question.next_at is not None
    assert timedelta(minutes=59) < question.next_at - timezone.now() <= timedelta(hours=1)
    with time_machine.travel(timezone.now() + timedelta(weeks=8, minutes=1)):
        assert asking.ask_due() == 0
        assert StatusQuestion.objects.get(order=order).next_at is None


def test_nobody_is_asked_about_an_order_that_has_ended_or_a_candidate_who_is_out(veritas: Vendor) -> None:
    order = veritas.ordered()
    asked = len(veritas.calls("status"))
    order.application.status = "rejected"
    order.application.save()
    veritas.asks(order)
    assert len(veritas.calls("status")) == asked
    assert StatusQuestion.objects.get(order=order).next_at is None


def test_a_question_that_another_worker_has_is_not_asked_twice(veritas: Vendor) -> None:
    order = veritas.ordered()
    StatusQuestion.objects.filter(order=order).update(
        next_at=timezone.now(), claimed_until=timezone.now() + timedelta(seconds=30)
    )
    assert asking.ask_due() == 0
    assert veritas.calls("status") == []


def test_one_partner_is_asked_so_often_a_minute_and_the_rest_waits(
    veritas: Vendor, settings: pytest.FixtureRequest
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, asking.LIMIT: "1/m"}  # type: ignore[attr-defined]
    first, second = veritas.ordered(), veritas.ordered()
    StatusQuestion.objects.update(next_at=timezone.now())
    asking.ask_due()
    assert len(veritas.calls("status")) == 1
    waiting = StatusQuestion.objects.get(order__in=[first, second], asked=0)
    assert waiting.next_at is not None
    assert waiting.next_at > timezone.now()


# --- 3. HTTP 200 is not success -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "answered without an id"),
        (b'{"error":"This test is not in your plan."}', "This test is not in your plan."),
    ],
)
def test_a_200_without_the_id_is_a_refusal_that_recruiter_and_partner_are_told(
    veritas: Vendor, body: bytes, words: str
) -> None:
    veritas.answers["order"] = fakes.status(200, body)
    order = veritas.ordered()
    assert order.status == "declined"
    assert words in order.reason
    deliver()
    complaint = json.loads(veritas.calls("complaint")[0].body)
    assert words in complaint["errors"][0]
    assert all(value is None or isinstance(value, str | list) for value in complaint.values())


def test_a_complaint_that_fails_breaks_nothing(veritas: Vendor) -> None:
    veritas.answers["order"] = fakes.status(200, b"{}")
    veritas.answers["complaint"] = fakes.status(500)
    order = veritas.ordered()
    deliver()
    assert order.status == "declined"
    assert reread(veritas.ordered()).status == "declined"


def test_a_success_that_says_it_failed_declines_in_the_partners_words(lingua: Vendor) -> None:
    lingua.says("order", "failure.reply")
    order = lingua.ordered()
    assert (order.status, order.reason) == ("declined", "The assessment type is not part of your plan.")


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_with_words_reaches_the_recruiter(lingua: Vendor, status: int) -> None:
    lingua.answers["order"] = fakes.status(status, b'{"message":"She is taking it already."}')
    order = lingua.ordered()
    assert (order.status, order.reason) == ("declined", "She is taking it already.")
    assert kinds(order) == [("declined", "applied")]
    assert order.updates.get().source == "receipt"


def test_a_wrong_key_is_no_refusal_of_the_order_and_may_be_sent_again(lingua: Vendor) -> None:
    lingua.answers["order"] = fakes.status(401, b'{"message":"unknown key"}')
    order = lingua.ordered()
    assert order.status == "failed"
    assert order.updates.count() == 0


# --- 4. Before completion a score and an address mean nothing -------------------------------------------------------


def test_a_score_of_zero_before_the_end_is_no_result(veritas: Vendor) -> None:
    order = veritas.ordered()
    veritas.asks(order)
    assert reread(order).status == "sent"
    assert order.results.count() == 0


# --- 5. A time-out is unclear ---------------------------------------------------------------------------------------


def test_an_order_whose_answer_did_not_come_is_unclear_and_never_sent_again(veritas: Vendor) -> None:
    veritas.answers["order"] = fakes.slowly(1.6)
    order = veritas.ordered()
    assert scene.state_of(order) == "unclear"
    assert unclear_orders([order]) == {order.public_id}
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        deliver()
    assert len(veritas.calls("order")) == 1


def test_a_partner_that_is_not_there_gets_it_again_later(veritas: Vendor) -> None:
    gone = f"http://127.0.0.1:{fakes.closed_port()}/order"
    connecting.change_urls(veritas.installation, {"order": gone}, actor="tests")
    order = veritas.ordered()
    assert scene.state_of(order) == "due"
    assert order.status == "requested"


def test_four_seconds_are_within_the_time_that_an_order_has() -> None:
    from core.config import settings as product

    assert product.DELIVERY_TIMEOUT_SECONDS >= 4 * 2


# --- 6. Scores have no scale, metadata any type ---------------------------------------------------------------------


def test_a_score_without_a_scale_and_values_of_any_type_are_shown_as_they_are(veritas: Vendor) -> None:
    from assessments.cards import view_of
    from assessments.rendering.viewmodel import leaves

    veritas.says("status", "test_status.complete.reply")
    order = veritas.ordered()
    veritas.asks(order)
    shown = {field.label: (field.widget, field.value.text) for field in leaves(view_of(order.results.get(), "admin"))}
    assert shown["Score"] == ("number", "-2.5")
    assert shown["Records found"] == ("number", "0")
    assert shown["Adjudication needed"] == ("boolean", "No")
    assert shown["Started At"] == ("datetime", "30 Nov 2026, 14:05")
    assert shown["Certificate"] == ("link", "veritas.example")


# --- 7. Their clock -------------------------------------------------------------------------------------------------


def changed(sample: str, **members: object) -> bytes:
    return json.dumps({**json.loads(payload("ashby", sample)), **members}).encode()


def test_an_older_update_is_history_and_an_equal_one_a_replay(lingua: Vendor) -> None:
    order = lingua.ordered()
    lingua.tell("POST", "assessment.update", payload("ashby", "assessment.update.progress"))
    older = changed("assessment.update.started", timestamp=1796117415124)
    assert lingua.tell("POST", "assessment.update", older).status_code == 200
    lingua.tell("POST", "assessment.update", payload("ashby", "assessment.update.progress"))
    rows = [row for row in kinds(order) if row[0] in {"started", "progress"}]
    assert ("started", "ignored") in rows
    assert len(rows) == len(set(rows))


def test_a_result_that_a_status_overtook_on_its_way_is_not_lost(lingua: Vendor) -> None:
    order = lingua.ordered()
    late = changed("assessment.update.progress", timestamp=1796126415999)
    lingua.tell("POST", "assessment.update", late)
    lingua.tell("POST", "assessment.update", payload("ashby", "assessment.update.result"))
    assert reread(order).status == "completed"


def test_an_older_result_does_not_replace_a_newer_one(lingua: Vendor) -> None:
    order = lingua.ordered()
    lingua.tell("POST", "assessment.update", payload("ashby", "assessment.update.result"))
    older = json.loads(payload("ashby", "assessment.update.result"))
    older["timestamp"] -= 1
    older["assessment_result"]["value"] = 1
    lingua.tell("POST", "assessment.update", json.dumps(older).encode())
    assert order.results.count() == 1
    assert order.updates.filter(kind="result", outcome="ignored").count() == 1


# --- 8. Ten identical callbacks -------------------------------------------------------------------------------------


def test_ten_identical_callbacks_give_one_result(lingua: Vendor) -> None:
    order = lingua.ordered()
    body = payload("ashby", "assessment.update.result")
    assert {lingua.tell("POST", "assessment.update", body).status_code for _ in range(10)} == {200}
    assert order.results.count() == 1
    assert order.updates.filter(kind="result").count() == 1


def test_ten_nudges_are_one_question(veritas: Vendor) -> None:
    order = veritas.ordered()
    assert {nudge(veritas, order) for _ in range(10)} == {200}
    assert StatusQuestion.objects.filter(order=order).count() == 1
    veritas.says("status", "test_status.complete.reply")
    for _ in range(3):
        veritas.asks(order)
    assert order.results.count() == 1


# --- 9. The callback URL ends in a secret of the order --------------------------------------------------------------


def test_the_callback_ends_in_a_secret_of_128_bits_that_nobody_stores_or_logs(
    veritas: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    order = veritas.ordered()
    token = veritas.token_of(order)
    assert len(token) >= 22
    assert Callback.objects.get(order=order).token_hash == token_hash(token)
    nudge(veritas, order)
    log = RequestLog.objects.latest("pk")
    assert (log.path, log.status) == ("/compat/greenhouse/orders/[hidden]", 200)
    assert token not in caplog.text


def test_the_callbacks_of_a_resent_order_all_work(veritas: Vendor) -> None:
    from assessments.services import orders

    veritas.answers["order"] = fakes.slowly(1.6)
    order = veritas.ordered()
    first = veritas.token_of(order)
    veritas.says("order", "send_test.reply")
    orders.resend(order, actor="tests")
    deliver()
    second = veritas.token_of(order)
    assert first != second
    for token in (first, second):
        assert veritas.tell("PATCH", f"orders/{token}").status_code == 200


def test_a_wrong_credential_beside_the_right_url_is_noted_once_and_taken(veritas: Vendor) -> None:
    order = veritas.ordered()
    for _ in range(3):
        assert nudge(veritas, order, authorization="Basic d3Jvbmc6") == 200
    assert AuditRecord.objects.filter(verb="callback.wrong_credential", subject=order.public_id).count() == 1
    assert StatusQuestion.objects.get(order=order).step == 0


def test_a_url_that_nobody_gave_out_is_answered_in_the_protocols_form(veritas: Vendor) -> None:
    answer = veritas.tell("PATCH", "orders/" + "x" * 22)
    assert (answer.status_code, answer.content) == (404, b"")
    assert RequestLog.objects.latest("pk").path == "/compat/greenhouse/orders/[hidden]"


def test_what_was_sent_and_answered_is_kept(lingua: Vendor) -> None:
    order = lingua.ordered()
    attempt = Attempt.objects.get(delivery__event__subject=order.public_id)
    assert json.loads(bytes(attempt.reply_body)) == json.loads(payload("ashby", "assessment.start.reply"))
    assert Event.objects.filter(subject=order.public_id).count() == 1
    assert Delivery.objects.get(event__subject=order.public_id).state == "delivered"
    assert OrderUpdate.objects.filter(order=order, kind="accepted", source="receipt").count() == 1
