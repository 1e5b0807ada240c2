"""What never becomes a call, by the product's own settings of gunicorn: what is refused is a problem, what is slow
ends.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import gunicorn_reading
from core.config.gunicorn_reading import REQUEST_WITHIN
from core.ids import is_public_id
from tests.stories.programs import running

LONG = "a" * 9_000


@pytest.fixture
def port(embedded: dict[str, str], tmp_path: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    environment = {**embedded, "PUBLIC_URL": f"http://127.0.0.1:{port}", "BIND": f"127.0.0.1:{port}", "DEMO": "0"}
    server = (sys.executable, "-m", "gunicorn", "--config", "core/config/gunicorn_settings.py")
    with running(*server, env=environment, log=tmp_path / "server.log") as program:
        until = time.monotonic() + 60
        while not _listens(port):
            assert time.monotonic() < until, program.output
            time.sleep(0.1)
        yield port


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        return "200 OK" in said(port, "GET /livez HTTP/1.1", "Host: 127.0.0.1")[0]
    return False


def said(port: int, *lines: str, patience: float = 20) -> tuple[str, str]:
    """Head and body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
        line.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        raw = b""
        with contextlib.suppress(ConnectionResetError):
            while more := line.recv(65536):
                raw += more
    head, _, body = raw.decode().partition("\r\n\r\n")
    return head, body


def test_who_sends_a_byte_now_and_then_stops_nobody_else(port: int) -> None:
    """There are eight threads: as many owe a body, and more have not said a word."""
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(30)]
        slow = lines[:8]
        for line in slow:
            line.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\na")
        over = threading.Event()
        drip = threading.Thread(target=_drip, args=(slow, over))
        drip.start()
        try:
            time.sleep(1)
            began = time.monotonic()
            head, _ = said(port, "GET /livez HTTP/1.1", "Host: 127.0.0.1", patience=60)
        finally:
            over.set()
            drip.join()
    assert head.startswith("HTTP/1.1 200")
    assert time.monotonic() - began < 1.5 * REQUEST_WITHIN


def _drip(lines: list[socket.socket], over: threading.Event) -> None:
    while not over.wait(2):
        for line in lines:
            with contextlib.suppress(OSError):
                line.sendall(b"a")


def test_a_request_that_keeps_coming_is_read_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gunicorn_reading, "REQUEST_WITHIN", 0.2)
    monkeypatch.setattr(gunicorn_reading, "BYTES_A_SECOND", 1_000)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = gunicorn_reading.TimedUnreader(ours)
        reader.begin()
        for _ in range(5):
            theirs.sendall(b"a" * 100)
            time.sleep(0.08)
            assert reader.chunk() == b"a" * 100
        with pytest.raises(ConnectionResetError):
            reader.chunk()


def test_they_are_problems_with_a_request_id(port: int, subtests: pytest.Subtests) -> None:
    host, line = "Host: 127.0.0.1", "GET /api/v1/orders HTTP/1.1"
    for status, code, lines in [
        (414, "uri_too_long", (f"GET /api/v1/orders?q={LONG[:5000]} HTTP/1.1", host)),
        (431, "headers_too_large", (line, host, f"X-Long: {LONG}")),
        (431, "headers_too_large", (line, host, *(f"X-{number}: 1" for number in range(120)))),
        (400, "bad_request", ("POST /api/v1/orders HTTP/1.1", host, "Content-Length: -2")),
        (417, "expectation_failed", ("POST /api/v1/orders HTTP/1.1", host, "Content-Length: 2", "Expect: a-miracle")),
        (400, "bad_request", ("NO REQUEST",)),
    ]:
        with subtests.test(code=code, status=status):
            head, body = said(port, *lines)
            first, *headers = head.splitlines()
            assert first.startswith(f"HTTP/1.1 {status} ")
            assert "Content-Type: application/problem+json" in headers
            problem = json.loads(body)
            assert (problem["status"], problem["code"], problem["problems"]) == (status, code, [])
            assert is_public_id(problem["request_id"], "req")
            assert f"Request-Id: {problem['request_id']}" in headers
