"""The workers of a run: every host there is can be waited for, and whoever waits goes home when told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.config import Site
from scraper.crew import PATIENCE, SEATS, Crew
from scraper.frontier import Task
from scraper.rulebook import Rulebook
from scraper.visit import Visit
from storage import Archive
from tests.fault_server import FaultServer, reply
from tests.fetching import policy

TEXT = "<p>The library moved its stock after a long winter, says the report of the year.</p>" * 4
PAGE = reply(
    200, f"<html><body><h1>The library moved</h1>{TEXT}</body></html>".encode(), "Content-Type: text/html"
)


@pytest.fixture
def crew_of(tmp_path: Path) -> Iterator[Callable[..., Crew]]:
    """Give a crew for a site with this delay."""
    Archive.open(tmp_path, write=True, create=True).close()
    site = Site.model_validate({"name": "s", "allow_private": True, "seeds": ("http://127.0.0.1/",)})

    def make(delay: float = 0.0) -> Crew:
        host = policy(delay=delay, max_wait=1000.0)
        return Crew({"s": site}, lambda _: host, lambda: datetime.now(UTC), Rulebook(), str(tmp_path))

    return make


def tasks(servers: list[FaultServer], *paths: str) -> list[Task]:
    return [Task("s", "article", server.url(path), "") for server in servers for path in paths]


def taken(crew: Crew, count: int) -> list[Visit]:
    visits = [crew.take(timeout=20) for _ in range(count)]
    return [came for came in visits if came is not None]


def test_more_hosts_are_waited_for_at_the_same_time_than_pages_are_read(crew_of: Callable[..., Crew]) -> None:
    count = SEATS + 4
    all_asked = threading.Barrier(count, timeout=20)

    def answer(server: FaultServer, sock: socket.socket) -> None:
        all_asked.wait()
        sock.sendall(PAGE)

    with ExitStack() as stack:
        servers = [stack.enter_context(FaultServer({"/a": answer, "/b": PAGE})) for _ in range(count)]
        with crew_of() as crew:
            crew.give(tasks(servers, "/a", "/b"))
            came = taken(crew, 2 * count)
    assert {visit.look for visit in came} == {"seen"}
    assert len({visit.task.url for visit in came}) == 2 * count
    assert {server.most_in_flight for server in servers} == {1}


def test_a_worker_that_sleeps_through_a_delay_goes_home_when_told(crew_of: Callable[..., Crew]) -> None:
    with FaultServer({"/a": PAGE}) as server, crew_of(delay=500.0) as crew:
        before = threading.active_count()
        crew.give(tasks([server], "/a"))
        while not server.asked:  # its robots.txt; the page waits
            time.sleep(0.001)
        told = time.monotonic()
        crew.__exit__()
        assert time.monotonic() - told < PATIENCE
        assert threading.active_count() <= before + 1  # the server's own thread for the connection
    assert server.asked == ["/robots.txt"]
