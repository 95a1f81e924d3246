"""Whole runs under what a site allows: hours, requests, robots.txt over several runs, a host that dies."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.config import Config
from scraper.crawl import crawl
from scraper.demo.reply import Reply
from storage import Archive
from storage.records import Problem, Ruling, SiteOutcome

from .fault_server import Answer, FaultServer, reply
from .test_faults_http import article as answered
from .test_incremental import Site, downward

pytestmark = pytest.mark.usefixtures("catalogue")

HOUR = timedelta(hours=1)
RULES = Reply(b"User-agent: *\nDisallow: /private/\nCrawl-delay: 0\n", "text/plain")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def published(small: Any, place: Path, count: int, **settings: Any) -> Site:
    """Return a site of so many articles in a paged list."""
    site = Site(small, place, **settings)
    small.articles(range(1, count + 1))
    site.paged(downward(count))
    return site


def told(site: Site) -> tuple[SiteOutcome, list[Problem], list[Ruling]]:
    """Return what the last run left in the catalogue."""
    with Archive.open(site.config.archive) as archive:
        run = site.run.id
        return archive.sites(run)[0], list(archive.problems(run)), archive.rulings(run)


# ---- windows


def test_a_run_outside_the_windows_leaves_the_site_for_later_and_fails_nothing(
    small: Any, place: Path
) -> None:
    site = published(small, place, 5, windows=("01:00-06:00",), timezone="Asia/Shanghai")
    assert site(timedelta(0)) == {}  # 01:30 UTC is 09:30 there
    outcome, problems, rulings = told(site)
    assert (small.asked, rulings) == ([], [])
    assert (site.run.outcome, outcome.outcome) == ("done", "done")
    assert outcome.problem is not None
    assert "outside the `windows` of its site until Mon 01:00 Asia/Shanghai" in outcome.problem
    assert {problem.reason for problem in problems} == {"outside_window"}
    assert len(site(16 * HOUR)) == 6  # 01:30 there
    assert len(site.articles()) == 5


def test_a_run_that_passes_the_end_of_a_window_stops_and_the_next_goes_on(small: Any, place: Path) -> None:
    site = published(small, place, 20, windows=("01:00-02:00",), timezone="UTC")
    open_, closed = (datetime(2026, 12, 20, hour, tzinfo=UTC) for hour in (1, 2))
    site.run = crawl(site.config, now=lambda: closed if len(small.asked) >= 9 else open_)
    first = len(site.articles())
    outcome, problems, _ = told(site)
    assert len(small.asked) == 9
    assert (site.run.outcome, outcome.counts["left_for_later"] > 0) == ("done", True)
    assert [problem.reason for problem in problems] == ["outside_window"]
    assert sum(site(HOUR * 24).values()) >= 20 - first
    assert len(site.articles()) == 20


# ---- max_requests


def test_requests_past_the_limit_are_left_for_the_runs_to_come_and_nothing_is_lost(
    small: Any, place: Path
) -> None:
    site = published(small, place, 20, max_requests=9)
    runs = 0
    while len(site.articles() if runs else ()) < 20:
        site()
        runs += 1
        assert len(small.asked) <= 9
        assert site.run.outcome == "done"
        assert runs < 12
    outcome, _, _ = told(site)
    assert {state.state for state in site.articles().values()} == {"live"}
    assert outcome.counts["requests"] <= 9


def test_what_was_left_is_said_once_for_the_host(small: Any, place: Path) -> None:
    site = published(small, place, 5, max_requests=3)
    site()
    outcome, problems, _ = told(site)
    assert [(problem.url, problem.reason) for problem in problems] == [(f"{small.base}/", "request_limit")]
    assert outcome.counts["left_for_later"] == 4
    assert "`max_requests`" in problems[0].detail


def test_a_run_gone_on_with_has_only_the_requests_it_had_left(small: Any, place: Path) -> None:
    site = published(small, place, 20, max_requests=12)
    stop = Event()
    small.before = lambda: len(small.asked) == 5 and stop.wait(60)  # so that the run cannot be over before
    with pytest.raises(KeyboardInterrupt):
        crawl(site.config, stop=stop, watch=lambda progress: progress.done < 3 or stop.set())
    assert 5 <= len(small.asked) < 12
    crawl(site.config)
    assert len(small.asked) in (12, 13), "the page in hand was not acknowledged"


# ---- a host that dies


def test_a_host_that_dies_is_left_alone_and_told_once_and_its_articles_stay(small: Any, place: Path) -> None:
    site = published(small, place, 20, give_up_after=2)
    site()
    for n in range(1, 21):
        small.pages[f"/news/{n}.html"] = Reply(b"down", status=503)
    site(timedelta(days=40))
    outcome, problems, _ = told(site)
    reasons = [problem.reason for problem in problems]
    assert (reasons.count("server_error"), reasons.count("host_left_alone")) == (8, 1)
    assert (site.run.outcome, outcome.outcome) == ("incomplete", "failed")
    assert outcome.problem is not None
    assert "8 requests in a row failed, the last by status 503" in outcome.problem
    states = [article.state for article in site.articles().values()]
    assert (states.count("error"), states.count("live")) == (8, 12)
    assert {article.version for article in site.articles().values()} == {1}
    assert len([path for path in small.asked if path.startswith("/news/")]) == 8


# ---- robots.txt


def test_robots_txt_is_read_once_a_day_over_all_runs(small: Any, place: Path) -> None:
    site = published(small, place, 5)
    small.pages["/robots.txt"] = RULES
    counts = []
    for after in (timedelta(0), 12 * HOUR, 11 * HOUR, 2 * HOUR):
        site(after)
        counts.append(small.asked.count("/robots.txt"))
    assert counts == [1, 0, 0, 1]


def test_rules_read_by_an_earlier_run_are_obeyed(small: Any, place: Path) -> None:
    site = published(small, place, 5)
    small.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/6.html\n", "text/plain")
    site()
    del small.pages["/robots.txt"]
    small.articles(range(6, 7))
    site.paged(downward(6))
    asked = site(HOUR)
    assert ("/robots.txt" in small.asked, "/news/6.html" in asked) == (False, False)
    assert [problem.reason for problem in told(site)[1]] == ["robots"]


def test_the_decision_is_kept_with_every_run_that_rests_on_it(small: Any, place: Path) -> None:
    site = published(small, place, 5, max_wait=0.0)
    small.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /x\nCrawl-delay: 2\n", "text/plain")
    site()
    read_at = site.now.isoformat(timespec="seconds")
    host = small.base.removeprefix("http://")
    ruled = Ruling(host, "rules", f"{small.base}/robots.txt", 200, read_at, 2.0, 0.0)
    assert told(site)[2] == [ruled]
    site(HOUR)
    assert told(site)[2] == [ruled]


@pytest.mark.parametrize(
    ("answer", "decision", "asked_again"),
    [
        (Reply(b"no", status=404), "allowed", False),
        (Reply(b"<html>no such page</html>"), "allowed", False),
        (Reply(b"", "text/plain"), "rules", False),
        (Reply(b"down", status=500), "unreachable", True),
        (Reply(b"slowly", status=429), "unreachable", True),
    ],
)
def test_what_could_not_be_read_is_asked_for_by_the_next_run(
    small: Any, place: Path, answer: Reply, decision: str, asked_again: bool
) -> None:
    site = published(small, place, 5)
    small.pages["/robots.txt"] = answer
    site()
    assert [ruling.decision for ruling in told(site)[2]] == [decision]
    small.pages["/robots.txt"] = RULES
    site(HOUR)
    assert ("/robots.txt" in small.asked) is asked_again
    assert len(site.articles()) == 5


def test_robots_rules_behind_a_redirect_are_known_to_the_next_run_too(small: Any, place: Path) -> None:
    site = published(small, place, 5)
    small.pages["/robots.txt"] = Reply(b"", status=302, headers=(("Location", "/rules.txt"),))
    small.pages["/rules.txt"] = Reply(b"User-agent: *\nDisallow: /news/1.html\n", "text/plain")
    site()
    asked = site(HOUR)
    assert not {"/robots.txt", "/rules.txt", "/news/1.html"} & {*small.asked, *asked}


def test_status_as_json_tells_what_robots_txt_allowed(small: Any, place: Path) -> None:
    site = published(small, place, 5)
    site()
    printed = CliRunner().invoke(main, ["status", "--archive", str(place), "--json"]).stdout
    (ruling,) = json.loads(printed)["robots"]
    assert (ruling["host"], ruling["decision"], ruling["status"]) == (
        small.base.removeprefix("http://"),
        "allowed",
        404,
    )


# ---- many names of one server


def test_the_names_of_one_server_are_asked_one_after_the_other_and_hold_up_no_other_site(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if host.endswith(".example") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr("scraper.crew.MAX_WORKERS", 3)
    before: list[int] = []

    def noted(_: FaultServer, sock: socket.socket) -> None:
        before.append(len(shared.asked))
        sock.sendall(answered(3))

    pages: dict[str, Answer] = {f"/{n}.htm": answered(n) for n in (1, 2, 3)}
    rows = "".join(f"<li><a href='/{n}.htm'>A story of some length, number {n}</a></li>" for n in (1, 2, 3))
    pages["/list.htm"] = reply(200, f"<ul class='news_list'>{rows}</ul>".encode(), "Content-Type: text/html")
    with FaultServer(pages) as shared, FaultServer(pages | {"/3.htm": noted}) as other:
        places = [(f"site{n}", shared) for n in range(6)] + [("other", other)]
        sites = tuple(
            {"name": name, "seeds": (server.url("/list.htm", f"{name}.example"),), "ports": (server.port,)}
            | {"allow_private": True, "delay": 0.01}
            for name, server in places
        )
        run = crawl(Config.model_validate({"archive": str(place), "sites": sites}))
    assert (run.outcome, run.counts["articles"]) == ("done", 21)
    assert shared.most_in_flight == 1
    assert before[0] < len(shared.asked) / 2  # the other site was read in the meantime
