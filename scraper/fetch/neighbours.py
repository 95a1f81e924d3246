"""Which hosts are one server: `host:port` names in, the addresses behind each out. Resolves names only."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from ipaddress import ip_address

_AT_ONCE = 32
_WEB = frozenset({"80", "443"})


def addresses_of(hosts: Iterable[str], *, patience: float = 5.0) -> dict[str, frozenset[str]]:
    """Return what each `host:port` shares with its neighbours: its addresses.

    On loopback every port is a server of its own. A name that has no answer in `patience` seconds, or none at
    all, stands alone: whoever asks it then finds out why.
    """
    pool = ThreadPoolExecutor(_AT_ONCE)
    asked = {host: pool.submit(_addresses, host) for host in hosts}
    done, _ = wait(asked.values(), timeout=patience)
    pool.shutdown(wait=False, cancel_futures=True)
    return {host: answer.result() if answer in done else frozenset() for host, answer in asked.items()}


def _addresses(host: str) -> frozenset[str]:
    name, _, port = host.rpartition(":")
    try:
        found = socket.getaddrinfo(name.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(_key(str(entry[4][0]), port) for entry in found)


def _key(address: str, port: str) -> str:
    loopback = ip_address(address.partition("%")[0]).is_loopback and port not in _WEB
    return f"{address}:{port}" if loopback else address
