"""What is still to fetch, by host: hands out a task of a server that has rested, so that nobody has to wait.

One worker at a time speaks to a server. Between two tasks nobody has it: few workers serve many hosts.

In memory and thread-safe. The crawl's writer keeps its tasks in the catalogue, in the transaction that
acknowledges what they came from, so a run goes on where it was killed.
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any, Literal

from scraper.urls import host_of
from storage import records

Kind = Literal["listing", "article", "look"]

_COLUMNS = ("url", "site", "kind")


@dataclass(frozen=True, slots=True)
class Task:
    """One page to ask for, and what is known of it from where it was found.

    `look` is an article that no list showed in this run: is it hidden, gone or out of reach? `page` counts
    the listing's pages from 1. `title` and `release_time` are what the listing printed; `views` what its
    counter told at `views_observed_at`, else what it printed too. `known` is an article that is kept already,
    `listed_as` the address it is listed with where that is not its own; `stops` allows the walk of a listing
    to end at known articles; `sweep` counts the walks of a listing in one backfill, `pages` are those of the
    walk before, which `moved` when it met a list that changed under it. `answered` is an article whose
    answers are kept, though a kill came before it was put; `walk` is how a listing was walked up to its page.
    """

    site: str
    kind: Kind
    url: str
    seed: str
    section: str | None = None
    page: int = 1
    title: str | None = None
    release_time: str | None = None
    article_id: str | None = None
    views: int | None = None
    views_observed_at: str | None = None
    known: bool = False
    listed_as: str | None = None
    stops: bool = False
    sweep: int = 1
    pages: int = 0
    moved: bool = False
    answered: bool = False
    walk: dict[str, Any] | None = None

    def to_row(self) -> records.Task:
        """Return the task as the catalogue keeps it."""
        detail = {name: value for name, value in records.shallow(self).items() if name not in _COLUMNS}
        first = self.kind == "listing"  # a run learns from lists what there is
        return records.Task(
            self.url, host_of(self.url), self.site, self.kind, detail, first=first, turn=self.sweep
        )

    @classmethod
    def from_row(cls, row: records.Task) -> Task:
        """Read a task the catalogue kept."""
        return cls(url=row.url, site=row.site, kind=row.kind, **row.detail)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Lease:
    """One task, and the server it is asked of: nobody else has that until the lease is given back."""

    task: Task
    host: str
    server: Hashable


class Frontier:
    """Queues of tasks by host; listings go before articles, so that a run learns early what there is.

    Hosts of which `server_of` says the same are one server (it may take its time): one at a time is handed
    out, in turns. `monotonic` is the clock by which a server has rested.
    """

    def __init__(
        self,
        server_of: Callable[[str], Hashable] = lambda host: host,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server_of, self._monotonic = server_of, monotonic
        self._queues: dict[str, deque[Task]] = defaultdict(deque)
        self._leased: set[str] = set()
        self._waiting: list[tuple[float, int, str]] = []  # a heap: from when, whose turn, a host with tasks
        self._turn = count()
        self._rested: dict[Hashable, float] = {}  # servers asked before: from when they can be asked again
        self._busy: dict[Hashable, list[str]] = {}  # servers that a worker has: their hosts that wait
        self._lock = threading.Lock()
        self._watch = threading.Condition(self._lock)  # one worker waits here for the time of the next host
        self._bench = threading.Condition(self._lock)  # and the others for a host with nobody to wait for it
        self._free = 0  # workers in either place
        self._watched = False
        self._closed = False

    @property
    def hosts(self) -> int:
        """Return how many hosts were ever queued."""
        return len(self._queues)

    @property
    def attended(self) -> bool:
        """Tell whether a worker waits for the next host."""
        return self._free > 0

    @property
    def next_at(self) -> float | None:
        """Return when the next host may be handed out, by `monotonic`; null without one."""
        with self._lock:
            return self._waiting[0][0] if self._waiting else None

    def add(self, tasks: Iterable[Task]) -> None:
        """Queue the tasks at their hosts."""
        with self._lock:
            for task in tasks:
                host = host_of(task.url)
                queue = self._queues[host]
                if not queue and host not in self._leased:
                    self._await(host)
                queue.appendleft(task) if task.kind == "listing" else queue.append(task)

    def lease(self) -> Lease | None:
        """Wait for a server that has rested and has nobody, and return a task of it; None at the end."""
        while (host := self._next()) is not None:
            server = self._server_of(host)
            with self._lock:
                if (rested := self._rested.get(server, -math.inf)) > self._monotonic():
                    self._await(host, rested)
                elif server in self._busy:
                    self._busy[server].append(host)
                else:
                    self._busy[server] = []
                    return Lease(self._queues[host].popleft(), host, server)
        return None

    def give_back(self, lease: Lease, rested: float = -math.inf) -> None:
        """Let others have the server, from the time on at which it has rested."""
        with self._lock:
            self._rested[lease.server] = rested
            self._leased.discard(lease.host)
            for host in self._busy.pop(lease.server):
                self._await(host, rested)
            if self._queues[lease.host]:
                self._await(lease.host, rested)

    def close(self) -> None:
        """End every wait; tasks not yet taken stay untaken."""
        with self._lock:
            self._closed = True
            self._watch.notify_all()
            self._bench.notify_all()

    def _await(self, host: str, rested: float = -math.inf) -> None:
        """Let a host wait for its time, now at the earliest, and tell who watches if it is the next."""
        self._leased.discard(host)
        heappush(self._waiting, (max(rested, self._monotonic()), next(self._turn), host))
        if self._waiting[0][2] == host:
            (self._watch if self._watched else self._bench).notify()

    def _next(self) -> str | None:
        """Wait for the time of the next host and take it."""
        with self._lock:
            self._free += 1
            try:
                while not self._closed:
                    left = self._waiting[0][0] - self._monotonic() if self._waiting else math.inf
                    if left <= 0:
                        host = heappop(self._waiting)[2]
                        self._leased.add(host)
                        self._bench.notify()  # to watch in our place
                        return host
                    self._wait(left)
                return None
            finally:
                self._free -= 1

    def _wait(self, seconds: float) -> None:
        if self._watched:
            self._bench.wait()
            return
        self._watched = True
        try:
            self._watch.wait(seconds if seconds < math.inf else None)
        finally:
            self._watched = False
