"""Combinations of settings that cannot work are refused with their id; a proper production passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.checks import one_process_for_the_embedded_broker, parts_that_are_shared_in_production

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
        ({"EMBEDDED_BROKER": True, "WEB_CONCURRENCY": 2}, {"core.E001"}),
        ({"EMBEDDED": False, "EMBEDDED_BROKER": True}, {"core.E002"}),
        ({"EMBEDDED": False, "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.X"}}}, {"core.E003"}),
        ({"EMBEDDED": False, "SERVED_BY_HTTPS": False}, {"core.E004"}),
        ({"EMBEDDED": False, "HTTP_ALLOW_LOOPBACK": True}, {"core.E005"}),
        ({"EMBEDDED": False}, set()),
    ],
)
def test_what_cannot_work_together_has_an_id(settings: Any, changes: dict[str, Any], said: set[str]) -> None:
    proper = {
        "EMBEDDED_BROKER": False,
        "WEB_CONCURRENCY": 1,
        "SERVED_BY_HTTPS": True,
        "HTTP_ALLOW_LOOPBACK": False,
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}},
    }
    for name, value in (proper | changes).items():
        setattr(settings, name, value)
    found = [*one_process_for_the_embedded_broker(), *parts_that_are_shared_in_production()]
    assert {message.id for message in found} == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DEMO": "1"}, "DEMO"),
        ({"PROFILE": "staging"}, "PROFILE"),
    ],
)
def test_what_is_missing_or_odd_is_named(tmp_path: Path, changes: dict[str, str | None], said: str) -> None:
    done = check(tmp_path, **changes)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(str(PRODUCTION["SECRET_KEY"]))
    done = check(tmp_path, SECRET_KEY=None, SECRET_KEY_FILE=str(secret))
    assert done.returncode == 0, done.stderr
