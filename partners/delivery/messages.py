"""What is owed to a partner, before it becomes rows: Message, and the thin body of a native one. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One thing to tell a partner. ``body`` is the exact text that is signed and sent; nobody here reads it.

    ``purpose`` names the Endpoint it goes to, ``subject`` the public id of what it is about. ``repeatable`` is
    false for a call that carries no idempotency key: it is then repeated only where nothing can have been
    processed. ``method`` and ``query`` are for dialects that are not "POST the body". After ``expires_at`` it is not
    worth sending, until its reader says when it is again.
    """

    topic: str
    purpose: str
    subject: str
    body: str
    repeatable: bool = True
    method: str = "POST"
    query: str = ""
    expires_at: datetime | None = None


def address(url: str, query: str) -> str:
    """The URL of an endpoint with the query of one message."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def thin(topic: str, **ids: str | None) -> str:
    """The body of a native message: its topic, the moment, and ids only; the partner reads the rest by GET."""
    return _text(_thin(topic, ids))


def sample(topic: str, data: Mapping[str, str]) -> str:
    """The body of a native message that tells nothing true, and says so."""
    return _text({**_thin(topic, data), "test": True})


def _thin(topic: str, data: Mapping[str, str | None]) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": topic, "timestamp": moment, "data": data}


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
