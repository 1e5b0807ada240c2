"""The circuit breaker's steps, as pure values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from partners.delivery.breaker import THRESHOLD, Health, Knock, after, pause

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FAILED = Knock(failed=True)
WORKED = Knock(failed=False)


def test_failures_below_the_threshold_are_only_counted() -> None:
    assert after(Health(), [FAILED] * 4, now=NOW) == Health(failures=4)


def test_the_fifth_failure_in_a_row_opens_it() -> None:
    assert after(Health(failures=4), [FAILED], now=NOW) == Health(failures=5, open_until=NOW + timedelta(seconds=30))


def test_one_success_closes_it_and_forgets() -> None:
    worn = Health(failures=9, open_until=NOW + timedelta(minutes=5))
    assert after(worn, [WORKED], now=NOW) == Health()
    assert after(Health(), [FAILED, FAILED, WORKED, FAILED], now=NOW) == Health(failures=1)


def test_failures_that_were_under_way_when_it_opened_do_not_lengthen_the_pause() -> None:
    assert after(Health(), [FAILED] * 40, now=NOW) == Health(failures=THRESHOLD, open_until=NOW + timedelta(seconds=30))


def test_a_failed_probe_opens_it_for_twice_as_long() -> None:
    leased = Health(failures=5, open_until=NOW + timedelta(seconds=10))
    probe = Knock(failed=True, probe=True)
    assert after(leased, [probe], now=NOW) == Health(failures=6, open_until=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("failures", "seconds"), [(5, 30), (6, 60), (7, 120), (8, 240), (9, 300), (10, 300), (10**6, 300)]
)
def test_pauses_double_up_to_five_minutes(failures: int, seconds: int) -> None:
    assert pause(failures) == timedelta(seconds=seconds)
