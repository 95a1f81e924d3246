"""One server and its pace: one connection, one request in flight and a rest after it, whatever names it has.

The rest after a request is the longest of the delay of the site asked, the delay of the site to be asked, the
time the answer took and the time answers took of late (smoothed). A busy answer (429, 503, …) or a broken one
adds to it, at first as much as the delay and each time twice as much; every other answer takes a tenth of
what was added away again. `max_wait` bounds all of it, but never below the delay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol

FACTOR = 1.0  # a server rests as long as it takes to answer, so that it is asked half of the time at most
SMOOTHING = 0.3  # of the newest response time; the rest is what was known
RELIEF = 0.9  # what is left of the added rest after an answer that is not busy
_WEB = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Pace:
    """The rest a site wants between requests, and the longest that is waited; `delay` 0 turns all off."""

    delay: float
    most: float


class Closes(Protocol):
    """A connection that can be closed."""

    def close(self) -> None:
        """Close it; it may be used again."""


class Server:
    """One server; safe to share between threads and names, which then take turns."""

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._open: Closes | None = None
        self._ended = float("-inf")
        self._not_before = float("-inf")
        self._pause = 0.0
        self._took: float | None = None
        self._added = 0.0

    @contextmanager
    def turn(self, connection: Closes, pace: Pace) -> Iterator[None]:
        """Wait until the server is free and rested; what is asked must end before the turn does."""
        with self._lock:
            if (wait := self.rested_at(pace) - self._monotonic()) > 0:
                self._sleep(wait)
            if self._open is not connection:
                if self._open is not None:
                    self._open.close()
                self._open = connection
            yield

    def rested_at(self, pace: Pace) -> float:
        """Return from when on, by `monotonic`, a site of that pace may ask."""
        return max(self._ended + max(self._pause, pace.delay), self._not_before)

    def learn(self, took: float, pace: Pace, *, busy: bool) -> None:
        """Count the rest from now, and take from how long the answer took how long it is. Within a turn."""
        self._ended = self._monotonic()
        self._pause = pace.delay
        if not pace.delay:
            return
        took = min(took, pace.most)
        self._took = took if self._took is None else self._took + SMOOTHING * (took - self._took)
        if busy:
            self._added = max(2 * self._added, pace.delay)
        elif self._added:
            self._added = self._added * RELIEF if self._added > pace.delay / 10 else 0.0
        self._added = min(self._added, pace.most)
        rest = max(pace.delay, FACTOR * max(took, self._took)) + self._added
        self._pause = max(pace.delay, min(rest, pace.most))

    def rest(self, seconds: float) -> None:
        """Let nobody ask for so long from now."""
        with self._lock:
            self._not_before = max(self._not_before, self._monotonic() + seconds)

    def close_if_idle(self, connection: Closes) -> None:
        """Close a connection to this server unless something is being asked of it."""
        if self._lock.acquire(blocking=False):
            connection.close()
            self._lock.release()

    @property
    def pause(self) -> float:
        """The seconds of rest after the last request."""
        return self._pause


class Servers:
    """The servers met, by address: names that share an address, and http and https of one name, share one.

    On loopback every port is a server of its own, as the sites of the sample campus are.
    """

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._known: dict[str, Server] = {}

    def at(self, addresses: list[str], port: int) -> Server:
        """Return the server at any of the addresses; a name's server is asked for once and stays."""
        keys = [server_key(address, port) for address in addresses]
        with self._lock:
            server = next((self._known[key] for key in keys if key in self._known), None)
            server = server or Server(self._monotonic, self._sleep)
            for key in keys:
                self._known.setdefault(key, server)
            return server


def server_key(address: str, port: int) -> str:
    """Return what stands for the server at an address: on loopback with its port."""
    loopback = _is_loopback(address) and port not in _WEB
    return f"{address}:{port}" if loopback else address


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:  # a name that a proxy resolves
        return False
