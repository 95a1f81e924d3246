"""Several crews, each in a process of its own: tasks go in, visits come out, as with one. Starts processes.

A site is one process's business for the whole run, and so are all that share a host or a server with it: what
a run promises them (one request in flight, the pause, the limits) is kept by the process that asks.
"""

from __future__ import annotations

import logging
import selectors
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Self

from scraper.config import Config, Site
from scraper.crew import Crew
from scraper.errors import WorkersLost
from scraper.fetch.neighbours import addresses_of
from scraper.frontier import Task
from scraper.hands import Lesson, Orders
from scraper.manners import policies
from scraper.processes import Word, processes, receive, send
from scraper.rulebook import Lessons, Rulebook
from scraper.urls import host_of
from scraper.visit import Visit

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Hand:
    """One process: what it was given and has not brought back, by address, and what it knows of its sites."""

    pipe: Connection
    open: dict[str, Task] = field(default_factory=dict)
    knows: dict[str, Lessons] = field(default_factory=dict)


class Team:
    """A context manager with a crew's methods; at its end the processes go home, whatever is left to do."""

    def __init__(
        self, config: Config, sites: Sequence[Site], agent: str, book: Rulebook, processes: int
    ) -> None:
        self._orders = Orders(config, sites, agent)
        self._book = book
        self._group = groups(
            sites, addresses_of({host_of(seed.url) for site in sites for seed in site.seeds})
        )
        self._count = min(processes, len(set(self._group.values())))
        self._opened = ExitStack()
        self._hands: list[_Hand] = []
        self._of: dict[str, _Hand] = {}  # by group of sites
        self._selector = selectors.DefaultSelector()
        self._came: deque[Visit] = deque()
        self._last: str | None = None

    def __enter__(self) -> Self:
        pipes = self._opened.enter_context(processes(self._count, self._orders))
        self._opened.enter_context(self._selector)
        self._hands = [_Hand(pipe) for pipe in pipes]
        for hand in self._hands:
            self._selector.register(hand.pipe, selectors.EVENT_READ, hand)
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def give(self, tasks: Sequence[Task]) -> None:
        """Hand out tasks, each to the process that has its site."""
        shares: dict[_Hand, list[Task]] = {}
        for task in tasks:
            shares.setdefault(self._hand_of(task.site), []).append(task)
        for hand, share in shares.items():
            hand.open.update((task.url, task) for task in share)
            for site in {task.site for task in share}:
                self._teach(hand, site)
            self._tell(hand, share)

    def take(self, timeout: float) -> Visit | None:
        """Return what a process brought, or None after `timeout` seconds; raises WorkersLost if all ended.

        Raises what is none of a page's, too.
        """
        if self._last is not None:  # what the last one taught, its site's process learns now
            self._teach(self._hand_of(self._last), self._last)
        if not self._came:
            self._gather(timeout)
        came = self._came.popleft() if self._came else None
        self._last = came.task.site if came else None
        return came

    def stop(self) -> None:
        """Let nobody begin another task."""
        for hand in self._hands:
            self._tell(hand, Word.STOP)

    def idle(self) -> bool:
        """Tell whether nothing waits to be taken."""
        return not self._came and not self._selector.select(0)

    def _gather(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            hand: _Hand = key.data
            try:
                came = receive(hand.pipe)
            except (EOFError, OSError):
                self._lose(hand)
                continue
            if came is not None:
                del hand.open[came.task.url]
                self._came.append(came)

    def _hand_of(self, site: str) -> _Hand:
        """Return the process that has the site; a new one goes to where the fewest are."""
        group = self._group[site]
        if group not in self._of:
            held = Counter(map(id, self._of.values()))
            self._of[group] = min(self._hands, key=lambda hand: (held[id(hand)], len(hand.open)))
        return self._of[group]

    def _teach(self, hand: _Hand, site: str) -> None:
        lessons = self._book.lessons(site)
        if hand.knows.get(site) != lessons:
            hand.knows[site] = lessons
            self._tell(hand, Lesson(site, lessons))

    def _tell(self, hand: _Hand, order: object) -> None:
        try:
            send(hand.pipe, order)
        except OSError:
            log.debug("a worker process ended before it was told")  # `_gather` finds it out

    def _lose(self, hand: _Hand) -> None:
        """A process is gone: what it had goes to the others."""
        self._selector.unregister(hand.pipe)
        hand.pipe.close()
        self._hands.remove(hand)
        told = f"a worker process was killed or crashed (out of memory?) with {len(hand.open)} pages open"
        if not self._hands:
            raise WorkersLost(
                f"{told}, and it was the last: its run is kept, `campusnews crawl` goes on with it"
            )
        log.error("%s: the others take them over", told)
        self._of = {group: other for group, other in self._of.items() if other is not hand}
        self.give(list(hand.open.values()))


def crew_of(
    config: Config, sites: Sequence[Site], agent: str, now: Callable[[], datetime], book: Rulebook
) -> Crew | Team:
    """Return who carries out the tasks of a run: threads of this process, or several processes.

    Processes of their own date what they fetch by the machine's clock, not by `now`.
    """
    if (count := config.process_count) > 1 and len(sites) > 1:
        return Team(config, sites, agent, book, count)
    return Crew(
        {site.name: site for site in sites}, policies(config, sites, agent), now, book, config.archive
    )


def groups(sites: Sequence[Site], addresses: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return for each site the name of the first it shares a host or a server with, maybe through others.

    `addresses` are those behind each `host:port` of a seed.
    """
    first: dict[str, str] = {}  # by host and by address
    group: dict[str, str] = {}
    for site in sites:
        hosts = {host_of(seed.url) for seed in site.seeds}
        keys = hosts.union(*(addresses.get(host, frozenset()) for host in hosts))
        met = {group[first[key]] for key in keys if key in first}
        group[site.name] = site.name
        name = min(met, key=list(group).index, default=site.name)
        for other in [other for other, of in group.items() if of in met or other == site.name]:
            group[other] = name
        for key in keys:
            first.setdefault(key, site.name)
    return group
