"""What the tests of the door and of HTTP/1.1 share: one call, and what a server on a loopback port says."""

from __future__ import annotations

from core.http import Reply, Request, send
from tests.fakes.raw_server import Line, Talk

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Trace: a\r\n\r\nok"


def says(answer: bytes) -> Talk:
    """Answers every request of a connection with these bytes, then closes when the caller does."""

    def talk(line: Line) -> None:
        while True:
            line.hear()
            line.say(answer)

    return talk


def says_once(answer: bytes) -> Talk:
    """Answers one request and hangs up."""

    def talk(line: Line) -> None:
        line.hear()
        line.say(answer)

    return talk


def post(url: str, *, timeout: float = 5.0, **fields: object) -> Reply:
    return send(Request(method="POST", url=url, body=b"{}", **fields), timeout=timeout)  # type: ignore[arg-type]  # passed on
