"""The workers of a run: tasks go in, visits come out, one worker at a time speaking to a host. Threads."""

from __future__ import annotations

import ctypes
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from scraper.config import Site
from scraper.fetch import Fetcher
from scraper.frontier import Frontier, Task
from scraper.memory import Memory
from scraper.mishap import TOLD, mishap
from scraper.policy import Policy
from scraper.rulebook import Rulebook
from scraper.visit import Visit, failed, visit

MAX_WORKERS = 64  # hosts spoken to at the same time
BACKLOG = 16  # visits waiting to be taken: workers faster than the writer wait, so that memory stays flat
PATIENCE = 2.0  # seconds for the workers to go home; one that waits for a slow host ends with the process
_M_ARENA_MAX = -8  # of glibc's mallopt

log = logging.getLogger(__name__)


def share_heaps() -> None:
    """Let all threads allocate from two heaps; glibc gives each its own, which grows to its worst page.

    Python runs one thread at a time, so nobody waits for another.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


class Crew:
    """A context manager: at its end the workers go home, whatever is left to do."""

    def __init__(
        self,
        sites: dict[str, Site],
        policy_of: Callable[[str], Policy],
        now: Callable[[], datetime],
        book: Rulebook,
        archive: str,
    ) -> None:
        self._sites = sites
        self._memory = Memory(archive, now)
        self._book = book
        self._home = threading.Event()
        self._fetcher = Fetcher(policy_of, now=now, sleep=self._sleep, recall=self._memory.ruling)
        self._frontier = Frontier(self._fetcher.server_of)
        self._visits: queue.SimpleQueue[Visit] = queue.SimpleQueue()
        self._room = threading.Semaphore(BACKLOG)
        self._workers: list[threading.Thread] = []
        share_heaps()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._home.set()
        self._frontier.close()
        self._fetcher.close()
        self._room.release(max(1, len(self._workers)))
        deadline = time.monotonic() + PATIENCE
        for worker in self._workers:
            worker.join(timeout=max(0.0, deadline - time.monotonic()))
        self._memory.close()

    def give(self, tasks: Sequence[Task]) -> None:
        """Hand out tasks; there are as many workers as hosts, up to MAX_WORKERS."""
        self._frontier.add(tasks)
        while len(self._workers) < min(self._frontier.hosts, MAX_WORKERS):
            self._workers.append(threading.Thread(target=self._serve, daemon=True))
            self._workers[-1].start()

    def take(self, timeout: float) -> Visit | None:
        """Return what a worker brought, or None after `timeout` seconds."""
        try:
            came = self._visits.get(timeout=timeout)
        except queue.Empty:
            return None
        self._room.release()
        return came

    def stop(self) -> None:
        """Let nobody begin another task."""
        self._frontier.close()

    def idle(self) -> bool:
        """Tell whether nothing waits to be taken."""
        return self._visits.empty()

    def _serve(self) -> None:
        """Work on one host after the other until the frontier closes."""
        try:
            while (tasks := self._frontier.lease()) is not None:
                for task in tasks:
                    came = self._visit(task)
                    self._room.acquire()
                    self._visits.put(came)
        except _SentHomeError:
            return

    def _visit(self, task: Task) -> Visit:
        """Carry out one task; a page that breaks our own code is reported, and costs only itself."""
        try:
            return visit(task, self._sites[task.site], self._fetcher, self._book, self._memory)
        except _SentHomeError:
            raise
        except Exception as error:
            log.exception(TOLD, task.url)
            return failed(task, mishap(task.url, error))

    def _sleep(self, seconds: float) -> None:
        if self._home.wait(seconds):
            raise _SentHomeError


class _SentHomeError(Exception):
    """The run ends: a waiting worker goes home."""
