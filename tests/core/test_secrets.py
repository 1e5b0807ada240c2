"""Encryption at rest, secrets in memory, and the hasher of client secrets."""

from __future__ import annotations

import pickle

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from pytest_django import Settings

from core.ids import fresh_token
from core.secrets import Secret, Undecipherable, decrypt, encrypt, hash_key


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_encrypted_comes_back_and_shows_nothing(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [new_key()]
    sealed = encrypt("whsec_ünïcode")
    assert "whsec" not in sealed
    assert decrypt(sealed) == "whsec_ünïcode"
    assert encrypt("whsec_ünïcode") != sealed


def test_a_new_first_key_encrypts_and_the_old_one_still_opens(settings: Settings) -> None:
    old, new = new_key(), new_key()
    settings.ENCRYPTION_KEYS = [old]
    sealed = encrypt("kept")
    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(sealed) == "kept"
    resealed = encrypt("kept")
    settings.ENCRYPTION_KEYS = [new]
    assert decrypt(resealed) == "kept"
    with pytest.raises(Undecipherable):
        decrypt(sealed)


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA", "ü", "gAAAAABm" + "A" * 100])
def test_a_changed_token_says_nothing_of_itself(token: str) -> None:
    with pytest.raises(Undecipherable) as refused:
        decrypt(token)
    assert str(refused.value) == "no key of ENCRYPTION_KEYS opens it"


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("s3cr3t")
    assert secret.reveal() == "s3cr3t"
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}"):
        assert "s3cr3t" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_secrets_of_the_same_value_are_equal() -> None:
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_an_issued_key_is_stored_as_a_hash_of_it() -> None:
    key = fresh_token()
    assert hash_key(key) == hash_key(key) != key


def test_a_client_secret_is_hashed_with_salt_and_verified() -> None:
    secret = fresh_token(768)
    encoded = make_password(secret, hasher="secret_sha256")
    assert encoded.startswith("secret_sha256$")
    assert secret not in encoded
    assert encoded != make_password(secret, hasher="secret_sha256")
    assert check_password(secret, encoded)
    assert not check_password(secret[:-1], encoded)


def test_the_hasher_tells_the_admin_its_name_only() -> None:
    encoded = make_password("x", hasher="secret_sha256")
    hasher = identify_hasher(encoded)
    assert hasher.safe_summary(encoded) == {"algorithm": "secret_sha256"}
    assert not hasher.must_update(encoded)
