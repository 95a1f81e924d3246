"""How far a run is, how fast it goes, how long it may still take: events and a clock in, a view out. Pure.

A host is asked one page after the other, so what is left of it takes its queue times the time a page of it
took lately, which has its delay in it. The slowest host decides. Listing pages say nothing of that time: they
come first, and an article often takes several requests. Nothing is promised while a list is still
being walked, for then nobody knows how much there is, nor of a host that has not answered twice.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scraper.frontier import Task
from scraper.urls import host_of

LATELY = 20  # pages of a host or site its pace is taken from
OVERALL = 200  # pages of all hosts the overall pace is taken from


@dataclass(frozen=True, slots=True)
class Amount:
    """Pages taken in, and pages known of so far."""

    done: int = 0
    known: int = 0

    @property
    def waiting(self) -> int:
        """Return how many are known and not yet taken in."""
        return self.known - self.done


@dataclass(frozen=True, slots=True)
class Progress:
    """One page was taken in: how far its site, its host and the run now are.

    `lists` counts the listing pages in the queue, `unsettled` the sites that may still add to it otherwise;
    `listing` says that this page was one.
    """

    site: str
    host: str
    url: str
    all: Amount
    of_site: Amount
    of_host: Amount
    lists: int
    unsettled: int = 0
    listing: bool = False

    @property
    def done(self) -> int:
        """Return how many pages of the run were taken in."""
        return self.all.done

    @property
    def known(self) -> int:
        """Return how many pages of the run are known of so far."""
        return self.all.known


class Queue:
    """Counts what a run found and took in, by site and by host; cheap, since it is asked for every page."""

    def __init__(self) -> None:
        self._all = [0, 0]  # done, known
        self._sites: dict[str, list[int]] = {}
        self._hosts: dict[str, list[int]] = {}
        self._lists = 0
        self._settled: set[str] = set()

    def found(self, task: Task) -> None:
        """Count a task that will be carried out."""
        self._lists += task.kind == "listing"
        self.left(task.site, host_of(task.url))

    def left(self, site: str, host: str, count: int = 1) -> None:
        """Count what an earlier run left to carry out."""
        for amount in self._amounts(site, host):
            amount[1] += count

    def took(self, task: Task) -> Progress:
        """Count a task as taken in, and tell how far the run now is."""
        listing, host = task.kind == "listing", host_of(task.url)
        amounts = self._amounts(task.site, host)
        for amount in amounts:
            amount[0] += 1
        self._lists = max(0, self._lists - listing)
        unsettled = len(self._sites) - len(self._settled)
        whole, of_site, of_host = (Amount(done, known) for done, known in amounts)
        return Progress(task.site, host, task.url, whole, of_site, of_host, self._lists, unsettled, listing)

    def settle(self, site: str) -> None:
        """Count a site's queue as complete: it will add to it only what pages lead to."""
        self._settled.add(site)

    def _amounts(self, site: str, host: str) -> tuple[list[int], list[int], list[int]]:
        of_site = self._sites.setdefault(site, [0, 0])
        return self._all, of_site, self._hosts.setdefault(host, [0, 0])


@dataclass(frozen=True, slots=True)
class Lane:
    """How a site, or all of a run, is doing: `rate` in pages a second, `left` in seconds, null if unknown."""

    name: str
    amount: Amount
    rate: float | None
    left: float | None


@dataclass(frozen=True, slots=True)
class View:
    """A run at one moment, `elapsed` seconds after it was first looked at; `busy` sites, the longest first.

    `hosts` are those with something waiting, `lists` the listing pages still to walk. `least` says that what
    is left is no less, but may be more: looks at known articles are queued once a site's new ones are in.
    """

    elapsed: float
    all: Lane
    busy: tuple[Lane, ...]
    hosts: int
    lists: int
    least: bool = False


class _Track:
    """The latest of a site, a host or the run: how far it is, and the moments its last pages came."""

    def __init__(self, lately: int = LATELY) -> None:
        self.amount = Amount()
        self._all: deque[float] = deque(maxlen=lately + 1)
        self._pages: deque[float] = deque(maxlen=lately + 1)  # since the last listing page, and from it on

    def take(self, amount: Amount, now: float, *, listing: bool) -> None:
        self.amount = amount
        if listing:  # a new one, not the old one cleared: another thread may be looking at that
            self._pages = deque(maxlen=self._pages.maxlen)
        self._all.append(now)
        self._pages.append(now)

    def rate(self, now: float) -> float | None:
        pace = _pace(self._all, now)
        return 1 / pace if pace else None

    def left(self, now: float) -> float | None:
        if not self.amount.waiting:
            return 0.0
        pace = _pace(self._pages, now)
        return None if pace is None else self.amount.waiting * pace


def _pace(moments: deque[float], now: float) -> float | None:
    """Return the seconds from one moment to the next; the one under way counts once it takes longer."""
    came = len(moments)
    if came < 2:
        return None
    first, last = moments[0], moments[-1]
    return max((last - first) / (came - 1), (now - first) / came)


class Pace:
    """Takes in what a crawl tells after each page, and shows how it is going; another thread may look."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._all = _Track(OVERALL)
        self._sites: dict[str, _Track] = {}
        self._hosts: dict[str, _Track] = {}
        self._lists = self._unsettled = 0

    def take(self, at: Progress) -> None:
        """Take in that a page came."""
        now = self._monotonic()
        for track, amount in (
            (self._all, at.all),
            (self._sites.setdefault(at.site, _Track()), at.of_site),
            (self._hosts.setdefault(at.host, _Track()), at.of_host),
        ):
            track.take(amount, now, listing=at.listing)
        self._lists, self._unsettled = at.lists, at.unsettled

    def view(self) -> View:
        """Return how the run is doing."""
        now = self._monotonic()
        hosts = [track for track in list(self._hosts.values()) if track.amount.waiting]
        busy = sorted(self._busy(now), key=lambda lane: (lane.left or 0.0, lane.amount.waiting), reverse=True)
        everything = _lane("all", self._all, now, self._left(hosts, now))
        return View(now - self._began, everything, tuple(busy), len(hosts), self._lists, self._unsettled > 0)

    def _busy(self, now: float) -> Iterator[Lane]:
        for name, track in list(self._sites.items()):
            if track.amount.waiting:
                yield _lane(name, track, now, None if self._lists else track.left(now))

    def _left(self, hosts: list[_Track], now: float) -> float | None:
        """Return the seconds left; a queue at hosts that were not heard of yet makes it unknown."""
        left = [track.left(now) for track in (*hosts, self._all)]
        unheard = self._all.amount.waiting - sum(track.amount.waiting for track in hosts)
        known = [seconds for seconds in left if seconds is not None]
        if self._lists or unheard > 0 or len(known) < len(left) or not self._all.amount.known:
            return None
        return max(known)


def _lane(name: str, track: _Track, now: float, left: float | None) -> Lane:
    return Lane(name, track.amount, track.rate(now), left)
