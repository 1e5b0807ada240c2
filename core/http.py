"""The one door to the network: every call that leaves goes through :func:`send`. Nothing else opens a socket.

Every address a name resolves to must be public and the connection is made to the checked address, so that a name
that changes its answer gains nothing. Redirects are not followed, proxies of the environment not used, nothing is
decompressed; what comes back is bounded in bytes and in time. What is signed or retried is decided elsewhere.
"""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import httpcore
import httpx
from django.conf import settings

from core.errors import InvalidUrl
from core.guard import BODY_LIMIT, URL_LIMIT, Exchange, Failure, GuardedNetwork, read_url

# Of the answer's headers so many are kept, each so long.
HEADER_COUNT_LIMIT = 50
HEADER_LENGTH_LIMIT = 1000
# Receivers commonly close an idle connection after two to five seconds: a kept one is given up before that.
KEEP_ALIVE_SECONDS = 1.5
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

__all__ = ["BODY_LIMIT", "URL_LIMIT", "Failure", "Reply", "Request", "check_url", "send", "with_platform_headers"]


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


def check_url(url: str) -> None:
    """Raises InvalidUrl, with a sentence for the person who typed it. Nothing is resolved: a name's addresses are
    checked at every call."""
    try:
        read_url(url, allow_loopback=bool(settings.HTTP_ALLOW_LOOPBACK))
    except Failure as failure:
        problem = {"pointer": "/url", "code": failure.kind, "message": failure.detail, "schema_pointer": ""}
        raise InvalidUrl(failure.detail, problems=[problem]) from None


def with_platform_headers(custom: Mapping[str, str], platform: Mapping[str, str]) -> dict[str, str]:
    """Both together, names in lower case; where both name a header, the platform's stands."""
    return {name.lower(): value for headers in (custom, platform) for name, value in headers.items()}


class Door:
    """The connections of one policy. ``ssl_context`` is for a certificate authority of one's own."""

    def __init__(self, *, allow_loopback: bool, ssl_context: ssl.SSLContext | None = None) -> None:
        self._allow_loopback = allow_loopback
        context = ssl_context or httpx.create_ssl_context(trust_env=False)
        self._kept = _pool(context, allow_loopback, keep=100)
        self._fresh = _pool(context, allow_loopback, keep=0)

    def send(
        self, request: Request, *, timeout: float, connect_timeout: float = 5.0, body_limit: int = BODY_LIMIT
    ) -> Reply:
        exchange = Exchange(timeout=timeout, connect_timeout=connect_timeout)
        try:
            with exchange:
                return self._call(request, exchange, body_limit)
        except Failure as failure:
            failure.elapsed_ms = exchange.elapsed_ms
            raise

    def _call(self, request: Request, exchange: Exchange, body_limit: int) -> Reply:
        url = read_url(request.url, allow_loopback=self._allow_loopback)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        pool = self._kept if request.reuse_connection else self._fresh
        try:
            with pool.stream(
                request.method, target, headers=_headers(request, url), content=request.body or _empty(request.method)
            ) as response:
                exchange.head_received = True
                return _read(response, exchange, body_limit)
        except httpcore.LocalProtocolError:
            if exchange.sent:
                raise exchange.broken() from None
            raise Failure("invalid_request", "a header or the method is not valid HTTP") from None
        except httpcore.RemoteProtocolError:
            raise exchange.broken() from None

    def close(self) -> None:
        self._kept.close()
        self._fresh.close()


def _pool(context: ssl.SSLContext, allow_loopback: bool, *, keep: int) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=context,
        # How much goes on at once is the caller's matter: a call must never wait for somebody else's slow partner.
        max_connections=sys.maxsize,
        max_keepalive_connections=keep,
        keepalive_expiry=KEEP_ALIVE_SECONDS,
        network_backend=GuardedNetwork(allow_loopback=allow_loopback),
    )


@lru_cache(maxsize=2)
def _door(allow_loopback: bool) -> Door:
    return Door(allow_loopback=allow_loopback)


# Two processes must not talk on one socket.
os.register_at_fork(after_in_child=_door.cache_clear)


def _headers(request: Request, url: httpx.URL) -> list[tuple[bytes, bytes]]:
    theirs = {name: value for name, value in with_platform_headers(request.headers, {}).items() if name not in _OURS}
    ours = {
        "host": url.netloc.decode("ascii"),
        "user-agent": f"{settings.PRODUCT_NAME}/1 (+{settings.PUBLIC_URL})",
        "accept-encoding": "identity",
    }
    try:
        return [(name.encode("ascii"), value.encode("ascii")) for name, value in (ours | theirs).items()]
    except UnicodeEncodeError:
        raise Failure("invalid_request", "a header holds other characters than ASCII") from None


def _empty(method: str) -> bytes | None:
    """Calls that may have a body announce an empty one; a GET says nothing of it."""
    return None if method in {"GET", "HEAD", "DELETE", "OPTIONS"} else b""


def _read(response: httpcore.Response, exchange: Exchange, body_limit: int) -> Reply:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > body_limit:
            break
    return Reply(
        status=response.status,
        headers=_bounded(response.headers),
        body=bytes(body[:body_limit]),
        truncated=len(body) > body_limit,
        elapsed_ms=exchange.elapsed_ms,
    )


def _bounded(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    kept = headers[:HEADER_COUNT_LIMIT]
    return {name.decode("latin-1").lower(): value.decode("latin-1")[:HEADER_LENGTH_LIMIT] for name, value in kept}
