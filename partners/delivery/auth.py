"""The headers by which a partner knows that a call is ours, by dialect. Pure: the caller brings the secrets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import signing


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What is signed: the Event's public id, the moment of sending, the exact bytes, the live secrets."""

    event_id: str
    at: datetime
    body: bytes
    secrets: Sequence[str]

    def __repr__(self) -> str:
        return f"Letter({self.event_id})"


class Unsendable(Exception):
    """The call cannot be made as things stand; nothing was sent. Its text is for a person."""


def standard_webhooks(letter: Letter) -> dict[str, str]:
    """Standard Webhooks 1.0: every live secret signs, so that a rotation leaves no gap."""
    if not letter.secrets:
        raise Unsendable("the endpoint has no signing secret")
    signature = signing.sign(letter.secrets, message_id=letter.event_id, timestamp=letter.at, body=letter.body)
    return {"content-type": "application/json", **signature}


# Dialect → how its calls are authenticated.
TABLE: dict[str, Callable[[Letter], dict[str, str]]] = {"native": standard_webhooks}


def headers(dialect: str, letter: Letter) -> dict[str, str]:
    """The headers of one call. Raises Unsendable for a dialect that cannot be spoken, or without a secret."""
    if dialect not in TABLE:
        raise Unsendable(f"nobody knows how calls in the dialect {dialect!r} are authenticated")
    return TABLE[dialect](letter)
