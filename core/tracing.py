"""W3C Trace Context: a caller's ``traceparent`` read, kept beside what it caused, and passed on. No spans of our own.

https://www.w3.org/TR/trace-context/ (Recommendation of 23 November 2021). What is kept is ``<trace-id>-<flags>``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

import structlog

HEADER = "traceparent"
_IN_META = "HTTP_TRACEPARENT"
_FORM = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-[\x21-\x7e]*)?")


def read(header: str) -> str:
    """The trace of a ``traceparent``; "" for one that is none, which is as good as absent."""
    found = _FORM.fullmatch(header[:200])
    if found is None or (found[1] == "00" and found[4]):
        return ""
    return f"{found[2]}-{found[3]}"


def bound(meta: Mapping[str, str]) -> dict[str, str]:
    """What to bind to the context of a call, by its ``META``: nothing where the caller traces nothing."""
    trace = read(meta.get(_IN_META, ""))
    return {"trace": trace} if trace else {}


def current() -> str:
    """The trace of the call being answered, or of the task that it caused; else ""."""
    return str(structlog.contextvars.get_contextvars().get("trace", ""))


def onward(trace: str) -> dict[str, str]:
    """The header for a call of ours that belongs to the trace, as a span that is new; {} without a trace."""
    trace_id, _, flags = trace.partition("-")
    # Only the flag "sampled" is known to us.
    return {HEADER: f"00-{trace_id}-{secrets.token_hex(8)}-{int(flags, 16) & 1:02x}"} if trace else {}
