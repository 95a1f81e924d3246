"""The Fetcher: a Request in, a Page and the exchanges that led to it out. The only door to the network.

    for every hop    scheme, port, beacon -> robots.txt of that host -> its turn -> exchange -> redirect?
    for every host   one connection and one request in flight, however many threads ask

Behind the door: `host` has the pace and the retries, `wire` the HTTP, `line` the sockets, `guard` the
addresses.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Self

from scraper import robots
from scraper.errors import (
    AddressRefused,
    FetchError,
    RedirectRefused,
    RobotsDisallowed,
    RobotsUnreachable,
    Unreachable,
)
from scraper.fetch.host import CONDITIONS, Host, header, location
from scraper.page import Page
from scraper.policy import Policy as Policy
from scraper.policy import Request as Request
from scraper.urls import BadURL, absolute, host_of
from storage.records import Exchange

ROBOTS_KEPT = 24 * 3600.0  # seconds; RFC 9309 §2.4
ROBOTS_RETRY = 600.0  # seconds until a robots.txt that could not be read is asked for again
MAX_OPEN = 64  # connections left open to hosts that nobody asks at the moment

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """The page, free of its content coding, and every exchange that brought it, in order.

    `exchanges` begins with robots.txt when it was read now, goes on with redirects and the answers that
    made us try again, and ends with the page's own.
    """

    page: Page
    exchanges: tuple[Exchange, ...]

    def header(self, name: str) -> str | None:
        """Return the first header of that name in the final response (`etag`, `last-modified`, …)."""
        return header(self.exchanges[-1], name)


class Fetcher:
    """The only door to the network; a context manager, safe to share between threads.

    `policy` is one Policy, or a function that gives the Policy of a `host:port`, asked once for each.
    `sleep` is called with the seconds politeness wants; `now` dates the exchanges.
    """

    def __init__(
        self,
        policy: Policy | Callable[[str], Policy],
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._policy_of = (lambda _: policy) if isinstance(policy, Policy) else policy
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for host in self._hosts.values():
                host.close()

    def fetch(self, request: Request) -> Fetched:
        """Return the final response, whatever its status; raises FetchError when there is none to use.

        The error carries in `exchanges` what was received whole on the way.
        """
        trail: list[Exchange] = []
        try:
            hop, body = self._follow(replace(request, url=_absolute(request.url)), trail)
        except FetchError as error:
            error.exchanges = tuple(trail)
            raise
        last = trail[-1]
        page = Page(request.url, body, hop.url, last.status, header(last, "content-type"), last.fetched_at)
        return Fetched(page, tuple(trail))

    def _follow(
        self, hop: Request, trail: list[Exchange], *, for_robots: bool = False
    ) -> tuple[Request, bytes]:
        """Follow redirects to their end; return the last hop and its decoded body."""
        seen: set[tuple[str, str]] = set()
        most = robots.MAX_REDIRECTS if for_robots else self._host(hop.url).policy.max_redirects
        while True:
            host = self._host(hop.url)
            if not for_robots:
                self._obey_robots(host, hop.url, trail)
            exchange, body = host.exchange(hop, trail, cut=robots.MAX_BYTES if for_robots else None)
            target = location(exchange)
            if exchange.status not in _REDIRECTS or target is None:
                return hop, body
            seen.add((hop.method, hop.url))
            hop = _redirected(hop, exchange.status, _absolute(target, hop.url))
            if (hop.method, hop.url) in seen:
                raise RedirectRefused("redirect_loop", hop.url, "the redirects lead in a circle")
            if len(seen) > most:
                raise RedirectRefused("too_many_redirects", hop.url, f"more than {most} redirects")

    def _obey_robots(self, host: Host, url: str, trail: list[Exchange]) -> None:
        source = _absolute("/robots.txt", url)
        with host.robots_lock:
            if self._monotonic() >= host.robots_until:
                self._read_robots(host, source, trail)
            rules, failure = host.robots, host.robots_failure
        if rules.allows(url, host.policy.user_agent):
            return
        if isinstance(failure, AddressRefused | Unreachable) and failure.url == source:
            raise type(failure)(failure.reason, url, failure.detail)  # the host itself, not its robots.txt
        if rules.unreachable:
            why = failure.detail if failure else "the server answered with an error"
            raise RobotsUnreachable("robots_unreachable", url, f"its robots.txt could not be read: {why}")
        raise RobotsDisallowed("robots", url, "robots.txt of the host forbids it")

    def _read_robots(self, host: Host, source: str, trail: list[Exchange]) -> None:
        """Fetch the rules of a host and keep them, or keep why there are none."""
        host.robots_failure = None
        try:
            _, body = self._follow(Request(source), trail, for_robots=True)
            host.robots = robots.Robots.from_response(trail[-1].status, body)
        except RedirectRefused:
            host.robots = robots.ALLOW_ALL
        except FetchError as error:
            host.robots = robots.UNREACHABLE
            host.robots_failure = error
        kept = ROBOTS_RETRY if host.robots.unreachable else ROBOTS_KEPT
        host.robots_until = self._monotonic() + kept
        host.slow_down(host.robots.crawl_delay(host.policy.user_agent))

    def _host(self, url: str) -> Host:
        """Return the host of an address, after the checks that need no network."""
        name = host_of(url)
        host = self._hosts.get(name) or self._new_host(name)
        if int(name.rpartition(":")[2]) not in host.policy.ports:
            raise AddressRefused("port", url, "this port is not among `ports` of the site")
        if host.policy.beacons and _any_of(host.policy.beacons).search(url):
            raise FetchError("beacon", url, "fetching this address would count as a visit")
        return host

    def _new_host(self, name: str) -> Host:
        with self._lock:
            if len(self._hosts) % MAX_OPEN == MAX_OPEN - 1:
                for idle in self._hosts.values():
                    idle.close_if_idle()
            if name not in self._hosts:
                self._hosts[name] = Host(self._policy_of(name), self._now, self._monotonic, self._sleep)
            return self._hosts[name]


def _redirected(hop: Request, status: int, url: str) -> Request:
    """Return the next hop: conditions belong to one address, the other headers to one host."""
    headers = tuple(pair for pair in hop.headers if pair[0].lower() not in CONDITIONS)
    if host_of(url) != host_of(hop.url):
        headers = ()
    if status == 303 or (status in (301, 302) and hop.method == "POST"):
        return Request(url, headers=tuple(pair for pair in headers if pair[0].lower() != "content-type"))
    return replace(hop, url=url, headers=headers)


def _absolute(url: str, base: str | None = None) -> str:
    try:
        return absolute(url, base)
    except BadURL as error:
        raise AddressRefused(error.reason, url, str(error)) from error


@lru_cache(maxsize=64)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
