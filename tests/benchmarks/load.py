"""A closed loop of clients over kept-alive connections: how many answers a second, and how long each took."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Call = tuple[str, bytes, dict[str, str]]


@dataclass
class Measured:
    """One round."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000


def post(port: int, calls: Iterator[Call], *, clients: int, seconds: float) -> Measured:
    """So many clients post what ``calls`` gives (path, body, headers), each as soon as it has its answer."""
    measured, lock, until = Measured(), threading.Lock(), time.monotonic() + seconds

    def take() -> Call | None:
        with lock:
            return next(calls, None)

    began = time.monotonic()
    threads = [
        threading.Thread(target=_client, args=(port, take, until, measured), daemon=True) for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured.seconds = time.monotonic() - began
    return measured


def _client(port: int, take: Callable[[], Call | None], until: float, measured: Measured) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < until and (call := take()) is not None:
            sent = _request(*call)
            began = time.monotonic()
            connection.sendall(sent)
            answer = _answer(connection)
            if answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")):
                measured.latencies.append(time.monotonic() - began)
            else:
                measured.wrong.append(repr(answer[:2000]))


# --- HTTP/1.1 over a bare socket: a client of Python's takes as much time from the two cores as a lean server does ---

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.I)


def _request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


def _answer(connection: socket.socket) -> bytes:
    """Head and body, of an answer that tells its length; what came, where the server hung up before."""
    came = b""
    while piece := connection.recv(65536):
        came += piece
        head = came.find(b"\r\n\r\n")
        length = _LENGTH.search(came, 0, head + 2)
        if head >= 0 and length and len(came) >= head + 4 + int(length[1]):
            break
    return came
