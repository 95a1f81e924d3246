"""How late many hosts are asked in invented time, by the frontier and as many workers as a crew has.

    python benchmarks/schedule.py [--hosts 1000] [--delay 5] [--took 0.1] [--seconds 3600] [--json]

A host is ready when it has rested for the delay after its last answer; what counts is how much later a worker
begins with it. CPU costs nothing here: this is the order of things and the number of workers alone. A task
of two requests to one host, a page and its counter, keeps its worker through the rest between them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from heapq import heappop, heappush

from scraper.crew import MAX_WORKERS
from scraper.frontier import Frontier, Lease, Task


@dataclass(frozen=True, slots=True)
class Late:
    """Tasks begun, and by how many seconds later than their hosts were ready."""

    tasks: int
    p50: float
    p99: float
    most: float


def simulated(
    hosts: int, delay: float, took: float, seconds: float, *, requests: int = 1, workers: int = MAX_WORKERS
) -> Late:
    """Return how late tasks of so many requests each are begun."""
    now = 0.0
    frontier = Frontier(monotonic=lambda: now)
    frontier.add(map(_task, range(hosts)))
    late: list[float] = []
    busy: list[tuple[float, int, Lease]] = []  # a heap: when which worker comes back
    while now < seconds:
        while len(busy) < workers and (ready := frontier.next_at) is not None and ready <= now:
            lease = frontier.lease()
            assert lease is not None
            late.append(now - ready)
            heappush(busy, (now + requests * took + (requests - 1) * delay, len(late), lease))
        ready = frontier.next_at if len(busy) < workers else None
        now = min(moment for moment in (busy[0][0] if busy else None, ready, seconds) if moment is not None)
        while busy and busy[0][0] <= now:
            lease = heappop(busy)[2]
            frontier.add([lease.task])  # its host has a next page
            frontier.give_back(lease, now + delay)
    late.sort()
    return Late(len(late), late[len(late) // 2], late[len(late) * 99 // 100], late[-1])


def _task(number: int) -> Task:
    return Task("site", "article", f"http://{number}.example/", "")


def main() -> None:
    """Print how late tasks of one request are, and tasks of two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--delay", type=float, default=5.0, help="seconds")
    parser.add_argument("--took", type=float, default=0.1, help="seconds a page takes")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {}
    for name, requests in (("", 1), ("_with_counters", 2)):
        late = simulated(given.hosts, given.delay, given.took, given.seconds, requests=requests)
        for key, value in asdict(late).items():
            found[f"simulated_{given.hosts}{name}_{key}" + ("" if key == "tasks" else "_late_s")] = round(
                value, 3
            )
    print(json.dumps(found) if given.json else "\n".join(f"{k:48}{v}" for k, v in found.items()))


if __name__ == "__main__":
    main()
