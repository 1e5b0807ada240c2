"""Counting in Redis, against a server that speaks its protocol."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

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
