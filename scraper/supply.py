"""What of the frontier the workers hold: of each host a few tasks, the rest waits in the catalogue.

So a million addresses cost no memory. Listings are always handed out, since a run learns from them what there
is. The one writer's thread only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from scraper.frontier import Task
from scraper.urls import host_of
from storage import Archive
from storage.records import Task as Row

ENOUGH = 200  # tasks of a host that workers hold; below half of it they get more


class Supply:
    """Which tasks are handed out, and which wait."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._held: Counter[str] = Counter()  # tasks handed out and not yet taken back, by host
        self._last: Counter[str] = Counter()  # the place up to which they were handed out
        self._waits: set[str] = set()  # hosts with tasks past that place

    def begin(self, hosts: Iterable[str]) -> Iterator[Task]:
        """Yield what to hand out first of what a killed or an earlier run left at these hosts."""
        yield from map(self._hand_out, self._archive.pending(before=0))
        self._waits.update(hosts)
        for host in sorted(self._waits):
            yield from self._more(host)

    def add(self, rows: Iterable[Row]) -> Iterator[Task]:
        """Yield those of the tasks, just put on the frontier, that are handed out at once."""
        for row in rows:
            if row.first:
                yield self._hand_out(row)
            elif row.host in self._waits or self._held[row.host] >= ENOUGH:
                self._waits.add(row.host)
            else:
                self._last[row.host] = row.place
                yield self._hand_out(row)

    def take_back(self, task: Task) -> Iterator[Task]:
        """Count a task as carried out and yield what its host gets next, when it runs low."""
        host = host_of(task.url)
        self._held[host] -= 1
        if host in self._waits and self._held[host] < ENOUGH // 2:
            yield from self._more(host)

    def _more(self, host: str) -> Iterator[Task]:
        rows = self._archive.pending(host, after=self._last[host], limit=ENOUGH)
        if len(rows) < ENOUGH:
            self._waits.discard(host)
        for row in rows:
            self._last[host] = row.place
            yield self._hand_out(row)

    def _hand_out(self, row: Row) -> Task:
        self._held[row.host] += 1
        return Task.from_row(row)
