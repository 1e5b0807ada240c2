"""Signatures of outgoing calls, verified by the two libraries that partners use."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime

import pytest
import standardwebhooks
import svix.webhooks

from partners import dialects
from partners.delivery.auth import BasicKey, Bearer, Letter, SignedBody, StandardWebhooks, Unsendable

OLD = "whsec_" + "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZA=="
NEW = "whsec_" + "bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldw=="
FOREIGN = "whsec_" + "Zm9yZWlnbiBmb3JlaWduIGZvcmVpZ24gZm9yZWlnbiE="
BODY = '{"type":"ping","data":{"name":"Żółć"}}'.encode()


def letter(*secrets: str, body: bytes = BODY) -> Letter:
    return Letter(event_id="evt_1", at=datetime.now(UTC), body=body, secrets=secrets)


def test_a_native_call_carries_the_headers_of_standard_webhooks() -> None:
    headers = StandardWebhooks().headers(letter(NEW))
    assert set(headers) == {"content-type", "webhook-id", "webhook-timestamp", "webhook-signature"}
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == "evt_1"
    assert re.fullmatch(r"\d{10}", headers["webhook-timestamp"])


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_during_a_rotation_either_secret_verifies(secret: str) -> None:
    headers = StandardWebhooks().headers(letter(NEW, OLD))
    standardwebhooks.Webhook(secret).verify(BODY, headers)
    svix.webhooks.Webhook(secret).verify(BODY, headers)


def test_another_secret_and_another_body_do_not_verify() -> None:
    headers = StandardWebhooks().headers(letter(NEW))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(FOREIGN).verify(BODY, headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(NEW).verify(BODY + b" ", headers)


def test_without_a_secret_nothing_is_sent() -> None:
    with pytest.raises(Unsendable, match="no signing secret"):
        StandardWebhooks().headers(letter())


def test_a_dialect_nobody_authenticates_is_refused_aloud() -> None:
    with pytest.raises(Unsendable, match="'klingon'"):
        dialects.authentication_of("klingon")


def test_secrets_do_not_show_in_a_traceback() -> None:
    assert NEW not in repr(letter(NEW))


@pytest.mark.parametrize(
    ("authentication", "name", "value"),
    [
        (BasicKey(), "authorization", "Basic " + base64.b64encode(b"partner-key:").decode()),
        (Bearer(), "authorization", "Bearer partner-key"),
        (
            SignedBody("X-Some-Signature"),
            "x-some-signature",
            base64.urlsafe_b64encode(hmac.digest(b"partner-key", BODY, hashlib.sha256)).decode().rstrip("="),
        ),
    ],
    ids=["basic", "bearer", "signed"],
)
def test_a_credential_goes_where_the_protocol_wants_it(
    authentication: BasicKey | Bearer | SignedBody, name: str, value: str
) -> None:
    assert authentication.headers(letter("partner-key")) == {"content-type": "application/json", name: value}
    with pytest.raises(Unsendable, match="no credential"):
        authentication.headers(letter())
