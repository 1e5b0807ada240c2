"""Where a whole server of the embedded profile runs in a story: a database file, keys and a queue of its own."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.stories.programs import run


@pytest.fixture
def embedded(tmp_path: Path, transactional_db: None) -> dict[str, str]:
    """The environment of a server of its own: a migrated database file, keys, the broker in memory."""
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "CELERY_BROKER_URL": "memory://localhost",
        "DATA_DIR": str(tmp_path),
        "HTTP_ALLOW_LOOPBACK": "1",
        "DELIVERY_TIMEOUT_SECONDS": "1",
        "BIND": "127.0.0.1:0",  # nobody calls it
        "WEB_CONCURRENCY": "1",
    }
    if connection.vendor == "sqlite":
        # A copy of the suite's is there at once, where migrating takes seconds.
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(tmp_path / "db.sqlite3")) as copy:
            connection.connection.backup(copy)
    else:
        run(sys.executable, "manage.py", "migrate", "--verbosity=0", env=environment)
    return environment
