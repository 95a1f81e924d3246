"""How fast a run goes and how long it may still take, on a clock that the test turns."""

from __future__ import annotations

from scraper.frontier import Task
from scraper.pace import LATELY, Amount, Pace, Queue, View


class Run:
    """A run whose pages come when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.queue = Queue()
        self.pace = Pace(lambda: self.now)
        self.count = 0

    def find(self, site: str, number: int, kind: str = "article", host: str | None = None) -> list[Task]:
        found = []
        for _ in range(number):
            self.count += 1
            url = f"http://{host or site}.example.edu/{self.count}"
            found.append(Task(site, kind, url, ""))  # type: ignore[arg-type]
        for task in found:
            self.queue.found(task)
        return found

    def take(self, tasks: list[Task], number: int, each: float) -> None:
        """Let `number` pages come, `each` seconds apart."""
        for _ in range(number):
            self.now += each
            self.pace.take(self.queue.took(tasks.pop(0)))

    def view(self) -> View:
        return self.pace.view()


def test_what_is_left_of_a_host_takes_its_queue_times_what_a_page_took_lately() -> None:
    run = Run()
    pages = run.find("lib", 100)
    run.take(pages, 40, each=2.0)
    seen = run.view()
    assert seen.all.amount == Amount(40, 100)
    assert seen.all.rate == 0.5
    assert seen.all.left == 60 * 2.0
    assert seen.elapsed == 80.0
    assert [(lane.name, lane.amount.waiting, lane.left) for lane in seen.busy] == [("lib", 60, 120.0)]


def test_a_host_that_slows_down_is_believed_after_a_few_pages() -> None:
    run = Run()
    pages = run.find("lib", 200)
    run.take(pages, 50, each=1.0)
    run.take(pages, LATELY + 1, each=5.0)
    assert run.view().busy[0].left == (200 - 50 - LATELY - 1) * 5.0


def test_the_slowest_host_decides_not_the_mean_of_all() -> None:
    run = Run()
    fast, slow = run.find("fast", 30), run.find("slow", 1000)
    for _ in range(15):
        run.take(fast, 2, each=0.5)
        run.take(slow, 1, each=1.0)
    seen = run.view()
    assert seen.all.left == 985 * 2.0  # not 985 divided by the 1.5 pages a second of both
    assert [lane.name for lane in seen.busy] == ["slow"]


def test_two_sites_on_one_host_wait_for_each_other() -> None:
    run = Run()
    ours, theirs = run.find("ours", 100, host="www"), run.find("theirs", 100, host="www")
    run.take(ours, 21, each=1.0)
    run.take(theirs, 2, each=1.0)
    seen = run.view()
    assert seen.hosts == 1
    assert seen.all.left == 79 + 98
    assert {lane.name: lane.left for lane in seen.busy}["theirs"] == 98


def test_more_hosts_than_workers_take_longer_than_the_slowest_host() -> None:
    run = Run()
    hosts = [run.find(f"site-{number}", 10) for number in range(100)]
    for pages in hosts:
        run.take(pages, 2, each=0.01)  # each host is quick once it has its turn
    for pages in hosts:
        run.take(pages, 1, each=1.0)
    left = run.view().all.left
    assert left is not None
    assert left >= 700 * 0.5


def test_nothing_is_promised_while_a_list_is_still_walked() -> None:
    run = Run()
    lists, pages = run.find("lib", 1, "listing"), run.find("lib", 10)
    run.take(pages, 5, each=1.0)
    seen = run.view()
    assert (seen.lists, seen.all.left, seen.busy[0].left) == (1, None, None)
    run.take(lists, 1, each=1.0)
    run.take(pages, 1, each=1.0)
    assert run.view().all.left == 4.0


def test_quick_listing_pages_promise_no_quick_articles() -> None:
    run = Run()
    lists, pages = run.find("lib", 20, "listing"), run.find("lib", 100)
    run.take(lists, 20, each=1.0)
    assert run.view().all.left is None
    run.take(pages, 2, each=3.0)  # the page, its counter and a file
    assert run.view().all.left == 98 * 3.0


def test_nothing_is_promised_of_a_host_that_has_not_answered_twice() -> None:
    run = Run()
    heard, silent = run.find("heard", 10), run.find("silent", 10)
    run.take(heard, 5, each=1.0)
    assert run.view().all.left is None
    run.take(silent, 1, each=1.0)
    assert run.view().all.left is None
    run.take(silent, 1, each=1.0)
    assert run.view().all.left is not None


def test_what_is_left_is_the_least_until_every_site_has_queued_its_looks() -> None:
    run = Run()
    pages, others = run.find("lib", 10), run.find("arts", 1)
    run.queue.settle("lib")
    run.take(pages, 5, each=1.0)
    assert run.view().least
    run.queue.settle("arts")
    run.take(others, 1, each=1.0)
    assert not run.view().least


def test_a_page_that_does_not_come_makes_the_estimate_grow() -> None:
    run = Run()
    pages = run.find("lib", 30)
    run.take(pages, 11, each=1.0)
    before = run.view().all.left
    run.now += 60
    after = run.view().all.left
    assert before is not None
    assert after is not None
    assert after > before * 5


def test_a_run_before_its_first_page_and_after_its_last_is_told_plainly() -> None:
    run = Run()
    assert (run.view().all.amount, run.view().all.left, run.view().busy) == (Amount(), None, ())
    pages = run.find("lib", 3)
    run.take(pages, 3, each=1.0)
    seen = run.view()
    assert (seen.all.amount, seen.all.left, seen.busy, seen.hosts) == (Amount(3, 3), 0.0, (), 0)


def test_pages_that_come_in_the_same_instant_divide_nothing_by_zero() -> None:
    run = Run()
    pages = run.find("lib", 10)
    run.take(pages, 5, each=0.0)
    assert run.view().all.rate is None
    assert run.view().all.left == 0.0
