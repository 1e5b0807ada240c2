"""Rate limits: so many times in a window, counted in Django's cache. No answer is made here, only an error raised."""

from __future__ import annotations

import ipaddress
import time

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from core.errors import RateLimited
from core.ids import token_hash

log = structlog.get_logger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# An IPv6 customer is given a whole /64; counting single addresses would count nothing.
_IPV6_NETWORK = 64


def limit(scope: str, key: str, *, rate: str | None = None) -> None:
    """Counts one use of ``scope`` by ``key`` (an address, a client id); raises RateLimited past the rate.

    The rate is ``settings.RATE_LIMITS[scope]`` ("20/m"; None switches it off), else the one given. A cache that is
    away limits nothing: a lost counter must not close the door to everybody.
    """
    chosen = settings.RATE_LIMITS.get(scope, rate)
    if chosen is None:
        return
    allowed, window = parse_rate(chosen)
    now = time.time()
    slot = int(now // window)
    used = _count(f"limit:{scope}:{token_hash(key)[:32]}:{slot}", window)
    if used > allowed:
        wait = max(1, int((slot + 1) * window - now) + 1)
        raise RateLimited(f"More than {chosen} of these calls; wait {wait} s.", retry_after=wait)


def parse_rate(rate: str) -> tuple[int, int]:
    """``"20/m"`` → (20, 60 seconds). Raises ImproperlyConfigured."""
    count, _, unit = rate.partition("/")
    if not count.isdigit() or unit not in _SECONDS:
        raise ImproperlyConfigured(f"a rate is written as 20/m (s, m, h or d), not {rate!r}")
    return int(count), _SECONDS[unit]


def _count(name: str, window: int) -> int:
    try:
        # add() keeps a counter that another process has just made; incr() is atomic where the cache is shared.
        cache.add(name, 0, timeout=window + 1)
        return cache.incr(name)
    except ValueError:
        return 1  # it expired between the two calls
    except Exception:
        log.exception("limits.cache_unavailable")
        return 0


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
