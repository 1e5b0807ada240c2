"""Rate limits, and whom they count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from pytest_django import Settings

from core.errors import RateLimited
from core.limits import client_address, limit, parse_rate, use

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three_a_minute(settings: Settings) -> None:
    settings.RATE_LIMITS = {"ping": "3/m"}


def test_so_many_uses_are_let_through_and_the_next_is_told_how_long_to_wait() -> None:
    with time_machine.travel(NOON + timedelta(seconds=20), tick=False):
        for _ in range(3):
            limit("ping", "198.51.100.1")
        with pytest.raises(RateLimited) as refused:
            limit("ping", "198.51.100.1")
    assert refused.value.facts == {"retry_after": 40}


def test_another_key_and_another_scope_are_counted_by_themselves() -> None:
    for key in ("a", "b"):
        for _ in range(3):
            limit("ping", key)
    limit("token", "a")


def test_after_the_window_it_begins_again() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            limit("ping", "a")
        with pytest.raises(RateLimited):
            limit("ping", "a")
        clock.shift(60)
        limit("ping", "a")


def test_what_has_no_rate_is_not_counted(settings: Settings) -> None:
    settings.RATE_LIMITS = {"ping": "1/m", "free": None}
    for _ in range(10):
        limit("free", "a")
        limit("unknown", "a")


def test_where_a_caller_stands_is_told_as_the_draft_writes_it() -> None:
    with time_machine.travel(NOON + timedelta(seconds=20), tick=False):
        told = [standing.headers() for _ in range(4) if (standing := use("ping", "a"))]
    assert {headers["RateLimit-Policy"] for headers in told} == {'"ping";q=3;w=60'}
    assert [headers["RateLimit"] for headers in told] == [f'"ping";r={left};t=40' for left in (2, 1, 0, 0)]


@pytest.mark.parametrize(
    ("rate", "parsed"), [("20/m", (20, 60)), ("5/s", (5, 1)), ("100/h", (100, 3600)), ("1/d", (1, 86400))]
)
def test_a_rate_is_a_number_and_a_unit(rate: str, parsed: tuple[int, int]) -> None:
    assert parse_rate(rate) == parsed


@pytest.mark.parametrize("rate", ["", "20", "m", "20/w", "-1/m", "x/m", "1.5/m"])
def test_another_form_of_a_rate_is_a_mistake(rate: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        parse_rate(rate)


def test_a_cache_that_is_away_closes_no_door(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(cache, "incr", away)
    for _ in range(10):
        limit("ping", "a")
    assert "limits.cache_unavailable" in caplog.text


def address(peer: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))


def test_without_a_trusted_proxy_the_header_is_not_believed() -> None:
    assert address("198.51.100.1", "203.0.113.9") == "198.51.100.1"


@pytest.mark.parametrize(
    ("count", "forwarded", "found"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "forged, 203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.9.9.9"),
        (1, "nonsense", "10.9.9.9"),
        (1, "", "10.9.9.9"),
        (1, None, "10.9.9.9"),
    ],
)
def test_behind_proxies_the_entry_of_the_outermost_trusted_one_counts(
    settings: Settings, count: int, forwarded: str | None, found: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    assert address("10.9.9.9", forwarded) == found


def test_an_ipv6_caller_counts_by_the_network_it_was_given() -> None:
    assert address("2a00:1:2:3:4:5:6:7") == address("2a00:1:2:3:ffff::1") == "2a00:1:2:3::/64"
    assert address("::ffff:198.51.100.1") == "198.51.100.1"
    assert address("fe80::1%eth0") == "fe80::/64"


def test_a_caller_without_an_address_is_still_counted() -> None:
    assert address("") == "unknown"
