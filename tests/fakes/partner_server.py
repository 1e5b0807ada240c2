"""A partner on a loopback port: remembers what it was sent, checks signatures, misbehaves in every way asked for."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import standardwebhooks
import svix.webhooks


@dataclass(frozen=True, kw_only=True)
class Received:
    """One call as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_by(self, secret: str) -> bool:
        """Whether both verifying libraries accept it."""
        try:
            standardwebhooks.Webhook(secret).verify(self.body, dict(self.headers))
            svix.webhooks.Webhook(secret).verify(self.body, dict(self.headers))
        except standardwebhooks.WebhookVerificationError:
            return False
        return True


class Visit(BaseHTTPRequestHandler):
    """One connection; what it answers is decided by the partner's behaviour for the path."""

    protocol_version = "HTTP/1.1"
    partner: ClassVar[PartnerServer]

    def take(self) -> None:
        announced = int(self.headers.get("content-length", 0))
        body = self.rfile.read(announced)
        if len(body) < announced:  # the caller died in the middle: no call was made
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.partner.behaviour_of(Received(method=self.command, path=self.path, headers=headers, body=body))(self)

    do_POST = do_PUT = do_PATCH = do_GET = take  # noqa: N815  the names http.server looks for

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The suite's output is for the suite."""


Behaviour = Callable[[Visit], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is part of the game."""


class PartnerServer:
    """``url`` is its address; ``received`` what came so far. By default it answers 204 to everything."""

    def __init__(self, port: int = 0) -> None:
        visit = type("ThisVisit", (Visit,), {"partner": self})
        self._server = _Server(("127.0.0.1", port), visit)
        self._behaviours: dict[str, Behaviour] = {}
        self._came = threading.Condition()
        self.closing = threading.Event()
        self.received: list[Received] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def behave(self, behaviour: Behaviour, *, path: str = "") -> None:
        """From now on it answers so: to this path (with its query), or to every path without one of its own."""
        self._behaviours[path] = behaviour

    def behaviour_of(self, call: Received) -> Behaviour:
        with self._came:
            self.received.append(call)
            self._came.notify_all()
        return self._behaviours.get(call.path) or self._behaviours.get("", no_content)

    def wait_for(self, count: int, *, seconds: float) -> bool:
        """Whether so many calls (repeats included) have come within the time."""
        with self._came:
            return self._came.wait_for(lambda: len(self.received) >= count, seconds)

    def ids(self) -> Counter[str]:
        """How often each webhook-id came."""
        with self._came:
            return Counter(call.webhook_id for call in self.received)

    def serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def partner_server() -> Iterator[PartnerServer]:
    server = PartnerServer()
    server.serve()
    try:
        yield server
    finally:
        server.close()


# --- Behaviours -----------------------------------------------------------------------------------------------


def no_content(visit: Visit) -> None:
    visit.answer(204)


def status(code: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answers this status; header names are written with underscores."""
    return lambda visit: visit.answer(code, body, **headers)


def redirect(to: str) -> Behaviour:
    return status(307, location=to)


def html(visit: Visit) -> None:
    """A 200 that is not what a protocol expects."""
    visit.answer(200, b"<html><body>Welcome to nginx!</body></html>", content_type="text/html")


def garbage(visit: Visit) -> None:
    """Not HTTP at all."""
    visit.close_connection = True
    visit.wfile.write(b"\x00\xffSSH-2.0-OpenSSH_9.6\r\n\r\n")


def slowly(seconds: float) -> Behaviour:
    """Waits before a proper answer."""

    def behaviour(visit: Visit) -> None:
        visit.partner.closing.wait(seconds)
        visit.answer(204)

    return behaviour


def drip(visit: Visit) -> None:
    """Promises a long body and sends a byte of it now and then: no single read ever times out."""
    visit.close_connection = True
    visit.send_response(200)
    visit.send_header("content-length", "100000")
    visit.end_headers()
    while not visit.partner.closing.wait(0.2):
        visit.wfile.write(b".")
        visit.wfile.flush()


def flood(visit: Visit) -> None:
    """A 200 with a body without end."""
    visit.close_connection = True
    visit.send_response(200)
    visit.end_headers()
    until = time.monotonic() + 10
    while time.monotonic() < until and not visit.partner.closing.is_set():
        visit.wfile.write(b"x" * 65536)


def reset(visit: Visit) -> None:
    """Tears the connection down after reading the call (RST instead of FIN)."""
    visit.close_connection = True
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.connection.close()


def nothing(visit: Visit) -> None:
    """Hangs up without a word."""
    visit.close_connection = True


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One after another; the last one stays."""
    left = list(behaviours)

    def behaviour(visit: Visit) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(visit)

    return behaviour


def closed_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
