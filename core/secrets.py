"""Secrets at rest: encryption with a list of keys, and a wrapper that never shows what it holds. No rows here."""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from core.ids import token_hash


class Undecipherable(Exception):
    """No key of ENCRYPTION_KEYS opens it: a key was taken out of the list too early, or the text was changed."""


def encrypt(text: str) -> str:
    """The text sealed with the first key: URL-safe ASCII, different at every call."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """What :func:`encrypt` sealed with any key of the list. Raises Undecipherable, which says nothing of the token."""
    try:
        return _keys().decrypt(token.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise Undecipherable("no key of ENCRYPTION_KEYS opens it") from None


def is_current(token: str) -> bool:
    """Whether the first key sealed it."""
    try:
        Fernet(settings.ENCRYPTION_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def hash_key(key: str) -> str:
    """What is stored instead of a key that we issued (random, so a fast hash is enough)."""
    return token_hash(key)


def _keys() -> MultiFernet:
    return _fernet(tuple(settings.ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class Secret:
    """A secret in memory. ``reveal()`` is the only way to its value: repr, str, format and pickle refuse it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(token_hash(self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")
