"""The frontier hands out servers that have rested, one worker at a time to each; closing sends all home."""

from __future__ import annotations

import json
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from scraper.frontier import Frontier, Task


def task(url: str, kind: str = "article") -> Task:
    return Task("site", kind, url, "https://a.example/list.htm")  # type: ignore[arg-type]


def next_url(frontier: Frontier, rested: float = -math.inf) -> str:
    """Lease the next task and give its server back at once."""
    lease = frontier.lease()
    assert lease is not None
    frontier.give_back(lease, rested)
    return lease.task.url


def urls(frontier: Frontier, number: int) -> list[str]:
    return [next_url(frontier) for _ in range(number)]


def test_the_tasks_of_a_host_go_out_in_the_order_they_came_and_hosts_take_turns() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://b.example/1"), task("https://a.example/2")])
    assert urls(frontier, 3) == ["https://a.example/1", "https://b.example/1", "https://a.example/2"]


def test_listings_go_before_articles() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://a.example/list2.htm", "listing")])
    assert urls(frontier, 2) == ["https://a.example/list2.htm", "https://a.example/1"]


def test_a_leased_host_is_given_to_nobody_else() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://a.example/2"), task("https://b.example/1")])
    lease = frontier.lease()
    assert lease is not None
    frontier.add([task("https://a.example/3")])
    assert next_url(frontier) == "https://b.example/1"
    frontier.give_back(lease)
    assert urls(frontier, 2) == ["https://a.example/2", "https://a.example/3"]


def test_a_host_that_ran_dry_is_handed_out_again_when_there_is_more() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1")])
    assert next_url(frontier) == "https://a.example/1"
    frontier.add([task("https://a.example/2")])
    assert next_url(frontier) == "https://a.example/2"


def test_ports_are_hosts_of_their_own() -> None:
    frontier = Frontier()
    frontier.add([task("http://127.0.0.1:8001/"), task("http://127.0.0.1:8002/")])
    assert frontier.hosts == 2


def test_a_server_is_handed_out_when_it_has_rested_and_whoever_has_rested_goes_first() -> None:
    now = 100.0
    frontier = Frontier(monotonic=lambda: now)
    frontier.add([task(f"https://{name}.example/{n}") for name in "abc" for n in (1, 2)])
    assert next_url(frontier, rested=130.0) == "https://a.example/1"
    assert next_url(frontier, rested=110.0) == "https://b.example/1"
    assert next_url(frontier, rested=120.0) == "https://c.example/1"
    assert frontier.next_at == 110.0
    now = 125.0
    assert urls(frontier, 2) == ["https://b.example/2", "https://c.example/2"]
    now = 130.0
    assert next_url(frontier) == "https://a.example/2"


def test_a_host_that_ran_dry_rests_all_the_same() -> None:
    now = 0.0
    frontier = Frontier(monotonic=lambda: now)
    frontier.add([task("https://a.example/1")])
    next_url(frontier, rested=5.0)
    frontier.add([task("https://a.example/2"), task("https://b.example/1")])
    assert next_url(frontier) == "https://b.example/1"
    now = 5.0
    assert next_url(frontier) == "https://a.example/2"


def test_a_worker_waits_for_the_time_of_a_server_and_no_longer() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://a.example/2")])
    rested = time.monotonic() + 0.05
    next_url(frontier, rested)
    assert next_url(frontier) == "https://a.example/2"
    assert rested <= time.monotonic() < rested + 5


def test_what_is_added_is_handed_out_while_a_worker_waits_for_another_server() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://a.example/2")])
    next_url(frontier, rested=time.monotonic() + 1000)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(next_url, frontier) for _ in range(2)]
        frontier.add([task("https://b.example/1"), task("https://c.example/1")])
        got = {future.result(timeout=10) for future in waiting}
    assert got == {"https://b.example/1", "https://c.example/1"}


def test_closing_wakes_whoever_waits() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://a.example/2")])
    next_url(frontier, rested=time.monotonic() + 1000)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(frontier.lease) for _ in range(3)]
        frontier.close()
        assert [future.result(timeout=10) for future in waiting] == [None] * 3


def test_it_is_known_whether_anybody_waits_for_the_next_host() -> None:
    frontier = Frontier()
    assert not frontier.attended
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(frontier.lease)
        while not frontier.attended:
            time.sleep(0)
        frontier.close()
        waiting.result(timeout=10)
    assert not frontier.attended


def test_many_workers_take_every_task_once_and_no_host_twice_at_a_time() -> None:
    frontier = Frontier()
    wanted = [f"https://host{host}.example/{page}" for page in range(20) for host in range(8)]
    taken: list[str] = []
    busy: set[str] = set()
    clashes: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        while (lease := frontier.lease()) is not None:
            with lock:
                clashes.extend([lease.host] if lease.host in busy else [])
                busy.add(lease.host)
            with lock:
                busy.discard(lease.host)
                taken.append(lease.task.url)
                if len(taken) == len(wanted):
                    frontier.close()
            frontier.give_back(lease)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for url in wanted:
        frontier.add([task(url)])
    for worker in workers:
        worker.join(timeout=10)
    assert sorted(taken) == sorted(wanted)
    assert clashes == []


def test_of_the_hosts_of_one_server_one_is_handed_out_at_a_time_in_turns() -> None:
    frontier = Frontier(lambda host: "c" if host.startswith("c.") else "shared")
    frontier.add([task("https://a.example/1"), task("https://b.example/1"), task("https://c.example/1")])
    first = frontier.lease()
    assert first is not None
    assert first.task.url == "https://a.example/1"
    assert next_url(frontier) == "https://c.example/1"  # not b, which would only wait for a
    frontier.add([task("https://b.example/2"), task("https://a.example/2"), task("https://c.example/2")])
    assert next_url(frontier) == "https://c.example/2"
    frontier.give_back(first)
    assert urls(frontier, 3) == ["https://b.example/1", "https://a.example/2", "https://b.example/2"]


def test_the_hosts_of_one_server_rest_together() -> None:
    now = 0.0
    frontier = Frontier(lambda host: "shared", monotonic=lambda: now)
    frontier.add([task("https://a.example/1"), task("https://b.example/1")])
    next_url(frontier, rested=5.0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next_url, frontier)
        while not frontier.attended:
            time.sleep(0)
        now = 5.0
        frontier.add([task("https://c.example/1")])  # looks at the clock again
        assert waiting.result(timeout=10) == "https://b.example/1"


def test_every_host_of_one_server_gets_its_turn_and_no_worker_is_held_up() -> None:
    frontier = Frontier(lambda host: len(host) > len("x.example:443"))  # two servers, one with many names
    names = [f"long{n}.example" for n in range(20)] + ["x.example"]
    frontier.add([task(f"https://{name}/{n}") for name in names for n in range(3)])
    done: list[str] = []

    def work() -> None:
        while (lease := frontier.lease()) is not None:
            done.append(lease.task.url)
            frontier.give_back(lease)
            if len(done) == 3 * len(names):
                frontier.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=10)
    assert len(set(done)) == 3 * len(names)


def test_a_task_survives_the_catalogue() -> None:
    given = Task("s", "look", "https://a.example/1", "", "News", 3, "Title", "2026-11-02", "abc")
    row = given.to_row()
    assert (row.host, row.kind) == ("a.example:443", "look")
    assert json.loads(json.dumps(row.detail)) == row.detail
    assert Task.from_row(row) == given
