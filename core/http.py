"""The one door to the network: every call that leaves goes through :func:`start` or :func:`send`, which waits for it.
Nothing else opens a socket.

Every address a name resolves to must be public and the connection is made to the checked address, so that a name
that changes its answer gains nothing. Redirects are not followed, proxies of the environment not used, nothing is
decompressed; what comes back is bounded in bytes and in time. What is signed or retried is decided elsewhere.

All calls of a process are made by one thread, on one event loop: a call that waits costs nothing, and keeps no other
from being made.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache, partial

import h11
import httpx
from django.conf import settings

from core.errors import InvalidUrl
from core.guard import BODY_LIMIT, URL_LIMIT, Exchange, Failure, connect, read_url
from core.http1 import Answer, Connection
from core.places import place

# Of the answer's headers so many are kept, each so long.
HEADER_COUNT_LIMIT = 50
HEADER_LENGTH_LIMIT = 1000
# Receivers commonly close an idle connection after two to five seconds: a kept one is given up before that.
KEEP_ALIVE_SECONDS = 1.5
# So many idle ones are kept in all.
KEPT_CONNECTIONS = 256
# The caller's headers never set these: they would change where the call goes or where its body ends.
_OURS = frozenset(
    {
        "host",
        "user-agent",
        "accept-encoding",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "proxy-authorization",
        "proxy-connection",
    }
)

# Whether it is secure, the host, the port.
_Place = tuple[bool, str, int]

__all__ = [
    "BODY_LIMIT",
    "URL_LIMIT",
    "Failure",
    "Reply",
    "Request",
    "check_url",
    "send",
    "start",
    "with_platform_headers",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A call to make. ``headers`` and ``body`` may hold secrets and are left out of the repr.

    ``reuse_connection`` is to be False for a call that must not be repeated: a kept-alive connection may be closed
    by the other side at the very moment of sending, which looks like an answer that was lost.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    reuse_connection: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What came back, whatever its status (a 3xx too). Header names are lower case; ``body`` is capped (see send)."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    truncated: bool
    elapsed_ms: int


def send(
    request: Request, *, timeout: float = 20.0, connect_timeout: float = 5.0, body_limit: int = BODY_LIMIT
) -> Reply:
    """Makes the call and reads the answer, both within ``timeout`` seconds in all, however slowly it drips.

    Of the answer's body at most ``body_limit`` bytes are read. Thread-safe; connections are kept for the next call to
    the same place. Raises Failure when there is no answer: its ``proves_nothing_processed`` says whether the call can
    be repeated without a second effect.
    """
    door = _door(bool(settings.HTTP_ALLOW_LOOPBACK))
    return door.send(request, timeout=timeout, connect_timeout=connect_timeout, body_limit=body_limit)


def start(requests: Sequence[Request], *, timeout: float) -> list[Future[Reply]]:
    """Begins what :func:`send` does, for all of them at once, and returns. Callbacks of the Futures run in the thread
    of all calls: they must not wait for anything.
    """
    return _door(bool(settings.HTTP_ALLOW_LOOPBACK)).start(requests, timeout=timeout)


def check_url(url: str) -> None:
    """Raises InvalidUrl, with a sentence for the person who typed it. Nothing is resolved: a name's addresses are
    checked at every call."""
    try:
        read_url(url, allow_loopback=bool(settings.HTTP_ALLOW_LOOPBACK))
    except Failure as failure:
        raise InvalidUrl(failure.detail, problems=[place("/url", failure.kind, failure.detail)]) from None


def with_platform_headers(custom: Mapping[str, str], platform: Mapping[str, str]) -> dict[str, str]:
    """Both together, names in lower case; where both name a header, the platform's stands."""
    return {name.lower(): value for headers in (custom, platform) for name, value in headers.items()}


