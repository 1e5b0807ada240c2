"""Signatures of webhooks, as Standard Webhooks writes them (standardwebhooks.com). No rows, no network."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

# The specification asks for 24 to 64 random bytes.
_SECRET_BYTES = 32
_PREFIX = "whsec_"


class SignatureInvalid(Exception):
    """The only thing that :func:`verify` says, whatever was wrong."""


def new_signing_secret() -> str:
    """``whsec_`` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(random.token_bytes(_SECRET_BYTES)).decode()


def sign(secrets: Sequence[str], *, message_id: str, timestamp: datetime, body: bytes) -> dict[str, str]:
    """The three headers for exactly this body; one signature per secret, so that a rotation leaves no gap.

    ``timestamp`` is an aware datetime (of this attempt), ``body`` UTF-8. Raises ValueError without a secret.
    """
    if not secrets or timestamp.tzinfo is None:
        raise ValueError("a signature needs a secret and an aware timestamp")
    # The library takes a datetime for UTC whatever its zone says.
    moment = timestamp.astimezone(UTC)
    signatures = [Webhook(secret).sign(message_id, moment, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def verify(secrets: Sequence[str], *, headers: Mapping[str, str], body: bytes) -> None:
    """Whether one of the secrets signed it within the last five minutes; raises SignatureInvalid and nothing else."""
    if not any(_signed_by(secret, headers, body) for secret in secrets):
        raise SignatureInvalid("the signature does not fit")


def _signed_by(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    # Beside its own error the library lets out ValueError, binascii.Error and UnicodeError on malformed headers.
    except Exception:
        return False
    return True
