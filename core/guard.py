"""What the door to the network is made of: which URLs may be called, checked connections, deadlines, Failure.

Used by :mod:`core.http` alone; everybody else calls ``core.http.send``.
"""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal

import httpcore
import httpx

from core.addresses import Address, is_loopback, is_public, literal

BODY_LIMIT = 64 * 1024
URL_LIMIT = 500
# A name may resolve to many addresses; after so many it is not going to answer.
_ADDRESSES_TRIED = 4

Kind = Literal[
    "invalid_url",
    "invalid_request",
    "unresolvable",
    "refused_address",
    "connection_refused",
    "tls",
    "timeout_connect",
    "timeout_sent",
    "too_slow",
    "reset",
    "garbage",
]
_WORDS: dict[Kind, str] = {
    "invalid_url": "this URL cannot be called",
    "invalid_request": "this is not a valid HTTP request",
    "unresolvable": "the host name was not found",
    "refused_address": "the host name leads to an address that is not public",
    "connection_refused": "the connection was refused",
    "tls": "no secure connection could be made (TLS)",
    "timeout_connect": "no connection in time",
    "timeout_sent": "sent, but no answer in time",
    "too_slow": "the answer began, but did not end in time",
    "reset": "the connection was closed before the answer was complete",
    "garbage": "the answer is not HTTP",
}
_BEFORE_SENDING: frozenset[Kind] = frozenset(
    {
        "invalid_url",
        "invalid_request",
        "unresolvable",
        "refused_address",
        "connection_refused",
        "tls",
        "timeout_connect",
    }
)


class Failure(Exception):
    """No answer. ``kind`` says why in a word, ``str()`` in words for a person, ``detail`` with the particulars."""

    def __init__(self, kind: Kind, detail: str = "") -> None:
        self.kind = kind
        self.detail = detail or _WORDS[kind]
        self.elapsed_ms = 0
        super().__init__(_WORDS[kind])

    @property
    def proves_nothing_processed(self) -> bool:
        """True when it ended before a byte of the call was sent: it can be repeated without a second effect."""
        return self.kind in _BEFORE_SENDING


# --- Which URLs -----------------------------------------------------------------------------------------------

_HOST_NAME = re.compile(r"(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?")


def read_url(url: str, *, allow_loopback: bool) -> httpx.URL:
    """The URL if it may be called, as far as can be told without resolving its name.

    Raises Failure(invalid_url or refused_address) whose detail is a sentence for the person who wrote it.
    """
    if len(url) > URL_LIMIT:
        raise _invalid(f"The URL is longer than {URL_LIMIT} characters.")
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise _invalid("The URL contains a space, a backslash or a control character.")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise _invalid("This is not a URL.") from None
    _check_form(parsed)
    _check_host(parsed, allow_loopback)
    return parsed


