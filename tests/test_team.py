"""A crawl in several processes: the records of one, whatever process is killed, and none left behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scraper.config import Config, Site, load_config
from scraper.crawl import Progress, crawl
from scraper.errors import WorkersLost
from scraper.fetch.neighbours import addresses_of
from scraper.hands import bare
from scraper.learned import Layout
from scraper.page import Page
from scraper.presets.vsb import VSB
from scraper.processes import packed, unpacked
from scraper.reextract import reextract
from scraper.rulebook import Reading, Rulebook
from scraper.team import groups
from scraper.visit import Visit
from storage import Archive
from tests.conftest import SmallSite, write_config
from tests.gazette import plain, publish, stories

pytestmark = [
    pytest.mark.usefixtures("catalogue"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc"),
]
PATIENCE = 10.0  # seconds for what takes a fraction of one


def hands(of: int) -> set[int]:
    """Return the worker processes a process has started."""
    tasks = Path(f"/proc/{of}/task").iterdir()
    found = {int(pid) for task in tasks for pid in (task / "children").read_text().split()}
    here = {pid for pid in found if b"scraper.processes" in Path(f"/proc/{pid}/cmdline").read_bytes()}
    return here.union(*map(hands, here))


def in_two(config: Config) -> Config:
    return config.model_copy(update={"processes": 2})


def digests(config: Config) -> dict[str, str]:
    with Archive.open(config.archive) as archive:
        return {article.id: article.content_digest for article in archive.articles()}


def counts(config: Config) -> dict[str, int]:
    with Archive.open(config.archive) as archive:
        return archive.runs()[-1].counts


def test_a_crawl_in_two_processes_leaves_the_records_and_counts_of_one(campus: Any, config_in: Any) -> None:
    one, two = load_config(config_in("one")), in_two(load_config(config_in("two")))
    crawl(one)
    used: set[int] = set()
    crawl(two, watch=lambda _: used.update(hands(os.getpid())))
    assert len(used) == 2
    assert digests(two) == digests(one)
    # Who is redirected to another site's host reads its robots.txt too; counters' answers grow with visits;
    # which of an article's two addresses is read first is a matter of luck, and what the other then costs.
    moving = {"alias", "bytes", "requests", "for_articles", "for_counters", "for_robots"}
    assert {k: v for k, v in counts(two).items() if k not in moving} == {
        k: v for k, v in counts(one).items() if k not in moving
    }
    assert not hands(os.getpid())


def test_what_one_process_lets_us_learn_is_read_by_in_the_next_page_it_fetches(
    small: SmallSite, tmp_path: Path
) -> None:
    publish(small.pages, stories(12), plain)
    other = SmallSite()
    publish(other.pages, stories(12), plain)
    with other.server:
        sites = (
            small.config(tmp_path / "a").sites[0],
            other.config(tmp_path / "a", name="other").sites[0],
        )
        config = Config(archive=str(tmp_path / "a"), sites=sites, processes=2)
        run = crawl(config)
    assert run.counts["layouts"] == 2
    with Archive.open(config.archive) as archive:
        assert {article.extractor.preset for article in archive.articles()} == {"learned:generic"}


def test_the_tasks_of_a_process_that_is_killed_are_carried_out_by_the_others(
    campus: Any, config_in: Any, caplog: Any
) -> None:
    whole, cut = load_config(config_in("whole")), in_two(load_config(config_in("cut")))
    crawl(whole)
    victims: list[int] = []

    def kill_one(progress: Progress) -> None:
        if progress.done == 20:
            victims.append(min(hands(os.getpid())))
            os.kill(victims[0], signal.SIGKILL)

    run = crawl(cut, watch=kill_one)
    assert victims
    assert run.outcome == "done"
    assert digests(cut) == digests(whole)
    assert "a worker process was killed or crashed" in caplog.text


def test_what_a_process_logs_is_logged_by_the_one_that_leads(
    campus: Any, config_in: Any, caplog: Any, capfd: Any, monkeypatch: Any
) -> None:
    broken = "import scraper.crew as crew; crew.visit = None; from scraper.processes import main; main()"
    monkeypatch.setattr("scraper.processes._START", broken)
    assert crawl(in_two(load_config(config_in("archive")))).outcome == "incomplete"
    assert {record.name for record in caplog.records if "'NoneType'" in record.message} == {"scraper.crew"}
    assert "NoneType" not in capfd.readouterr().err


def test_without_any_process_left_the_run_fails_by_name_and_is_gone_on_with(
    campus: Any, config_in: Any
) -> None:
    whole, cut = load_config(config_in("whole")), in_two(load_config(config_in("cut")))
    crawl(whole)

    def kill_all(progress: Progress) -> None:
        if progress.done == 20:
            for pid in hands(os.getpid()):
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(WorkersLost, match="goes on with it"):
        crawl(cut, watch=kill_all)
    crawl(cut)
    assert digests(cut) == digests(whole)


def test_a_stopped_run_sends_its_processes_home(campus: Any, config_in: Any) -> None:
    config, stop = in_two(load_config(config_in("archive"))), threading.Event()
    with pytest.raises(KeyboardInterrupt):
        crawl(config, stop=stop, watch=lambda progress: stop.set() if progress.done == 20 else None)
    assert not hands(os.getpid())


def test_readers_of_what_is_kept_go_home_and_one_that_is_killed_is_told_of_by_name(
    campus: Any, config_in: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("scraper.reextract.AT_ONCE", 5)
    config = in_two(load_config(config_in("archive")))
    crawl(config)
    used: set[int] = set()

    def kill_one(progress: Progress) -> None:
        used.update(hands(os.getpid()))
        if progress.done == 20:
            os.kill(min(used), signal.SIGKILL)

    with pytest.raises(WorkersLost, match="`campusnews reextract` goes on with it"):
        reextract(config, watch=kill_one)
    assert len(used) == 2
    assert not hands(os.getpid())
    whole = reextract(config)
    assert not hands(os.getpid())
    assert whole.run is not None
    assert whole.run.counts["same"] == whole.run.counts["read"] == len(digests(config))


@pytest.fixture
def crawling(campus: Any, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start `campusnews crawl` in two processes, and stop the campus's answers once it is well under way."""
    under_way, free = threading.Event(), threading.Event()

    def on_request(count: int) -> None:
        if count >= 30:
            under_way.set()
            free.wait(PATIENCE)

    campus.on_request = on_request
    path = write_config(tmp_path, campus, "archive")
    command = [
        str(Path(sys.executable).with_name("campusnews")),
        "crawl",
        "-c",
        str(path),
        "--processes",
        "2",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            assert under_way.wait(PATIENCE)
            yield process
        finally:
            free.set()
            process.kill()


def test_a_killed_crawl_leaves_no_process_behind(crawling: subprocess.Popen[bytes]) -> None:
    watched = [os.pidfd_open(pid) for pid in hands(crawling.pid)]
    assert len(watched) == 2
    crawling.kill()
    for descriptor in watched:
        ended, _, _ = select.select([descriptor], [], [], PATIENCE)
        os.close(descriptor)
        assert ended


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_of_its_processes_ends_a_crawl_with_its_state_saved(
    crawling: subprocess.Popen[bytes], what: signal.Signals, tmp_path: Path
) -> None:
    os.killpg(crawling.pid, what)
    assert crawling.wait(PATIENCE) == 130
    with Archive.open(tmp_path / "archive") as archive:
        assert archive.runs()[-1].outcome == "interrupted"


def site(name: str, *seeds: str) -> Site:
    return Site.model_validate({"name": name, "seeds": seeds})


def test_sites_with_a_host_or_a_server_in_common_go_together_through_others_too() -> None:
    sites = [
        site("a", "http://a.example/list"),
        site("b", "http://b.example/list"),
        site("c", "http://c.example/list", "http://a.example/more"),
        site("d", "http://d.example/list"),
        site("e", "http://e.example/list"),
    ]
    addresses = {"b.example:80": frozenset({"192.0.2.1"}), "c.example:80": frozenset({"192.0.2.1"})}
    assert groups(sites, addresses) == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}


def test_hosts_of_one_address_are_neighbours_but_not_two_ports_of_loopback() -> None:
    found = addresses_of(["127.0.0.1:80", "127.0.0.1:443", "127.0.0.1:8001", "127.0.0.1:8002"])
    assert found["127.0.0.1:80"] == found["127.0.0.1:443"]
    assert len(set(found.values())) == 3


def test_a_page_goes_to_another_process_without_what_was_parsed_of_it() -> None:
    page = Page("http://a.example/1", b"<html><body><p>One, two.</p></body></html>")
    assert page.tree is not None
    came = Visit(task=None, page=page, reading=Reading(None, VSB))  # type: ignore[arg-type]
    got = unpacked(packed(bare(came)))
    assert got.page == page
    assert got.reading.preset is VSB


def test_a_book_learns_from_another_what_a_site_taught() -> None:
    here, there = Rulebook(), Rulebook()
    here.add("a", "http://a.example/list", Layout("vsb", 2, 1, {"body": (".text",)}))
    here.prove("a", day_first=True)
    there.learn("a", unpacked(packed(here.lessons("a"))))
    assert there.lessons("a") == here.lessons("a")
    assert there.newest("a") == 1