class Door:
    """The calls and connections of one policy. ``ssl_context`` is for a certificate authority of one's own."""

    def __init__(self, *, allow_loopback: bool, ssl_context: ssl.SSLContext | None = None) -> None:
        self._allow_loopback = allow_loopback
        self._ssl = ssl_context or httpx.create_ssl_context(trust_env=False)
        self._kept: dict[_Place, list[Connection]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="network", daemon=True).start()

    def send(
        self, request: Request, *, timeout: float, connect_timeout: float = 5.0, body_limit: int = BODY_LIMIT
    ) -> Reply:
        (reply,) = self.start([request], timeout=timeout, connect_timeout=connect_timeout, body_limit=body_limit)
        return reply.result()

    def start(
        self,
        requests: Sequence[Request],
        *,
        timeout: float,
        connect_timeout: float = 5.0,
        body_limit: int = BODY_LIMIT,
    ) -> list[Future[Reply]]:
        replies: list[Future[Reply]] = [Future() for _ in requests]

        def begin() -> None:
            for request, reply in zip(requests, replies, strict=True):
                exchange = Exchange(timeout=timeout, connect_timeout=connect_timeout)
                task = self._loop.create_task(self._fulfil(reply, request, exchange, body_limit))
                # The loop itself holds tasks weakly.
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        # Once for all: each time would hand the interpreter over to the other thread.
        self._loop.call_soon_threadsafe(begin)
        return replies

    async def _fulfil(self, reply: Future[Reply], request: Request, exchange: Exchange, body_limit: int) -> None:
        try:
            reply.set_result(await self._call(request, exchange, body_limit))
        except BaseException as error:
            if isinstance(error, Failure):
                error.elapsed_ms = exchange.elapsed_ms
            reply.set_exception(error)

    async def _call(self, request: Request, exchange: Exchange, body_limit: int) -> Reply:
        url = read_url(request.url, allow_loopback=self._allow_loopback)
        head = _head(request, url)
        place = _place(url)
        connection = self._idle(place) if request.reuse_connection else None
        if connection is None:
            connection = await self._connected(place, exchange)
        try:
            answer = await connection.ask(head, request.body, exchange, body_limit)
            if request.reuse_connection and connection.is_ready:
                self._keep(place, connection)
            else:
                connection.close()
        except BaseException:
            connection.close()
            raise
        return _reply(answer, exchange)

    async def _connected(self, place: _Place, exchange: Exchange) -> Connection:
        is_secure, host, port = place
        sock = await connect(host, port, exchange, allow_loopback=self._allow_loopback)
        ssl_context, name = (self._ssl, host) if is_secure else (None, None)
        try:
            async with asyncio.timeout_at(exchange.connect_deadline):
                _, connection = await self._loop.create_connection(
                    partial(Connection, exchange), sock=sock, ssl=ssl_context, server_hostname=name
                )
        except TimeoutError:
            raise Failure("timeout_connect") from None
        except (OSError, ValueError) as error:
            raise Failure("tls", str(error)[:200]) from None
        return connection

    def _idle(self, place: _Place) -> Connection | None:
        """The one that was used last: the others may go."""
        if place not in self._kept:
            return None
        connection = self._kept[place][-1]
        self._forget(place, connection)
        connection.wake()
        return connection

    def _keep(self, place: _Place, connection: Connection) -> None:
        if sum(map(len, self._kept.values())) >= KEPT_CONNECTIONS:
            connection.close()
            return
        self._kept.setdefault(place, []).append(connection)
        connection.rest(KEEP_ALIVE_SECONDS, lambda: self._forget(place, connection))

    def _forget(self, place: _Place, connection: Connection) -> None:
        self._kept[place].remove(connection)
        if not self._kept[place]:
            del self._kept[place]

    def close(self) -> None:
        """Ends what is under way, and the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)


@lru_cache(maxsize=2)
def _door(allow_loopback: bool) -> Door:
    return Door(allow_loopback=allow_loopback)


# Two processes must not talk on one socket.
os.register_at_fork(after_in_child=_door.cache_clear)


def _place(url: httpx.URL) -> _Place:
    is_secure = url.scheme == "https"
    return is_secure, url.raw_host.decode("ascii"), url.port or (443 if is_secure else 80)


def _head(request: Request, url: httpx.URL) -> h11.Request:
    theirs = {name: value for name, value in with_platform_headers(request.headers, {}).items() if name not in _OURS}
    ours = {
        "host": url.netloc.decode("ascii"),
        "user-agent": f"{settings.PRODUCT_NAME}/1 (+{settings.PUBLIC_URL})",
        "accept-encoding": "identity",
        **_length(request),
    }
    try:
        return h11.Request(method=request.method, target=url.raw_path, headers=list((ours | theirs).items()))
    except UnicodeEncodeError:
        raise Failure("invalid_request", "a header holds other characters than ASCII") from None
    except h11.LocalProtocolError:
        raise Failure("invalid_request", "a header or the method is not valid HTTP") from None


def _length(request: Request) -> dict[str, str]:
    """Calls that may have a body announce an empty one; a GET says nothing of it."""
    if not request.body and request.method in {"GET", "HEAD", "DELETE", "OPTIONS"}:
        return {}
    return {"content-length": str(len(request.body))}


def _reply(answer: Answer, exchange: Exchange) -> Reply:
    kept = answer.headers[:HEADER_COUNT_LIMIT]
    return Reply(
        status=answer.status,
        headers={name.decode("latin-1"): value.decode("latin-1")[:HEADER_LENGTH_LIMIT] for name, value in kept},
        body=answer.body,
        truncated=answer.truncated,
        elapsed_ms=exchange.elapsed_ms,
    )