def _check_form(url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"} or not url.raw_host:
        raise _invalid("Write an absolute URL that begins with https:// and names a host.")
    if url.userinfo:
        raise _invalid("The URL carries a user name or password; credentials do not belong in a URL.")
    if url.fragment:
        raise _invalid("The URL has a fragment (#…), which is never sent; leave it out.")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise _invalid("The port must be between 1 and 65535.")


def _check_host(url: httpx.URL, allow_loopback: bool) -> None:
    host = url.raw_host.decode("ascii")
    address = literal(host)
    if address is None and not _HOST_NAME.fullmatch(host):
        raise _invalid("The host of the URL is not a name or an address.")
    is_local = address is not None and is_loopback(address)
    if address is not None and not _admitted(address, allow_loopback):
        raise Failure("refused_address", "The URL leads to an address that is not public.")
    if url.scheme == "http" and not (is_local and allow_loopback):
        raise _invalid("The URL must begin with https://.")


def _admitted(address: Address, allow_loopback: bool) -> bool:
    return is_public(address) or (allow_loopback and is_loopback(address))


def _invalid(sentence: str) -> Failure:
    return Failure("invalid_url", sentence)


# --- One call's time ------------------------------------------------------------------------------------------

_current: ContextVar[Exchange] = ContextVar("exchange")


class Exchange:
    """One call's clock, and how far it came. As a context it is what the sockets of this thread obey."""

    def __init__(self, *, timeout: float, connect_timeout: float) -> None:
        self._began = time.monotonic()
        self._deadline = self._began + timeout
        self._connect_deadline = self._began + min(timeout, connect_timeout)
        self.sent = False
        self.heard = False
        self.ended = False
        self.head_received = False

    def __enter__(self) -> Exchange:
        self._token = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)

    @property
    def elapsed_ms(self) -> int:
        return int((time.monotonic() - self._began) * 1000)

    def seconds_left(self) -> float:
        """Raises Failure when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self.late()
        return left

    def seconds_to_connect(self) -> float:
        left = self._connect_deadline - time.monotonic()
        if left <= 0:
            raise Failure("timeout_connect")
        return left

    def late(self) -> Failure:
        return Failure("too_slow" if self.heard else "timeout_sent")

    def broken(self) -> Failure:
        """What a breach of the protocol means: a connection that ended early, or an answer that is not HTTP."""
        cut_short = self.ended and (self.head_received or not self.heard)
        return Failure("reset" if cut_short else "garbage")


# --- Checked connections --------------------------------------------------------------------------------------


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects only to addresses that may be reached, and to exactly the address that was checked."""

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        exchange = _current.get()
        addresses = _addresses(host, port, exchange)
        if not all(_admitted(address, self._allow_loopback) for address in addresses):
            raise Failure("refused_address")
        return self._first_to_answer(addresses[:_ADDRESSES_TRIED], port, exchange)

    def _first_to_answer(self, addresses: list[Address], port: int, exchange: Exchange) -> httpcore.NetworkStream:
        failure = Failure("connection_refused")
        for number, address in enumerate(addresses):
            share = exchange.seconds_to_connect() / (len(addresses) - number)
            try:
                return _TimedStream(self._sockets.connect_tcp(str(address), port, timeout=share))
            except httpcore.ConnectTimeout:
                failure = Failure("timeout_connect")
            except httpcore.ConnectError as error:
                failure = Failure("connection_refused", str(error)[:200])
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise Failure("refused_address")


def _addresses(host: str, port: int, exchange: Exchange) -> list[Address]:
    """All addresses of the host, without repeats, in the resolver's order."""
    if (address := literal(host)) and host.rstrip(".").lower() != "localhost":
        return [address]
    found = _resolve(host, port, exchange.seconds_to_connect())
    texts = dict.fromkeys(str(entry[4][0]) for entry in found)
    addresses = [literal(text) for text in texts]
    if not addresses or None in addresses:
        raise Failure("unresolvable")
    return [address for address in addresses if address]


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """What the system's resolver says. It knows no deadline of ours, so a thread of its own waits for it."""
    answer: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError):  # unknown; or a label too long for the encoding of names
            answer.put([])

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        raise Failure("unresolvable", "the name server did not answer in time") from None


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the deadline of the call that it serves at the moment."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        exchange = _current.get()
        try:
            received = self._stream.read(max_bytes, exchange.seconds_left())
        except httpcore.ReadTimeout:
            raise exchange.late() from None
        except httpcore.ReadError:
            raise Failure("reset") from None
        exchange.heard = exchange.heard or bool(received)
        exchange.ended = not received
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # A WriteError is left to httpcore: it goes on to read what the other side said before it hung up.
        exchange = _current.get()
        exchange.sent = True
        try:
            self._stream.write(buffer, exchange.seconds_left())
        except httpcore.WriteTimeout:
            raise exchange.late() from None

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _current.get().seconds_to_connect()
        try:
            return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds))
        except httpcore.ConnectTimeout:
            raise Failure("timeout_connect") from None
        except (httpcore.ConnectError, ValueError) as error:
            raise Failure("tls", str(error)[:200]) from None

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
