"""From a due row to its settlement, against a partner that really listens and really misbehaves."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import structlog
from django.utils import timezone

from core import secrets, signing
from partners.delivery import claims, outbox
from partners.delivery.tasks import Engine
from partners.models import Attempt, Delivery, Endpoint, Installation, Purpose, SigningSecret
from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import Behaviour, PartnerServer
from tests.partners.delivery import scene
from tests.partners.delivery.wakeups import Wakeups

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_deadline(settings: Any) -> None:
    settings.DELIVERY_TIMEOUT_SECONDS = 0.5


def the_attempt() -> Attempt:
    return Attempt.objects.get()


# --- Standard Webhooks, to the letter ----------------------------------------------------------------------------


def test_an_event_arrives_signed_word_for_word(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    delivery = scene.owed(installation, body='{"type":"order.placed", "data":{"name":"Żółć"} }')
    scene.deliver()
    (call,) = server.received
    assert (call.method, call.path) == ("POST", "/hooks")
    assert call.body == delivery.event.body.encode()
    assert call.headers["content-type"] == "application/json"
    assert call.webhook_id == delivery.event.public_id
    assert call.is_signed_by(scene.SECRET)
    assert not call.is_signed_by(signing.new_signing_secret())
    delivery.refresh_from_db()
    assert (delivery.state, delivery.note, delivery.claim, delivery.claimed_until) == ("delivered", "", "", None)
    assert delivery.settled_at is not None


def test_the_trace_of_the_call_that_caused_it_goes_along(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with structlog.contextvars.bound_contextvars(trace=f"{trace}-01"):
        scene.owed(installation)
    scene.owed(installation)
    scene.deliver()
    traced = sorted(call.headers.get("traceparent", "") for call in server.received)
    assert traced[0] == ""
    assert re.fullmatch(rf"00-{trace}-[0-9a-f]{{16}}-01", traced[1])


def test_the_attempt_is_kept_without_any_secret(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.status(200, b"thanks", set_cookie="session=1", x_trace="abc"))
    delivery = scene.owed(installation)
    scene.deliver()
    attempt = the_attempt()
    assert (attempt.delivery, attempt.number, attempt.url, attempt.status, attempt.failure, attempt.outcome) == (
        delivery,
        1,
        endpoint.url,
        200,
        "",
        "delivered",
    )
    assert bytes(attempt.reply_body) == b"thanks"
    assert attempt.reply_headers["x-trace"] == "abc"
    assert "set-cookie" not in attempt.reply_headers
    assert abs(attempt.started_at - timezone.now()) < timedelta(seconds=5)


def test_during_a_rotation_both_secrets_sign_and_after_it_only_the_new_one(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    new = signing.new_signing_secret()
    SigningSecret.objects.update(expires_at=timezone.now() + timedelta(hours=24))
    SigningSecret.objects.create(endpoint=endpoint, encrypted=secrets.encrypt(new))
    scene.owed(installation, "ord_1")
    scene.deliver()
    SigningSecret.objects.exclude(expires_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    scene.owed(installation, "ord_2")
    scene.deliver()
    overlap, after = server.received
    assert (overlap.is_signed_by(scene.SECRET), overlap.is_signed_by(new)) == (True, True)
    assert (after.is_signed_by(scene.SECRET), after.is_signed_by(new)) == (False, True)


def test_every_attempt_has_the_same_webhook_id_and_a_signature_of_its_own_moment(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.in_turn(fakes.status(500), fakes.no_content))
    scene.owed(installation)
    scene.deliver()
    Delivery.objects.update(next_at=timezone.now())
    scene.deliver()
    first, second = server.received
    assert first.webhook_id == second.webhook_id
    assert first.body == second.body
    assert second.is_signed_by(scene.SECRET)
    assert [attempt.outcome for attempt in Attempt.objects.order_by("number")] == ["retried", "delivered"]


def test_method_and_query_of_a_dialect_are_used(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    scene.owed(installation, "ord_1", method="PUT", query="a=1&b=2")
    scene.deliver()
    assert [(call.method, call.path) for call in server.received] == [("PUT", "/hooks?a=1&b=2")]


def test_a_process_that_was_asked_to_stop_claims_nothing_more(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    delivery = scene.owed(installation)
    engine = Engine()
    engine.stop()
    engine.run()
    delivery.refresh_from_db()
    assert (server.received, delivery.state, delivery.claim) == ([], "due", "")
    Engine().run()
    assert len(server.received) == 1


def test_a_backlog_calls_other_processes_to_help_and_a_single_delivery_does_not(
    installation: Installation, endpoint: Endpoint, server: PartnerServer, wakeups: Wakeups
) -> None:
    scene.owed(installation)
    scene.deliver()
    assert wakeups.wait_for(1, seconds=0.3) == 0
    for number in range(claims.PER_ENDPOINT):
        scene.owed(installation, f"ord_{number}")
    scene.deliver()
    assert wakeups.wait_for(1) == 1


# --- A partner that misbehaves -----------------------------------------------------------------------------------

BAD: list[tuple[Behaviour, int | None, str, str]] = [
    (fakes.status(500, b"Oops"), 500, "", "It answered 500."),
    (fakes.status(404), 404, "", "It answered 404."),
    (fakes.redirect("https://elsewhere.example/"), 307, "", "It answered 307, a redirect; redirects are not followed."),
    (fakes.garbage, None, "garbage", "No answer: the answer is not HTTP."),
    (fakes.slowly(5), None, "timeout_sent", "No answer: sent, but no answer in time."),
    (fakes.drip, None, "too_slow", "No answer: the answer began, but did not end in time."),
    (fakes.reset, None, "reset", "No answer: the connection was closed before the answer was complete."),
    (fakes.nothing, None, "reset", "No answer: the connection was closed before the answer was complete."),
]


@pytest.mark.parametrize(("behaviour", "status", "failure", "note"), BAD, ids=lambda value: str(value)[:20])
def test_a_partner_that_misbehaves_is_tried_again_later(
    behaviour: Behaviour,
    status: int | None,
    failure: str,
    note: str,
    installation: Installation,
    endpoint: Endpoint,
    server: PartnerServer,
) -> None:
    server.behave(behaviour)
    delivery = scene.owed(installation)
    scene.deliver()
    delivery.refresh_from_db()
    assert len(server.received) == 1
    assert (delivery.state, delivery.note, delivery.claim) == ("due", note, "")
    assert timedelta(seconds=4) < delivery.next_at - the_attempt().started_at < timedelta(seconds=8)
    assert (the_attempt().status, the_attempt().failure, the_attempt().outcome) == (status, failure, "retried")
    endpoint.refresh_from_db()
    assert (endpoint.consecutive_failures, endpoint.enabled) == (1, True)


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [
        (fakes.status(500), "unclear"),
        (fakes.slowly(5), "unclear"),
        (fakes.drip, "unclear"),
        (fakes.reset, "unclear"),
        (fakes.nothing, "unclear"),
        (fakes.garbage, "unclear"),
        (fakes.redirect("https://elsewhere.example/"), "unclear"),
        (fakes.status(422), "refused"),
        (fakes.status(503), "due"),
        (fakes.status(429), "due"),
        (fakes.status(410), "due"),
    ],
)
def test_a_call_without_a_key_is_never_repeated_blindly(
    behaviour: Behaviour, state: str, installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(behaviour)
    scene.owed(installation, repeatable=False)
    scene.deliver()
    assert (Delivery.objects.get().state, len(server.received)) == (state, 1)


def test_a_call_without_a_key_is_repeated_where_nobody_listens(installation: Installation) -> None:
    scene.endpoint(installation.partner, f"http://127.0.0.1:{fakes.closed_port()}/hooks")
    delivery = scene.owed(installation, repeatable=False)
    scene.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, the_attempt().failure) == ("due", "connection_refused")


def test_a_private_address_is_never_called(installation: Installation) -> None:
    scene.endpoint(installation.partner, "https://10.0.0.1/hooks")
    delivery = scene.owed(installation)
    scene.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, the_attempt().status, the_attempt().failure) == ("due", None, "refused_address")


def test_an_endless_answer_is_cut_and_kept_short(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.flood)
    scene.owed(installation)
    scene.deliver()
    assert (Delivery.objects.get().state, len(bytes(the_attempt().reply_body))) == ("delivered", 16 * 1024)


def test_gone_disables_the_endpoint_and_everything_waits_until_it_is_put_again(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.in_turn(fakes.status(410), fakes.no_content))
    delivery = scene.owed(installation)
    scene.deliver()
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason, endpoint.is_broken) == (False, "It answered 410 Gone.", True)
    later = scene.owed(installation, "ord_2")
    scene.deliver()
    assert len(server.received) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"due"}

    Endpoint.objects.update(enabled=True, disabled_reason="")
    assert outbox.resume_endpoint(endpoint) == 2
    scene.deliver()
    assert {call.webhook_id for call in server.received[1:]} == {delivery.event.public_id, later.event.public_id}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_retry_after_puts_the_next_attempt_off(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.status(429, retry_after="3600"))
    delivery = scene.owed(installation)
    scene.deliver()
    delivery.refresh_from_db()
    assert timedelta(minutes=59) < delivery.next_at - timezone.now() < timedelta(minutes=67)


def test_after_the_tenth_attempt_it_is_given_up(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.status(500))
    delivery = scene.owed(installation)
    for _ in range(12):
        Delivery.objects.filter(state="due").update(next_at=timezone.now())
        Endpoint.objects.update(open_until=None, consecutive_failures=0)
        scene.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempt_count, len(server.received)) == ("given_up", 10, 10)
    assert delivery.note == "Given up after 10 attempts. The last one: It answered 500."


def test_redelivered_it_goes_again_under_the_same_id_with_ten_new_attempts(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.in_turn(fakes.status(500), fakes.no_content))
    delivery = scene.owed(installation)
    Delivery.objects.update(state="given_up", attempt_count=10)
    outbox.redeliver(delivery, actor=None)
    scene.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempt_count) == ("due", 11)
    assert delivery.next_at - timezone.now() < timedelta(seconds=6)
    outbox.redeliver(delivery, actor=None)
    scene.deliver()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    assert set(server.ids()) == {delivery.event.public_id}


def test_a_partner_without_a_secret_is_not_called_and_the_reason_is_kept(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    SigningSecret.objects.all().delete()
    delivery = scene.owed(installation)
    scene.deliver()
    delivery.refresh_from_db()
    assert server.received == []
    assert (delivery.state, delivery.note) == ("due", "No answer: the endpoint has no signing secret.")
    assert the_attempt().failure == "unsendable"


# --- The breaker ------------------------------------------------------------------------------------------------


def test_five_failures_in_a_row_open_the_breaker_and_a_success_closes_it(
    installation: Installation, endpoint: Endpoint, server: PartnerServer
) -> None:
    server.behave(fakes.in_turn(*[fakes.status(500)] * 5, fakes.no_content))
    for number in range(5):
        scene.owed(installation, f"ord_{number}")
    scene.deliver()
    endpoint.refresh_from_db()
    assert (endpoint.consecutive_failures, endpoint.is_broken) == (5, True)
    last = scene.owed(installation, "ord_last")
    scene.deliver()
    assert len(server.received) == 5
    Endpoint.objects.update(open_until=timezone.now())
    scene.deliver()
    assert [call.webhook_id for call in server.received[5:]] == [last.event.public_id]
    endpoint.refresh_from_db()
    assert (endpoint.consecutive_failures, endpoint.open_until, endpoint.is_broken) == (0, None, False)


def test_a_failing_endpoint_does_not_touch_the_breaker_of_another(
    installation: Installation, server: PartnerServer
) -> None:
    server.behave(fakes.status(500), path="/broken")
    broken = scene.endpoint(installation.partner, server.url + "/broken", purpose=Purpose.ORDER)
    well = scene.endpoint(installation.partner, server.url + "/well", purpose=Purpose.CANCEL)
    for number in range(40):
        scene.owed(installation, f"ord_{number}")
        scene.owed(installation, f"ord_{number}", topic="order.cancelled", purpose="cancel")
    scene.deliver()
    states = {endpoint.purpose: set(endpoint.deliveries.values_list("state", flat=True)) for endpoint in (broken, well)}
    assert states == {"order": {"due"}, "cancel": {"delivered"}}
    well.refresh_from_db()
    broken.refresh_from_db()
    assert (well.consecutive_failures, broken.consecutive_failures) == (0, 5)
    # What was under way when it opened, and nothing more.
    assert Attempt.objects.filter(delivery__endpoint=broken).count() <= 2 * 8
