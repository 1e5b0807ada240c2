"""Public ids and opaque tokens. Integers never leave the database; nothing here reads or writes a row."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import time
import uuid

# Milliseconds in 48 bits, then 80 random bits: 26 characters of lowercase base32hex, which sorts as the bytes do.
_TIME_BYTES = 6
_RANDOM_BYTES = 10
_LETTERS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_SPARE_BITS = 2
_PLACES = range(120, -1, -10)
_BODY = re.compile(r"[0-9a-v]{26}")
# Bytes for so many ids are asked for at once: the kernel is asked outside Python's lock, which threads then wait for.
_STOCKED = 64
_stock: list[bytes] = []
# A fork would give out the same.
os.register_at_fork(after_in_child=_stock.clear)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def public_id(prefix: str) -> str:
    """An unguessable id that sorts by time: ``ord_`` and 26 characters."""
    moment = time.time_ns() // 1_000_000
    return _written(prefix, moment.to_bytes(_TIME_BYTES, "big") + _random())


def _random() -> bytes:
    """Each is given out once: taking the last of a list is one step for all threads."""
    try:
        return _stock.pop()
    except IndexError:
        fresh = secrets.token_bytes(_RANDOM_BYTES * _STOCKED)
        first, *others = (fresh[at : at + _RANDOM_BYTES] for at in range(0, len(fresh), _RANDOM_BYTES))
        _stock.extend(others)
        return first


def _written(prefix: str, raw: bytes) -> str:
    # Two letters at a time: every call makes a few.
    bits = int.from_bytes(raw, "big") << _SPARE_BITS
    return f"{prefix}_{''.join([_PAIRS[bits >> place & 1023] for place in _PLACES])}"


def is_public_id(value: str, prefix: str) -> bool:
    """Whether the value has the form of an id with this prefix; says nothing of its existence."""
    head, _, body = value.partition("_")
    return head == prefix and _BODY.fullmatch(body) is not None


def as_uuid(public_id: str) -> str:
    """The 128 bits of a public id, written as a UUID: for protocols whose ids are UUIDs. Raises ValueError for no id.

    Only the form is a UUID's: the bits that name its version are the id's own.
    """
    prefix, _, body = public_id.partition("_")
    raw = base64.b32hexdecode(f"{body.upper()}======") if _BODY.fullmatch(body) else b""
    # The last letter has two bits to spare: written otherwise, it would be another text of the same bits.
    if not prefix or _written(prefix, raw) != public_id:
        raise ValueError("not a public id")
    return str(uuid.UUID(bytes=raw))


def from_uuid(prefix: str, text: str) -> str:
    """The public id of this prefix that :func:`as_uuid` wrote so. Raises ValueError for what is no UUID."""
    if not _UUID.fullmatch(text):
        raise ValueError("not a UUID")
    return _written(prefix, uuid.UUID(text).bytes)


def fresh_token(bits: int = 256) -> str:
    """A random URL-safe token of at least so many bits."""
    return secrets.token_urlsafe(-(-bits // 8))


def token_hash(token: str) -> str:
    """SHA-256 (hex) of a random token: what is stored instead of it. Random tokens need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
