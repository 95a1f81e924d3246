"""Which hosts are one server: `host:port` names in, the addresses behind each out. Resolves names only."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait

from scraper.errors import Unreachable
from scraper.fetch import guard
from scraper.fetch.server import server_key

_AT_ONCE = 32


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
        found = guard.resolved(name.strip("[]"), int(port), host)
    except Unreachable:
        return frozenset()
    return frozenset(server_key(address, int(port)) for address in found)
