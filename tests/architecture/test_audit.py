"""`.ci/audit` against a database of our own: what it says and how it ends. pip-audit and the lock are the real ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[2]
LOCKED = re.findall(r"^([\w.-]+)==(\S+) (?:; (.+) )?\\$", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE)
# Those of other systems are left out.
PINNED = {name: version for name, version, where in LOCKED if not where or Marker(where).evaluate()}
CANARY = ("django", "3.2.0")


def flaw(name: str) -> dict[str, Any]:
    """As OSV writes it."""
    affected = {
        "package": {"name": name, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "99"}]}],
    }
    return {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "summary": "Bad.", "affected": [affected]}


class Database:
    """Knows flaws of the named releases; ``asked`` are those that it was asked about."""

    def __init__(self) -> None:
        self.bad: set[tuple[str, str]] = set()
        self.asked: set[tuple[str, str]] = set()
        database = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                release = (query["package"]["name"], query["version"])
                database.asked.add(release)
                body = json.dumps({"vulns": [flaw(release[0])]} if release in database.bad else {}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1/query"


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def audit(url: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OSV_URL": url, "NO_PROXY": "127.0.0.1", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, str(ROOT / ".ci/audit")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_every_pinned_release_is_asked_about_and_nothing_known_is_a_success(database: Database, tmp_path: Path) -> None:
    database.bad = {CANARY}
    done = audit(database.url, tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{len(PINNED)} releases, 0 known flaws, 0 not audited\n"), done.stderr
    assert {name for name, _ in database.asked} == {re.sub(r"[-_.]+", "-", name).lower() for name in PINNED}


def test_a_known_flaw_is_named_with_its_cure_and_fails(database: Database, tmp_path: Path) -> None:
    database.bad = {CANARY, ("django", PINNED["django"])}
    done = audit(database.url, tmp_path)
    assert done.returncode == 1
    assert f"django {PINNED['django']}: PYSEC-2026-1 (CVE-2026-1), fixed in 99" in done.stdout


def test_a_database_that_is_away_or_knows_nothing_is_told_aloud(database: Database, tmp_path: Path) -> None:
    away = audit("http://127.0.0.1:9/v1/query", tmp_path)
    empty = audit(database.url, tmp_path)
    assert (away.returncode, empty.returncode) == (3, 3)
    assert "NOT AUDITED" in away.stderr
    assert "it does not know what everybody knows" in empty.stderr
    assert database.asked == {CANARY}
