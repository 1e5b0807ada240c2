"""Signatures of webhooks: both public libraries accept ours, and nothing forged, broken or old is accepted by us."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
import standardwebhooks
import svix.webhooks
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from core.signing import SignatureInvalid, new_signing_secret, sign, verify

BODY = '{"type":"order.placed","data":{"order":"ord_1","note":"Zoë ✓"}}'.encode()
SECRET = new_signing_secret()


def signed(*secrets: str, body: bytes = BODY, at: datetime | None = None) -> dict[str, str]:
    return sign(secrets or [SECRET], message_id="evt_1", timestamp=at or datetime.now(UTC), body=body)


def test_a_secret_is_prefixed_and_has_thirty_two_random_bytes() -> None:
    made = new_signing_secret()
    assert made.startswith("whsec_")
    assert len(base64.b64decode(made.removeprefix("whsec_"), validate=True)) == 32
    assert made != new_signing_secret()


def test_standardwebhooks_and_svix_accept_what_we_sign() -> None:
    headers = signed()
    standardwebhooks.Webhook(SECRET).verify(BODY, headers)
    svix.webhooks.Webhook(SECRET).verify(BODY, headers)
    verify([SECRET], headers=headers, body=BODY)


def test_what_the_libraries_sign_is_accepted_by_us() -> None:
    now = datetime.now(UTC)
    for library in (standardwebhooks.Webhook(SECRET), svix.webhooks.Webhook(SECRET)):
        headers = {
            "Webhook-Id": "evt_1",
            "Webhook-Timestamp": str(int(now.timestamp())),
            "Webhook-Signature": library.sign("evt_1", now, BODY.decode()),
        }
        verify([SECRET], headers=headers, body=BODY)


def test_during_a_rotation_both_secrets_sign_and_either_verifies() -> None:
    old, new = new_signing_secret(), new_signing_secret()
    headers = signed(new, old)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(BODY, headers)
        svix.webhooks.Webhook(secret).verify(BODY, headers)


def test_the_timestamp_is_the_moment_whatever_its_zone() -> None:
    moment = datetime.now(UTC).replace(microsecond=0)
    elsewhere = moment.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    assert signed(at=elsewhere) == signed(at=moment)
    assert signed(at=moment)["webhook-timestamp"] == str(int(moment.timestamp()))


def test_nothing_is_signed_without_a_secret_or_by_a_naive_clock() -> None:
    with pytest.raises(ValueError, match="needs a secret"):
        sign([], message_id="evt_1", timestamp=datetime.now(UTC), body=BODY)
    with pytest.raises(ValueError, match="needs a secret"):
        sign([SECRET], message_id="evt_1", timestamp=datetime(2026, 11, 23), body=BODY)  # noqa: DTZ001  the naive one


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt_2"},
        {"webhook-timestamp": str(int(datetime.now(UTC).timestamp()) - 1)},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1e400"},
        {"webhook-timestamp": "９９９"},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,not base64 at all"},
        {"webhook-signature": "v1,ü"},
        {"webhook-signature": "v1a," + "A" * 88},
        {"webhook-signature": "v1," + "A" * 44},
        {"webhook-signature": ",,,,,"},
        {"webhook-signature": "v1," + "A" * 1_000_000},
    ],
)
def test_a_forged_or_broken_header_is_refused_in_one_way(change: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid):
        verify([SECRET], headers={**signed(), **change}, body=BODY)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_refused(missing: str) -> None:
    headers = signed()
    del headers[missing]
    with pytest.raises(SignatureInvalid):
        verify([SECRET], headers=headers, body=BODY)


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], b"", b"\xff\xfe"])
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify([SECRET], headers=signed(), body=body)


def test_another_secret_none_or_an_empty_one_verifies_nothing() -> None:
    for secrets in ([], [""], ["whsec_"], ["not base64 ü"], [new_signing_secret()]):
        with pytest.raises(SignatureInvalid):
            verify(secrets, headers=signed(), body=BODY)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_call_recorded_earlier_or_dated_ahead_is_refused(minutes: int) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        headers = signed()
    with pytest.raises(SignatureInvalid):
        verify([SECRET], headers=headers, body=BODY)


@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()), st.binary()
)
def test_whatever_arrives_verify_raises_one_error_only(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify([SECRET], headers=headers, body=body)


@given(
    body=st.text(max_size=200).map(str.encode),
    secrets=st.lists(st.binary(min_size=24, max_size=64), min_size=1, max_size=3, unique=True),
    place=st.integers(min_value=0),
    bit=st.integers(0, 7),
)
def test_what_was_signed_verifies_with_each_secret_and_with_one_bit_changed_with_none(
    body: bytes, secrets: list[bytes], place: int, bit: int
) -> None:
    written = ["whsec_" + base64.b64encode(secret).decode() for secret in secrets]
    headers = sign(written, message_id="evt_1", timestamp=datetime.now(UTC), body=body)
    for secret in written:
        verify([secret], headers=headers, body=body)
    changed = bytearray(body or b"\0")
    changed[place % len(changed)] ^= 1 << bit
    for told, content in ((headers, bytes(changed)), ({**headers, "webhook-id": "evt_2"}, body)):
        with pytest.raises(SignatureInvalid):
            verify(written, headers=told, body=content)
