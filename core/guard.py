"""What the door to the network is made of: which URLs may be called, checked connections, deadlines, Failure.

Used by the door alone (:mod:`core.http`, :mod:`core.http1`); everybody else calls ``core.http.send``.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any, Literal

import httpx

from core.addresses import Address, is_host, is_loopback, is_public, literal

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


@lru_cache(maxsize=1024)
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
    if not is_host(host):
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


class Exchange:
    """One call's clock (that of the event loop), and how far it came."""

    def __init__(self, *, timeout: float, connect_timeout: float) -> None:
        self._began = time.monotonic()
        self.deadline = self._began + timeout
        self.connect_deadline = self._began + min(timeout, connect_timeout)
        self.heard = False
        self.ended = False
        self.head_received = False

    @property
    def elapsed_ms(self) -> int:
        return int((time.monotonic() - self._began) * 1000)

    def seconds_to_connect(self) -> float:
        """Raises Failure when there are none."""
        left = self.connect_deadline - time.monotonic()
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


async def connect(host: str, port: int, exchange: Exchange, *, allow_loopback: bool) -> socket.socket:
    """A connection to the host, if every address of it may be reached: to exactly an address that was checked."""
    addresses = await _addresses(host, port, exchange)
    if not all(_admitted(address, allow_loopback) for address in addresses):
        raise Failure("refused_address")
    return await _first_to_answer(addresses[:_ADDRESSES_TRIED], port, exchange)


async def _first_to_answer(addresses: list[Address], port: int, exchange: Exchange) -> socket.socket:
    failure = Failure("connection_refused")
    for number, address in enumerate(addresses):
        try:
            async with asyncio.timeout(exchange.seconds_to_connect() / (len(addresses) - number)):
                return await _connected(address, port)
        except TimeoutError:
            failure = Failure("timeout_connect")
        except OSError as error:
            failure = Failure("connection_refused", str(error)[:200])
    raise failure


async def _connected(address: Address, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, (str(address), port))
    except BaseException:
        made.close()
        raise
    return made


async def _addresses(host: str, port: int, exchange: Exchange) -> list[Address]:
    """All addresses of the host, without repeats, in the resolver's order."""
    if (address := literal(host)) and host.rstrip(".").lower() != "localhost":
        return [address]
    found = await _resolve(host, port, exchange.seconds_to_connect())
    texts = dict.fromkeys(str(entry[4][0]) for entry in found)
    addresses = [literal(text) for text in texts]
    if not addresses or None in addresses:
        raise Failure("unresolvable")
    return [address for address in addresses if address]


async def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """What the system's resolver says. It knows no deadline of ours, so a thread of its own waits for it."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def take(found: list[Any]) -> None:
        if not answer.done():
            answer.set_result(found)

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError):  # unknown; or a label too long for the encoding of names
            found = []
        with suppress(RuntimeError):  # the door was closed meanwhile
            loop.call_soon_threadsafe(take, found)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise Failure("unresolvable", "the name server did not answer in time") from None
