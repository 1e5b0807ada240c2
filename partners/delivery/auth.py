"""The headers by which a partner knows that a call is ours, in each way there is. Pure: the caller brings secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core import signing


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What is signed: the Event's public id, the moment of sending, the exact bytes, the live secrets.

    The secrets are the signing secrets of the Endpoint, or the Installation's credential (see ``by_credential``).
    """

    event_id: str
    at: datetime
    body: bytes
    secrets: Sequence[str]

    def __repr__(self) -> str:
        return f"Letter({self.event_id})"


class Unsendable(Exception):
    """The call cannot be made as things stand; nothing was sent. Its text is for a person."""


class Authentication(Protocol):
    """One way; ``by_credential`` says that its secret is the Installation's credential, not the Endpoint's own."""

    @property
    def by_credential(self) -> bool: ...

    def headers(self, letter: Letter) -> dict[str, str]:
        """The headers of one call. Raises Unsendable without a secret."""


@dataclass(frozen=True, slots=True)
class StandardWebhooks:
    """Standard Webhooks 1.0: every live secret signs, so that a rotation leaves no gap."""

    by_credential: bool = False

    def headers(self, letter: Letter) -> dict[str, str]:
        if not letter.secrets:
            raise Unsendable("the endpoint has no signing secret")
        signature = signing.sign(letter.secrets, message_id=letter.event_id, timestamp=letter.at, body=letter.body)
        return {"content-type": "application/json", **signature}


@dataclass(frozen=True, slots=True)
class BasicKey:
    """HTTP Basic with the credential as user name and an empty password."""

    by_credential: bool = True

    def headers(self, letter: Letter) -> dict[str, str]:
        key = base64.b64encode(f"{_credential(letter)}:".encode()).decode()
        return {"content-type": "application/json", "authorization": f"Basic {key}"}


@dataclass(frozen=True, slots=True)
class Bearer:
    """The credential as a bearer token."""

    by_credential: bool = True

    def headers(self, letter: Letter) -> dict[str, str]:
        return {"content-type": "application/json", "authorization": f"Bearer {_credential(letter)}"}


@dataclass(frozen=True, slots=True)
class SignedBody:
    """HMAC-SHA-256 of the body with the credential, base64url without padding, in a header of the protocol's own."""

    header: str
    by_credential: bool = True

    def headers(self, letter: Letter) -> dict[str, str]:
        digest = hmac.new(_credential(letter).encode(), letter.body, hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return {"content-type": "application/json", self.header.lower(): signature}


def _credential(letter: Letter) -> str:
    if not letter.secrets:
        raise Unsendable("no credential is set for this partner")
    return letter.secrets[0]
