"""Counting in Redis, against a server that speaks its protocol."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from core import counting
from core.counting import RedisCache


class Counters(socketserver.ThreadingTCPServer):
    """INCRBY and EXPIRE of Redis; every other command is heard and answered OK."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.heard: list[list[str]] = []
        self.values: dict[str, int] = {}


class Connection(socketserver.StreamRequestHandler):
    server: Counters

    def handle(self) -> None:
        while line := self.rfile.readline():
            self.wfile.write(self.answer([self.word() for _ in range(int(line[1:]))]))

    def word(self) -> str:
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2].decode()

    def answer(self, command: list[str]) -> bytes:
        if command[0] not in {"INCRBY", "EXPIRE"}:
            return b"+OK\r\n"
        self.server.heard.append(command)
        if command[0] == "EXPIRE":
            return b":1\r\n"
        self.server.values[command[1]] = self.server.values.get(command[1], 0) + int(command[2])
        return b":%d\r\n" % self.server.values[command[1]]


@pytest.fixture
def counters() -> Iterator[Counters]:
    with Counters() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_use_is_one_command_and_the_first_says_how_long_the_counter_lives(counters: Counters) -> None:
    cache = RedisCache(f"redis://127.0.0.1:{counters.server_address[1]}/0?protocol=2", {})
    assert [cache.count("limit:a", 61) for _ in range(3)] == [1, 2, 3]
    assert cache.count("limit:b", 61) == 1
    first, second = ":1:limit:a", ":1:limit:b"
    assert counters.heard == [
        ["INCRBY", first, "1"],
        ["EXPIRE", first, "61"],
        ["INCRBY", first, "1"],
        ["INCRBY", first, "1"],
        ["INCRBY", second, "1"],
        ["EXPIRE", second, "61"],
    ]


def test_a_process_takes_several_at_once_and_no_number_twice(
    counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = RedisCache(f"redis://127.0.0.1:{counters.server_address[1]}/0?protocol=2", {})
    monkeypatch.setattr(counting, "_in_stock", counting._Stock())
    assert [cache.count("limit:a", 61, taken_at_once=10) for _ in range(25)] == list(range(1, 26))
    assert cache.count("limit:b", 61, taken_at_once=10) == 1
    # Another process knows nothing of what the first has left.
    monkeypatch.setattr(counting, "_in_stock", counting._Stock())
    assert cache.count("limit:a", 61, taken_at_once=10) == 31
    assert [command[2] for command in counters.heard if command[:2] == ["INCRBY", ":1:limit:a"]] == ["10"] * 4
    assert [command[1:] for command in counters.heard if command[0] == "EXPIRE"] == [
        [":1:limit:a", "61"],
        [":1:limit:b", "61"],
    ]
