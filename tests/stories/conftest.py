"""Where a whole server of the embedded profile runs in a story: a database file, keys and a queue of its own."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.stories.programs import run


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as the migrations leave it: they take longer than most stories, so once for all."""
    place = tmp_path_factory.mktemp("migrated")
    file = place / "db.sqlite3"
    environment = {"DATABASE_URL": f"sqlite:///{file}", "DATA_DIR": str(place)}
    run(sys.executable, "manage.py", "migrate", "--verbosity=0", env=environment)
    return file


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> Path:
    """A migrated database file of its own."""
    file = tmp_path / "db.sqlite3"
    with contextlib.closing(sqlite3.connect(migrated)) as original, contextlib.closing(sqlite3.connect(file)) as copy:
        original.backup(copy)
    return file


@pytest.fixture
def embedded(tmp_path: Path, database: Path) -> dict[str, str]:
    """The environment of a server of its own: a migrated database file, keys, the broker in memory."""
    return {
        "DATABASE_URL": f"sqlite:///{database}",
        "CELERY_BROKER_URL": "memory://localhost",
        "DATA_DIR": str(tmp_path),
        "HTTP_ALLOW_LOOPBACK": "1",
        "DELIVERY_TIMEOUT_SECONDS": "1",
        "BIND": "127.0.0.1:0",  # nobody calls it
        "WEB_CONCURRENCY": "1",
    }
