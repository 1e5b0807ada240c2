"""traceparent: what is one, what is not, and what goes on from it."""

from __future__ import annotations

import re

import pytest
import structlog

from core import tracing

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (f"00-{TRACE}-{SPAN}-01", f"{TRACE}-01"),
        (f"00-{TRACE}-{SPAN}-00", f"{TRACE}-00"),
        # A later version may say more; this much of it is ours.
        (f"cc-{TRACE}-{SPAN}-09-what-comes", f"{TRACE}-09"),
        (f"00-{TRACE}-{SPAN}-01-more", ""),
        (f"ff-{TRACE}-{SPAN}-01", ""),
        (f"00-{'0' * 32}-{SPAN}-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (f"00-{TRACE.upper()}-{SPAN}-01", ""),
        (f"00-{TRACE}-{SPAN}-01\n", ""),
        (f"00-{TRACE}-{SPAN}", ""),
        (f"cc-{TRACE}-{SPAN}-01-{'a' * 4000}\r\nX-Other: 1", f"{TRACE}-01"),
        ("", ""),
    ],
)
def test_a_traceparent_is_read_as_the_recommendation_says(header: str, trace: str) -> None:
    assert tracing.read(header) == trace


@pytest.mark.parametrize(("flags", "sent"), [("01", "01"), ("00", "00"), ("ff", "01"), ("fe", "00")])
def test_what_goes_on_is_a_new_span_of_the_same_trace(flags: str, sent: str) -> None:
    [first, second] = [tracing.onward(f"{TRACE}-{flags}")["traceparent"] for _ in range(2)]
    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-{sent}", first)
    assert first != second


def test_without_a_trace_nothing_goes_on() -> None:
    assert tracing.onward("") == {}
    assert tracing.bound({}) == {}
    assert tracing.current() == ""


def test_the_trace_of_a_call_is_current_while_it_is_answered() -> None:
    with structlog.contextvars.bound_contextvars(**tracing.bound({"HTTP_TRACEPARENT": f"00-{TRACE}-{SPAN}-01"})):
        assert tracing.current() == f"{TRACE}-01"
    assert tracing.current() == ""
