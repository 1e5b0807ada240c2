"""Reading the environment: one reader, and the master keys of the embedded profile. No Django here."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import TypedDict

import environ

env = environ.FileAwareEnv()


class MasterKeys(TypedDict):
    secret_key: str
    encryption_keys: list[str]


def fresh_keys() -> MasterKeys:
    """A new signing key for Django and a new Fernet key (32 random bytes, urlsafe base64)."""
    fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {"secret_key": secrets.token_urlsafe(50), "encryption_keys": [fernet]}


def embedded_keys(data_dir: Path) -> MasterKeys:
    """The keys in ``DATA_DIR/secrets.json`` (mode 0600), made at the first start.

    Two processes may start at once: each writes a whole file of its own and links it into place; the loser
    reads the winner's.
    """
    path = data_dir / "secrets.json"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        mine = data_dir / f".secrets.{os.getpid()}.{secrets.token_hex(4)}"
        mine.touch(mode=0o600)
        mine.write_text(json.dumps(fresh_keys()))
        try:
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(mine)
        finally:
            mine.unlink()
    keys: MasterKeys = json.loads(path.read_text())
    return keys
