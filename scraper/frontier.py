"""What is still to fetch, by host: hands out hosts, not URLs, so that one worker at a time speaks to a host.

In memory and thread-safe. The crawl's writer keeps its tasks in the catalogue, in the transaction that
acknowledges what they came from, so a run goes on where it was killed.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
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


class Frontier:
    """Queues of tasks by host; listings go before articles, so that a run learns early what there is.

    Hosts of which `server_of` says the same are one server (it may take its time): one at a time is handed
    out, so that a hundred names of one machine do not keep a hundred workers waiting for each other.
    """

    def __init__(self, server_of: Callable[[str], Hashable] = lambda host: host) -> None:
        self._server_of = server_of
        self._busy: dict[Hashable, deque[str]] = {}  # servers that a worker is with: their hosts that wait
        self._queues: dict[str, deque[Task]] = defaultdict(deque)
        self._idle: deque[str] = deque()  # hosts with tasks that no worker has
        self._leased: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False

    @property
    def hosts(self) -> int:
        """Return how many hosts were ever queued."""
        return len(self._queues)

    def add(self, tasks: Iterable[Task]) -> None:
        """Queue the tasks at their hosts."""
        with self._changed:
            for task in tasks:
                host = host_of(task.url)
                queue = self._queues[host]
                if not queue and host not in self._leased:
                    self._idle.append(host)
                queue.appendleft(task) if task.kind == "listing" else queue.append(task)
            self._changed.notify_all()

    def lease(self) -> Iterator[Task] | None:
        """Wait for a host nobody works on and return its tasks, to be taken one by one; None at the end."""
        while (host := self._next()) is not None:
            server = self._server_of(host)
            with self._changed:
                if server not in self._busy:
                    self._busy[server] = deque()
                    return self._tasks(host, server)
                self._busy[server].append(host)
        return None

    def _next(self) -> str | None:
        with self._changed:
            while not self._idle and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            host = self._idle.popleft()
            self._leased.add(host)
            return host

    def close(self) -> None:
        """End every lease; tasks not yet taken stay untaken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _tasks(self, host: str, server: Hashable) -> Iterator[Task]:
        while True:
            with self._changed:
                if self._closed or not self._queues[host]:
                    self._leased.discard(host)
                    self._idle.extend(self._busy.pop(server))
                    self._changed.notify_all()
                    return
                task = self._queues[host].popleft()
            yield task
