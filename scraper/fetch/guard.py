"""The address guard: a host in, the addresses to connect to out. Resolves names, opens no connection.

Every address of a name is judged, and the caller connects to one of exactly these: without a second look-up
there is no DNS rebinding. An IPv6 address that carries an IPv4 one is judged by both.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from scraper.errors import AddressRefused, Unreachable

Address = IPv4Address | IPv6Address

# Instance metadata of the clouds and link-local neighbours: no site lives there, allow_private or not.
NEVER = (
    IPv4Network("100.100.100.200/32"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("192.0.0.192/32"),
    IPv6Network("fd00:ec2::254/128"),
    IPv6Network("fd20:ce::254/128"),
    IPv6Network("fe80::/10"),
)
PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
_GLOBAL_V6 = IPv6Network("2000::/3")
# Where an IPv6 address carries an IPv4 one: prefix, and how many bits follow the IPv4 address.
_CARRIERS = (
    (IPv6Network("::/96"), 0),
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
)
_ISATAP = (0x00005EFE, 0x02005EFE)


def addresses(host: str, port: int, url: str, *, allow_private: bool = False) -> list[str]:
    """Return the addresses of a host, in the resolver's order, once all of them are permitted.

    Raises Unreachable(`dns`) or AddressRefused(`address`).
    """
    names = resolved(host, port, url)
    _judge(host, names, url, allow_private)
    return names


def judge_unresolved(host: str, url: str, *, allow_private: bool = False) -> None:
    """Judge the host of an address that a proxy will resolve: a number as always, a name only if it is local.

    What other names lead to is the proxy's to judge. Raises AddressRefused(`address`).
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        names = ["127.0.0.1"] if f".{host.rstrip('.').lower()}".endswith(".localhost") else []
    else:
        names = [str(entry[4][0]) for entry in found]
    _judge(host, names, url, allow_private)


def resolved(host: str, port: int, url: str) -> list[str]:
    """Return the addresses of a host, in the resolver's order, unjudged; raises Unreachable(`dns`)."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable("dns", url, f"the name {host} does not resolve: check it, or try later") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _judge(host: str, names: list[str], url: str, allow_private: bool) -> None:
    for name in names:
        if not permitted(ip_address(name.partition("%")[0]), allow_private=allow_private):
            hint = "" if allow_private else "; `allow_private` permits loopback and private ones"
            raise AddressRefused("address", url, f"{host} is at {name}, not a public address{hint}")


def permitted(address: Address, *, allow_private: bool = False) -> bool:
    """Tell whether a crawl may connect there: global unicast; `allow_private` adds loopback and private."""
    return all(_permitted(form, allow_private) for form in _forms(address))


def _permitted(address: Address, allow_private: bool) -> bool:
    if any(address in network for network in NEVER):
        return False
    if any(address in network for network in PRIVATE):
        return allow_private
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _forms(address: Address) -> list[Address]:
    """Return the IPv4 addresses an IPv6 address carries; the address itself where it carries none."""
    if isinstance(address, IPv4Address) or int(address) <= 1:
        return [address]
    if address.teredo:
        return list(address.teredo)
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return [address, IPv4Address(int(address) & 0xFFFFFFFF)]
    carried = [IPv4Address(int(address) >> bits & 0xFFFFFFFF) for net, bits in _CARRIERS if address in net]
    return [*carried] or [address]
