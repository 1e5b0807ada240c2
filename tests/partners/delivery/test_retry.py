"""The retry table, row by row: pure values in, whole decisions out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from partners.delivery import retry
from partners.delivery.readers import Outcome, Reading
from partners.delivery.retry import Answer, Decision, State, decide
from partners.models import Delivery

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DELIVERED = Answer(status=200, reading=Reading(Outcome.DELIVERED))
REFUSED = Answer(status=200, reading=Reading(Outcome.REFUSED, "We are closed."))
UNREADABLE = Answer(status=200, reading=Reading(Outcome.UNREADABLE, "HTML instead of JSON"))
TIMED_OUT = Answer(failure="nothing came within 20 seconds")
NEVER_CONNECTED = Answer(failure="connection refused", proves_nothing_processed=True)


class Steady(Random):
    """Randomness without any: the middle of every interval."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def outcome(answer: Answer, *, attempt: int = 1, repeatable: bool = True) -> Decision:
    return decide(attempt=attempt, answer=answer, repeatable=repeatable, now=NOW, rng=Steady())


def test_a_readable_answer_settles_the_delivery() -> None:
    assert outcome(DELIVERED) == Decision(state=State.DELIVERED, note="")
    assert outcome(REFUSED) == Decision(state=State.REFUSED, note="We are closed.")
    assert outcome(REFUSED, repeatable=False) == Decision(state=State.REFUSED, note="We are closed.")


def test_the_waits_between_attempts_are_those_of_the_schedule() -> None:
    waits = [(outcome(Answer(status=500), attempt=n).next_at or NOW) - NOW for n in range(1, 10)]
    assert waits == [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
        timedelta(hours=14),
        timedelta(hours=20),
        timedelta(hours=24),
    ]


def test_jitter_stays_within_a_tenth() -> None:
    rng = Random(7)
    waits = set()
    for _ in range(200):
        decision = decide(attempt=3, answer=Answer(status=500), repeatable=True, now=NOW, rng=rng)
        assert decision.next_at is not None
        waits.add(decision.next_at - NOW)
    assert len(waits) > 100
    assert timedelta(minutes=27) <= min(waits) < max(waits) <= timedelta(minutes=33)


def test_the_tenth_failure_gives_up() -> None:
    assert outcome(Answer(status=500), attempt=10) == Decision(
        state=State.GIVEN_UP,
        note="Given up after 10 attempts. The last one: It answered 500.",
        endpoint_failed=True,
    )


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (Answer(status=500), "It answered 500."),
        (Answer(status=404), "It answered 404."),
        (Answer(status=400), "It answered 400."),
        (Answer(status=302), "It answered 302, a redirect; redirects are not followed."),
        (UNREADABLE, "It answered 200, but not in the protocol: HTML instead of JSON."),
        (TIMED_OUT, "No answer: nothing came within 20 seconds."),
        (NEVER_CONNECTED, "No answer: connection refused."),
    ],
)
def test_every_failure_of_a_repeatable_message_is_tried_again(answer: Answer, note: str) -> None:
    assert outcome(answer) == Decision(
        state=State.DUE, note=note, next_at=NOW + timedelta(seconds=5), endpoint_failed=True
    )


@pytest.mark.parametrize("answer", [NEVER_CONNECTED, Answer(status=429), Answer(status=503)])
def test_a_message_without_a_key_is_tried_again_only_where_nothing_was_processed(answer: Answer) -> None:
    decision = outcome(answer, repeatable=False)
    assert (decision.state, decision.next_at) == (State.DUE, NOW + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (TIMED_OUT, "No answer: nothing came within 20 seconds."),
        (Answer(status=500), "It answered 500."),
        (Answer(status=502), "It answered 502."),
        (Answer(status=303), "It answered 303, a redirect; redirects are not followed."),
        (Answer(status=409), "It answered 409."),
        (UNREADABLE, "It answered 200, but not in the protocol: HTML instead of JSON."),
    ],
)
def test_a_message_without_a_key_that_may_have_arrived_is_unclear(answer: Answer, why: str) -> None:
    assert outcome(answer, repeatable=False) == Decision(
        state=State.UNCLEAR,
        note=f"It may have arrived: {why} It is not sent again by itself, for that could do it twice.",
        endpoint_failed=True,
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_message_without_a_key_that_was_turned_away_is_refused(status: int) -> None:
    assert outcome(Answer(status=status), repeatable=False) == Decision(
        state=State.REFUSED, note=f"It answered {status}."
    )


@pytest.mark.parametrize("repeatable", [True, False])
def test_gone_disables_the_endpoint_and_the_delivery_waits(repeatable: bool) -> None:
    assert outcome(Answer(status=410), repeatable=repeatable) == Decision(
        state=State.DUE,
        note="The endpoint answered 410 Gone and is disabled; this waits until it is enabled again.",
        next_at=NOW,
        disable_endpoint=True,
        endpoint_failed=True,
    )


@pytest.mark.parametrize(
    ("status", "value", "wait"),
    [
        (429, "60", timedelta(seconds=63)),
        (503, "60", timedelta(seconds=63)),
        (429, " 60 ", timedelta(seconds=63)),
        # Never sooner than the schedule, never later than a day (and its jitter).
        (429, "1", timedelta(seconds=5)),
        (429, "0", timedelta(seconds=5)),
        (429, "9999999999", timedelta(hours=24) * 1.05),
        (429, "9" * 400, timedelta(seconds=5)),
        (429, "Tue, 01 Dec 2026 09:10:00 GMT", timedelta(minutes=10) * 1.05),
        (429, "Tue, 01 Dec 2026 09:10:00 -0000", timedelta(minutes=10) * 1.05),
        (429, "Mon, 01 Dec 2025 09:10:00 GMT", timedelta(seconds=5)),
        (429, "Tue, 01 Dec 2099 09:10:00 GMT", timedelta(hours=24) * 1.05),
        (429, "", timedelta(seconds=5)),
        (429, "-5", timedelta(seconds=5)),
        (429, "soon", timedelta(seconds=5)),
        (429, "٣", timedelta(seconds=5)),
        (429, "99 Foo 99999 99:99:99", timedelta(seconds=5)),
        # Only these two statuses ask for patience.
        (500, "60", timedelta(seconds=5)),
    ],
)
def test_retry_after_is_honoured_within_bounds(status: int, value: str, wait: timedelta) -> None:
    assert outcome(Answer(status=status, retry_after=value)).next_at == NOW + wait


def test_the_states_are_those_of_the_model() -> None:
    assert {state.value for state in State} == set(Delivery.State.values) - {"withdrawn"}


def test_the_attempt_of_a_delivery_that_stays_due_is_called_retried() -> None:
    assert outcome(Answer(status=500)).outcome == "retried"
    assert outcome(Answer(status=500), attempt=10).outcome == "given_up"
    assert outcome(DELIVERED).outcome == "delivered"


def test_the_whole_schedule_lasts_a_little_over_three_days() -> None:
    assert timedelta(days=3) < retry.LIFETIME < timedelta(days=4)
