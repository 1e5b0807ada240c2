"""Rate limits: so many times in a window, counted in Django's cache. No answer is made here, only an error raised."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as remembered

import structlog
from django.conf import settings
from django.core.cache import cache, caches
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from core.counting import RedisCache
from core.errors import RateLimited
from core.ids import token_hash

log = structlog.get_logger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# An IPv6 customer is given a whole /64; counting single addresses would count nothing.
_IPV6_NETWORK = 64
# Of a large limit each process takes several uses at once, so that not every call asks Redis: a five-hundredth, and no
# more than this. So much of it may be lost to each process in a window.
_MOST_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a caller stands in the window that is open now."""

    scope: str
    allowed: int
    #: Seconds.
    window: int
    used: int
    reset_in: int

    @property
    def is_over(self) -> bool:
        return self.used > self.allowed

    def headers(self) -> dict[str, str]:
        """As the draft of the IETF's HTTPAPI group has them (draft-ietf-httpapi-ratelimit-headers-10)."""
        remaining = max(0, self.allowed - self.used)
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.allowed};w={self.window}',
            "RateLimit": f'"{self.scope}";r={remaining};t={self.reset_in}',
        }

    def check(self) -> None:
        """Raises RateLimited."""
        if self.is_over:
            sentence = f"More than {self.allowed} of these calls in {self.window} s; wait {self.reset_in} s."
            raise RateLimited(sentence, retry_after=self.reset_in)


def limit(scope: str, key: str) -> None:
    """:func:`use`, that raises RateLimited past the rate."""
    standing = use(scope, key)
    if standing:
        standing.check()


def use(scope: str, key: str) -> Standing | None:
    """Counts one use of ``scope`` by ``key`` (an address, a client id).

    The rate is ``settings.RATE_LIMITS[scope]`` ("20/m"); None where that is None: nothing is counted. A cache that is
    away limits nothing: a lost counter must not close the door to everybody.
    """
    return _stand(scope, key, _count)


def look(scope: str, key: str) -> Standing | None:
    """Where one more use would stand; it is not counted. For limits of few uses: see _MOST_AT_ONCE."""
    return _stand(scope, key, lambda name, *_: _counted(name) + 1)


def _stand(scope: str, key: str, count: Callable[[str, int, int], int]) -> Standing | None:
    rate = settings.RATE_LIMITS.get(scope)
    if rate is None:
        return None
    allowed, window = parse_rate(rate)
    now = time.time()
    slot = int(now // window)
    used = count(f"limit:{scope}:{token_hash(key)[:32]}:{slot}", window, min(_MOST_AT_ONCE, allowed // 500 or 1))
    reset_in = max(1, math.ceil((slot + 1) * window - now))
    return Standing(scope=scope, allowed=allowed, window=window, used=used, reset_in=reset_in)


@remembered
def parse_rate(rate: str) -> tuple[int, int]:
    """``"20/m"`` → (20, 60 seconds). Raises ImproperlyConfigured."""
    count, _, unit = rate.partition("/")
    if not count.isdigit() or unit not in _SECONDS:
        raise ImproperlyConfigured(f"a rate is written as 20/m (s, m, h or d), not {rate!r}")
    return int(count), _SECONDS[unit]


def _count(name: str, window: int, taken_at_once: int) -> int:
    try:
        return _incremented(name, window, taken_at_once)
    except Exception:
        log.exception("limits.cache_unavailable")
        return 0


def _counted(name: str) -> int:
    try:
        return int(cache.get(name, 0))
    except Exception:
        log.exception("limits.cache_unavailable")
        return 0


def _incremented(name: str, window: int, taken_at_once: int) -> int:
    """One call of the cache, but for the first use in a window. Atomic where the cache is shared."""
    if isinstance(shared := caches["default"], RedisCache):
        return shared.count(name, window + 1, taken_at_once=taken_at_once)
    try:
        return cache.incr(name)
    except ValueError:
        # add() keeps a counter that another process has just made.
        return 1 if cache.add(name, 1, timeout=window + 1) else cache.incr(name)


def client_address(request: HttpRequest) -> str:
    """Who limits count: the caller's IPv4 address, or the /64 of its IPv6 address.

    Behind ``TRUSTED_PROXY_COUNT`` proxies it is the entry of X-Forwarded-For that the outermost of them wrote; what
    stands left of it was sent by the caller and proves nothing.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    depth = settings.TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if depth and len(hops) >= depth:
        return _network(hops[-depth]) or _network(peer) or "unknown"
    return _network(peer) or "unknown"


def _network(text: str) -> str:
    """The normal form of an address; "" if it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
