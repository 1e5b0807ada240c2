"""Combinations of settings that cannot work are refused with their id; a proper production passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCTION = {
    "PROFILE": "production",
    "PUBLIC_URL": "https://assay.example",
    "SECRET_KEY": "k" * 20 + "0123456789abcdefghijklmnopqrstuvwxyz-!?",
    "ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "DATABASE_URL": "postgresql://assay@127.0.0.1:5432/assay",
    "CELERY_BROKER_URL": "amqp://guest:guest@127.0.0.1:5672//",
    "CACHE_URL": "rediscache://127.0.0.1:6379/0",
}


def check(tmp_path: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` with these variables and no others of ours."""
    wanted = {**PRODUCTION, **changes}
    environment = {name: value for name, value in wanted.items() if value is not None}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DATA_DIR": str(tmp_path)}
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(command, cwd=root, env=base | environment, capture_output=True, text=True, check=False)


def test_a_proper_production_has_nothing_to_complain_of(tmp_path: Path) -> None:
    done = check(tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"CELERY_BROKER_URL": "memory://"}, "core.E002"),
        ({"CELERY_BROKER_URL": "memory://", "WEB_CONCURRENCY": "2"}, "core.E001"),
        ({"CACHE_URL": "locmemcache://"}, "core.E003"),
        ({"PUBLIC_URL": "http://assay.example"}, "core.E004"),
        ({"HTTP_ALLOW_LOOPBACK": "1"}, "core.E005"),
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"ENCRYPTION_KEYS": None}, "ENCRYPTION_KEYS"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DEMO": "1"}, "DEMO"),
        ({"PROFILE": "staging"}, "PROFILE"),
    ],
)
def test_what_cannot_work_is_named(tmp_path: Path, changes: dict[str, str | None], said: str) -> None:
    done = check(tmp_path, **changes)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(str(PRODUCTION["SECRET_KEY"]))
    done = check(tmp_path, SECRET_KEY=None, SECRET_KEY_FILE=str(secret))
    assert done.returncode == 0, done.stderr
