"""Which IP addresses are public, and which hosts name an address. Pure: nothing is resolved or opened here."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# What the standard library takes for global and is not, in one version of it or another: protocol assignments, the
# 6to4 relays, and the address on which one cloud answers its own machines (a public number that leads to the host).
_NOT_PUBLIC_4 = tuple(IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))
# Global unicast is 2000::/3 and nothing else; within it 6to4 and Teredo wrap an IPv4 address that need not be public,
# and two blocks are for documentation.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# An IPv4 address behind a translator (RFC 6052): as public as what it wraps. Networks without IPv4 resolve to these.
_NAT64 = IPv6Network("64:ff9b::/96")

_NUMERIC_HOST = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}", re.IGNORECASE)
_HOST_NAME = re.compile(r"(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?")
_LOOPBACK_4 = IPv4Network("127.0.0.0/8")
_LOOPBACK_6 = IPv6Address("::1")


def is_public(address: Address) -> bool:
    """Whether it can belong to somebody out there: no private, shared, local, reserved, multicast or wrapped one."""
    if isinstance(address, IPv4Address):
        return _is_public_4(address)
    if wrapped := _wrapped(address):
        return _is_public_4(wrapped)
    in_a_bad_block = any(address in net for net in _NOT_PUBLIC_6)
    return address in _GLOBAL_UNICAST and address.is_global and not in_a_bad_block


def is_loopback(address: Address) -> bool:
    """127.0.0.0/8 and ::1, written plainly."""
    return address in _LOOPBACK_4 if isinstance(address, IPv4Address) else address == _LOOPBACK_6


def _is_public_4(address: IPv4Address) -> bool:
    is_odd = address.is_multicast or address.is_reserved or any(address in net for net in _NOT_PUBLIC_4)
    return address.is_global and not is_odd


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped:
        return address.ipv4_mapped
    return IPv4Address(address.packed[-4:]) if address in _NAT64 else None


def is_host(host: str) -> bool:
    """A name in its ASCII form or an address. One of IPv6 may name a zone after a ``%``, of any characters."""
    return _HOST_NAME.fullmatch(host) is not None or literal(host) is not None


def literal(host: str) -> Address | None:
    """The address a host writes out, in every form the system's resolver takes (127.1, 0x7f000001, 2130706433).

    ``localhost`` and names below it count as loopback; None for a name that has to be resolved.
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(name)
    except ValueError:
        return _old_form(name)


def _old_form(name: str) -> Address | None:
    if not _NUMERIC_HOST.fullmatch(name):
        return None
    try:
        return IPv4Address(socket.inet_aton(name))
    except OSError:
        return None
