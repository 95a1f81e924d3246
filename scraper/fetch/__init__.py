"""The Fetcher: a Request in, a Page and the exchanges that led to it out. The only door to the network.

    for every hop     scheme, port, beacon -> robots.txt of that host -> its turn -> exchange -> redirect?
    for every server  one connection and one request in flight, however many names it has and threads ask

Behind the door: `gate` has the robots.txt, `host` the retries, `server` the pace, `allowance` the hours and
requests a site allows a run, `wire` the HTTP, `line` the sockets, `guard` the addresses.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Self

from scraper import robots
from scraper.errors import AddressRefused, FetchError, RedirectRefused
from scraper.fetch.allowance import Allowance
from scraper.fetch.gate import Gate, Recall
from scraper.fetch.heads import header, location
from scraper.fetch.host import CONDITIONS, Host
from scraper.fetch.server import Servers
from scraper.fetch.trail import Trail
from scraper.page import Page
from scraper.policy import Policy as Policy
from scraper.policy import Request as Request
from scraper.urls import BadURL, absolute, host_of
from storage.records import Exchange, Ruling

MAX_OPEN = 200  # connections left open to hosts that nobody asks at the moment; macOS allows 256 files

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """The page, free of its content coding, and every exchange that brought it, in order.

    `exchanges` begins with robots.txt when it was read now, goes on with redirects and the answers that
    made us try again, and ends with the page's own. `rulings` are those on hosts met for the first time.
    """

    page: Page
    exchanges: tuple[Exchange, ...]
    rulings: tuple[Ruling, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first header of that name in the final response (`etag`, `last-modified`, …)."""
        return header(self.exchanges[-1], name)


class Fetcher:
    """The only door to the network; a context manager, safe to share between threads.

    `policy` is one Policy, or a function that gives the Policy of a `host:port`, asked once for each.
    `sleep` is called with the seconds politeness wants; `now` dates the exchanges. `recall` gives what an
    earlier run ruled on a host, so that a robots.txt read less than a day ago is not asked for again.
    """

    def __init__(
        self,
        policy: Policy | Callable[[str], Policy],
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        recall: Recall = lambda _: None,
    ) -> None:
        self._policy_of = (lambda _: policy) if isinstance(policy, Policy) else policy
        self._now = now
        self._monotonic = monotonic
        self._recall = recall
        self._servers = Servers(monotonic, sleep)
        self._allowances: dict[str, Allowance] = {}
        self._hosts: dict[str, Host] = {}
        self._open: dict[str, Host] = {}  # who may have a connection; asked last, last
        self._gates: dict[str, Gate] = {}
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
        trail = Trail()
        try:
            hop, body = self._follow(replace(request, url=_absolute(request.url)), trail)
        except FetchError as error:
            error.exchanges, error.rulings = tuple(trail.exchanges), tuple(trail.rulings)
            raise
        last = trail.exchanges[-1]
        page = Page(request.url, body, hop.url, last.status, header(last, "content-type"), last.fetched_at)
        return Fetched(page, tuple(trail.exchanges), tuple(trail.rulings))

    def server_of(self, host: str) -> Hashable:
        """Return what is the same for every `host:port` of one server; asks the DNS the first time."""
        try:
            return self._host(f"http://{host}/").server_at(f"http://{host}/")
        except FetchError:
            return host  # whatever is wrong with it, `fetch` tells

    def rested_at(self, host: str) -> float:
        """Return from when on, by `monotonic`, a `host:port` met before can be asked without a wait."""
        known = self._hosts.get(host)
        return known.rested_at if known is not None else -math.inf

    def _follow(self, hop: Request, trail: Trail, *, for_robots: bool = False) -> tuple[Request, bytes]:
        """Follow redirects to their end; return the last hop and its decoded body."""
        seen: set[tuple[str, str]] = set()
        most = robots.MAX_REDIRECTS if for_robots else self._host(hop.url).policy.max_redirects
        while True:
            host = self._host(hop.url)
            host.expect_alive(hop.url)
            if not for_robots:
                gate = self._gates[host_of(hop.url)]
                gate.expect_allowed(hop.url, trail, self._robots_txt, self._recall)
            cut = robots.MAX_BYTES if for_robots else None
            exchange, body = host.exchange(hop, trail.exchanges, cut=cut)
            self._leave_open(host_of(hop.url), host)
            target = location(exchange)
            if exchange.status not in _REDIRECTS or target is None:
                return hop, body
            seen.add((hop.method, hop.url))
            hop = _redirected(hop, exchange.status, _absolute(target, hop.url))
            if (hop.method, hop.url) in seen:
                raise RedirectRefused("redirect_loop", hop.url, "the redirects lead in a circle")
            if len(seen) > most:
                raise RedirectRefused("too_many_redirects", hop.url, f"more than {most} redirects")

    def _robots_txt(self, request: Request, trail: Trail) -> bytes:
        return self._follow(request, trail, for_robots=True)[1]

    def _host(self, url: str) -> Host:
        """Return the host of an address, after the checks that need no network."""
        name = host_of(url)
        host = self._hosts.get(name) or self._new_host(name)
        if int(name.rpartition(":")[2]) not in host.policy.ports:
            raise AddressRefused("port", url, "this port is not among `ports` of the site")
        if host.policy.beacons and _any_of(host.policy.beacons).search(url):
            raise FetchError("beacon", url, "fetching this address would count as a visit")
        return host

    def _leave_open(self, name: str, host: Host) -> None:
        """Keep the connection for the next request; of too many, close the one unused for longest."""
        with self._lock:
            self._open.pop(name, None)
            self._open[name] = host
            if len(self._open) > MAX_OPEN:
                self._open.pop(next(iter(self._open))).close_if_idle()

    def _new_host(self, name: str) -> Host:
        with self._lock:
            if name not in self._hosts:
                policy = self._policy_of(name)
                allowance = self._allowances.setdefault(policy.site or name, Allowance(policy, self._now))
                host = Host(policy, self._servers, allowance, self._now, self._monotonic)
                self._gates[name] = Gate(name, host, self._now, self._monotonic)
                self._hosts[name] = host
            return self._hosts[name]


def _redirected(hop: Request, status: int, url: str) -> Request:
    """Return the next hop: conditions belong to one address, the other headers to one host."""
    headers = tuple(pair for pair in hop.headers if pair[0].lower() not in CONDITIONS)
    if host_of(url) != host_of(hop.url):
        headers = ()
    if status == 303 or (status in (301, 302) and hop.method == "POST"):
        kept = tuple(pair for pair in headers if pair[0].lower() != "content-type")
        return Request(url, headers=kept, most=hop.most)
    return replace(hop, url=url, headers=headers)


def _absolute(url: str, base: str | None = None) -> str:
    try:
        return absolute(url, base)
    except BadURL as error:
        raise AddressRefused(error.reason, url, str(error)) from error


@lru_cache(maxsize=64)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
