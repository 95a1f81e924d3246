"""The frontier hands out hosts: one worker at a time speaks to each, and closing sends all home."""

from __future__ import annotations

import json
import threading

from scraper.frontier import Frontier, Task


def task(url: str, kind: str = "article") -> Task:
    return Task("site", kind, url, "https://a.example/list.htm")  # type: ignore[arg-type]


def urls(lease: object) -> list[str]:
    return [each.url for each in lease]  # type: ignore[attr-defined]


def test_a_lease_gives_the_tasks_of_one_host_in_the_order_they_came() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://b.example/1"), task("https://a.example/2")])
    assert urls(frontier.lease()) == ["https://a.example/1", "https://a.example/2"]
    assert urls(frontier.lease()) == ["https://b.example/1"]


def test_listings_go_before_articles() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://a.example/list2.htm", "listing")])
    assert urls(frontier.lease()) == ["https://a.example/list2.htm", "https://a.example/1"]


def test_a_leased_host_is_given_to_nobody_else_and_its_new_tasks_go_to_its_worker() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1")])
    lease = frontier.lease()
    assert lease is not None
    first = next(lease)
    frontier.add([task("https://a.example/2"), task("https://b.example/1")])
    assert urls(frontier.lease()) == ["https://b.example/1"]
    assert [first.url, *urls(lease)] == ["https://a.example/1", "https://a.example/2"]


def test_a_host_that_ran_dry_can_be_leased_again() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1")])
    assert urls(frontier.lease()) == ["https://a.example/1"]
    frontier.add([task("https://a.example/2")])
    assert urls(frontier.lease()) == ["https://a.example/2"]


def test_ports_are_hosts_of_their_own() -> None:
    frontier = Frontier()
    frontier.add([task("http://127.0.0.1:8001/"), task("http://127.0.0.1:8002/")])
    assert frontier.hosts == 2


def test_closing_wakes_who_waits_and_ends_every_lease() -> None:
    frontier = Frontier()
    frontier.add([task("https://a.example/1"), task("https://a.example/2")])
    lease = frontier.lease()
    assert lease is not None
    next(lease)
    got: list[object] = []
    waiting = threading.Thread(target=lambda: got.append(frontier.lease()))
    waiting.start()
    frontier.close()
    waiting.join(timeout=5)
    assert got == [None]
    assert list(lease) == []


def test_many_workers_take_every_task_once_and_no_host_twice_at_a_time() -> None:
    frontier = Frontier()
    wanted = [f"https://host{host}.example/{page}" for page in range(20) for host in range(8)]
    taken: list[str] = []
    busy: set[str] = set()
    clashes: list[str] = []
    lock, done = threading.Lock(), threading.Event()

    def work() -> None:
        while (lease := frontier.lease()) is not None:
            for each in lease:
                host = each.url.split("/")[2]
                with lock:
                    clashes.extend([host] if host in busy else [])
                    busy.add(host)
                with lock:
                    busy.discard(host)
                    taken.append(each.url)
                    if len(taken) == len(wanted):
                        done.set()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for url in wanted:
        frontier.add([task(url)])
    assert done.wait(10)
    frontier.close()
    for worker in workers:
        worker.join(timeout=5)
    assert sorted(taken) == sorted(wanted)
    assert clashes == []


def test_a_task_survives_the_catalogue() -> None:
    given = Task("s", "look", "https://a.example/1", "", "News", 3, "Title", "2026-11-02", "abc")
    row = given.to_row()
    assert (row.host, row.kind) == ("a.example:443", "look")
    assert json.loads(json.dumps(row.detail)) == row.detail
    assert Task.from_row(row) == given


def test_of_the_hosts_of_one_server_one_is_handed_out_at_a_time() -> None:
    frontier = Frontier(lambda host: "c" if host.startswith("c.") else "shared")
    frontier.add([task("https://a.example/1"), task("https://b.example/1"), task("https://c.example/1")])
    first = frontier.lease()
    assert first is not None
    assert next(first).url == "https://a.example/1"
    assert urls(frontier.lease()) == ["https://c.example/1"]  # not b, which would only wait for a
    frontier.add([task("https://b.example/2"), task("https://a.example/2")])
    assert urls(first) == ["https://a.example/2"]
    assert urls(frontier.lease()) == ["https://b.example/1", "https://b.example/2"]


def test_every_host_of_one_server_gets_its_turn_and_no_worker_is_held_up() -> None:
    frontier = Frontier(lambda host: len(host) > len("x.example:443"))  # two servers, one with many names
    names = [f"long{n}.example" for n in range(20)] + ["x.example"]
    frontier.add([task(f"https://{name}/{n}") for name in names for n in range(3)])
    done: list[str] = []

    def work() -> None:
        while (lease := frontier.lease()) is not None:
            done.extend(urls(lease))
            if len(done) == 3 * len(names):
                frontier.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=10)
    assert len(set(done)) == 3 * len(names)
