"""The workers of a run: tasks go in, visits come out, one worker at a time speaking to a server. Threads.

A worker that waits for the network, or sleeps for politeness within a task, needs no more than its stack:
there are as many as servers to wait for. To read a page it needs one of a few seats, so that neither
the memory that pages cost nor the struggle for the interpreter grows with them.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Self

from scraper.config import Site
from scraper.fetch import Fetched, Fetcher, Request
from scraper.frontier import Frontier, Task
from scraper.memory import Memory
from scraper.mishap import TOLD, mishap
from scraper.policy import Policy
from scraper.rulebook import Rulebook
from scraper.visit import Visit, failed, visit
from storage.errors import CampusnewsError

MAX_WORKERS = 1000  # servers waited for at the same time
SEATS = 16  # pages read at the same time
BACKLOG = 16  # visits waiting to be taken: workers faster than the writer wait, so that memory stays flat
PATIENCE = 2.0  # seconds for the workers to go home; one that waits for a slow host ends with the process

log = logging.getLogger(__name__)


class Crew:
    """A context manager: at its end the workers go home, whatever is left to do."""

    def __init__(
        self,
        sites: dict[str, Site],
        policy_of: Callable[[str], Policy],
        now: Callable[[], datetime],
        book: Rulebook,
        archive: str | os.PathLike[str],
    ) -> None:
        self._sites = sites
        self._memory = Memory(archive, now)
        self._book = book
        self._home = threading.Event()
        self._seats = threading.Semaphore(SEATS)
        self._fetcher = _Door(self._seats, policy_of, now=now, sleep=self._sleep, recall=self._memory.ruling)
        self._frontier = Frontier(self._fetcher.server_of)
        self._visits: queue.SimpleQueue[Visit | CampusnewsError] = queue.SimpleQueue()
        self._room = threading.Semaphore(BACKLOG)
        self._workers: list[threading.Thread] = []
        self._hiring = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._home.set()
        self._frontier.close()
        self._fetcher.close()
        for gate in (self._room, self._seats):
            gate.release(MAX_WORKERS)
        deadline = time.monotonic() + PATIENCE
        with self._hiring:
            workers = list(self._workers)
        for worker in workers:
            worker.join(timeout=max(0.0, deadline - time.monotonic()))
        self._fetcher.close()  # what the last ones opened on their way home
        self._memory.close()

    def give(self, tasks: Sequence[Task]) -> None:
        """Hand out tasks."""
        self._frontier.add(tasks)
        self._hire()

    def _hire(self) -> None:
        """See to it that a worker waits for the next server, as long as there may be more of these."""
        with self._hiring:
            enough = len(self._workers) >= min(self._frontier.hosts, MAX_WORKERS)
            if enough or self._frontier.attended or self._home.is_set():
                return
            self._workers.append(threading.Thread(target=self._serve, daemon=True))
            self._workers[-1].start()

    def take(self, timeout: float) -> Visit | None:
        """Return what a worker brought, or None after `timeout` seconds; raises what is none of a page's."""
        try:
            came = self._visits.get(timeout=timeout)
        except queue.Empty:
            return None
        self._room.release()
        if isinstance(came, CampusnewsError):
            raise came
        return came

    def stop(self) -> None:
        """Let nobody begin another task."""
        self._frontier.close()

    def idle(self) -> bool:
        """Tell whether nothing waits to be taken."""
        return self._visits.empty()

    def _serve(self) -> None:
        """Carry out one task after the other until the frontier closes."""
        try:
            while (lease := self._frontier.lease()) is not None:
                with self._seats:
                    self._hire()
                    came = self._visit(lease.task)
                    self._room.acquire()
                    self._visits.put(came)
                self._frontier.give_back(lease, self._fetcher.rested_at(lease.host))
        except _SentHomeError:
            return

    def _visit(self, task: Task) -> Visit | CampusnewsError:
        """Carry out one task; a page that breaks our own code is reported, and costs only itself.

        What the archive cannot give to any page ends the run.
        """
        try:
            return visit(task, self._sites[task.site], self._fetcher, self._book, self._memory)
        except _SentHomeError:
            raise
        except CampusnewsError as error:
            return error
        except Exception as error:
            log.exception(TOLD, task.url)
            return failed(task, mishap(task.url, error))

    def _sleep(self, seconds: float) -> None:
        if self._home.wait(seconds):
            raise _SentHomeError


class _Door(Fetcher):
    """The door to the network as workers go through it: without their seat, which others have meanwhile."""

    def __init__(self, seats: threading.Semaphore, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self._seats = seats

    def fetch(self, request: Request) -> Fetched:
        """Fetch as ever."""
        self._seats.release()
        try:
            return super().fetch(request)
        finally:
            self._seats.acquire()


class _SentHomeError(Exception):
    """The run ends: a waiting worker goes home."""
