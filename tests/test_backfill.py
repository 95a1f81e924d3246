"""Walking a site's lists back to what lies before: complete, whatever moves, and never twice."""

from __future__ import annotations

import json
import re
import shlex
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.config import Config
from scraper.crawl import backfill, crawl
from scraper.demo.reply import Reply
from scraper.errors import ConfigError
from scraper.settings import RECHECK
from storage import Archive
from storage.records import Run

pytestmark = pytest.mark.usefixtures("catalogue")

NOW = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)
SIZE = 5


class Paper:
    """A list over pages of five, newest first, numbered forward or from its end; it can move while walked."""

    def __init__(self, small: Any, place: Path, *, backwards: bool = False, told: bool = True) -> None:
        self.small, self.backwards, self.told = small, backwards, told
        self.numbers: list[int] = []
        self.config: Config = small.config(place, max_pages=2, recheck=RECHECK)
        self.run: Run
        self.now = NOW
        self.when: dict[int, Callable[[], None]] = {}  # what happens at which listing page asked for
        respond = small.server.respond

        def moving(request: Any, target: str) -> Reply:
            if target.startswith("/list"):
                (self.when.pop(sum(t.startswith("/list") for t in small.asked), None) or (lambda: None))()
            return respond(request, target)  # type: ignore[no-any-return]

        small.server.respond = moving

    def publish(self, numbers: list[int]) -> None:
        self.numbers = numbers
        pages = -(-len(numbers) // SIZE)
        self.small.articles(numbers)
        for path in [path for path in self.small.pages if path.startswith("/list")]:
            del self.small.pages[path]
        for page in range(1, pages + 1):
            here = numbers[(page - 1) * SIZE : page * SIZE]
            after = self.address(page + 1, pages) if page < pages else None
            self.small.listing(self.address(page, pages), here, after, self.totals())

    def totals(self) -> str:
        return f"</ul><div class='pages'>共{len(self.numbers)}条</div><ul>" if self.told else ""

    def address(self, page: int, pages: int) -> str:
        if page == 1:
            return "/list.htm"
        return f"/list/{pages - page + 1}.htm" if self.backwards else f"/list{page}.htm"

    def fill(self, **options: Any) -> Counter[str]:
        self.small.asked.clear()
        self.run = backfill(self.config, "small", now=lambda: self.now, **options)
        return Counter(target for target in self.small.asked if target != "/robots.txt")

    def crawl(self) -> Counter[str]:
        self.small.asked.clear()
        self.now += timedelta(hours=1)
        self.run = crawl(self.config, now=lambda: self.now)
        return Counter(target for target in self.small.asked if target != "/robots.txt")

    def kept(self) -> set[int]:
        with Archive.open(self.config.archive) as archive:
            return {int(a.url.rpartition("/")[2].removesuffix(".html")) for a in archive.articles()}

    def coverage(self) -> dict[str, float]:
        with Archive.open(self.config.archive) as archive:
            (coverage,) = archive.sites(self.run.id)[0].coverage.values()
        return coverage


@pytest.fixture(params=[False, True], ids=["forward", "backwards"])
def paper(request: pytest.FixtureRequest, small: Any, tmp_path: Path) -> Paper:
    return Paper(small, tmp_path / "archive", backwards=request.param)


def downward(first: int, last: int = 1) -> list[int]:
    return list(range(first, last - 1, -1))


def test_a_backfill_walks_past_the_pages_of_a_crawl_and_says_how_complete_it_is(paper: Paper) -> None:
    paper.publish(downward(28))
    paper.crawl()
    assert len(paper.kept()) == 10
    asked = paper.fill()
    assert paper.kept() == set(range(1, 29))
    assert (paper.run.kind, paper.run.outcome) == ("backfill", "done")
    assert (paper.coverage()["items"], paper.coverage()["total_items"]) == (28, 28)
    articles = [target for target in asked if target.startswith("/news/")]
    assert sorted(articles) == sorted(f"/news/{n}.html" for n in range(1, 19)), "what is known is left alone"
    assert asked["/list.htm"] == 2, "once more at the end, to see whether it moved"


def test_a_second_backfill_finds_nothing_left(paper: Paper) -> None:
    paper.publish(downward(28))
    paper.fill()
    assert not [target for target in paper.fill() if target.startswith("/news/")]


def test_the_crawl_after_a_backfill_ends_at_what_is_known(paper: Paper) -> None:
    paper.publish(downward(28))
    paper.fill()
    assert [target for target in paper.crawl() if target.startswith("/list")] == ["/list.htm"]


@pytest.mark.parametrize("more", [1, 3, 5, 7])
def test_items_added_while_it_walks_are_neither_skipped_nor_taken_twice(paper: Paper, more: int) -> None:
    paper.publish(downward(23))
    paper.when[3] = lambda: paper.publish(downward(23 + more))
    asked = paper.fill()
    assert paper.kept() == set(range(1, 24 + more))
    assert {count for target, count in asked.items() if target.startswith("/news/")} == {1}
    assert paper.coverage()["items"] == 23 + more


def test_items_removed_while_it_walks_do_not_pull_others_past_it(paper: Paper) -> None:
    paper.publish(downward(23))
    paper.when[3] = lambda: paper.publish([n for n in downward(23) if n not in (21, 22)])
    paper.fill()
    assert set(range(1, 21)) <= paper.kept()


def test_a_list_that_tells_no_total_is_watched_by_its_first_page(small: Any, tmp_path: Path) -> None:
    paper = Paper(small, tmp_path / "archive", backwards=True, told=False)
    paper.publish(downward(25))
    paper.when[3] = lambda: paper.publish(downward(26))
    paper.fill()
    assert paper.kept() == set(range(1, 27))
    assert "total_items" not in paper.coverage()


def test_a_list_that_never_stands_still_ends_all_the_same(paper: Paper) -> None:
    paper.publish(downward(10))
    paper.when = {n: (lambda n=n: paper.publish(downward(10 + n))) for n in range(2, 60)}  # type: ignore[misc]
    asked = paper.fill()
    assert sum(count for target, count in asked.items() if target.startswith("/list")) < 40


def test_it_stops_at_a_day_and_takes_nothing_older(paper: Paper) -> None:
    paper.publish(downward(28))
    asked = paper.fill(since="2026-11-20")
    assert paper.kept() == set(range(20, 29))
    assert sum(target.startswith("/list") for target in asked) == 3, "down to the first page that is older"


def test_it_takes_only_what_lies_before_a_day(paper: Paper) -> None:
    paper.publish(downward(28))
    paper.fill(since="2026-11-10", until="2026-11-12")
    assert paper.kept() == {10, 11, 12}


def test_a_pinned_old_item_does_not_end_the_walk(paper: Paper) -> None:
    paper.publish([1, 2, *downward(28, 3)])
    paper.fill(since="2026-11-10")
    assert paper.kept() == set(range(10, 29))


def test_pages_can_be_limited_and_the_crawl_still_walks_on(paper: Paper) -> None:
    paper.publish(downward(28))
    paper.fill(max_pages=1)
    assert len(paper.kept()) == 5
    paper.crawl()
    assert len(paper.kept()) == 10, "as far as its own `max_pages`"


def test_what_gave_no_article_is_counted(paper: Paper) -> None:
    paper.publish(downward(12))
    paper.small.pages["/news/4.html"] = Reply(b"%PDF-1.4\n%%EOF\n", "application/pdf")
    paper.fill()
    assert (paper.coverage()["items"], paper.coverage()["unread"]) == (12, 1)


def test_a_backfill_goes_on_where_it_was_interrupted_and_a_crawl_in_between_takes_nothing_from_it(
    paper: Paper,
) -> None:
    paper.publish(downward(28))
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        paper.fill(stop=stop, watch=lambda at: stop.set() if at.url.endswith("/news/15.html") else None)
    first = Counter(target for target in paper.small.asked if target.startswith("/news/"))
    paper.crawl()
    assert paper.run.kind == "crawl"
    second = paper.fill()
    assert paper.kept() == set(range(1, 29))
    assert not [t for t in second if t.startswith("/news/") and first[t] and t != "/news/14.html"][1:]


def test_an_unknown_section_is_refused_with_those_there_are(paper: Paper) -> None:
    with pytest.raises(ConfigError, match=r"no section 'Sport'.*/list\.htm"):
        paper.fill(section="Sport")


def test_the_command_tells_what_was_met(paper: Paper, tmp_path: Path) -> None:
    paper.publish(downward(12))
    port = paper.small.base.rpartition(":")[2]
    config = tmp_path / "config.yaml"
    config.write_text(
        f"archive: {paper.config.archive}\nsites:\n  - name: small\n    allow_private: true\n    delay: 0\n"
        f"    ports: [{port}]\n    seeds: [{{url: '{paper.small.base}/list.htm', section: News}}]\n",
        encoding="utf-8",
    )
    runner = CliRunner()
    told = runner.invoke(main, ["backfill", "small", "-c", str(config), "--section", "News"])
    assert told.exit_code == 0
    assert f"12 of 12 items met: {paper.small.base}/list.htm" in told.output
    again = runner.invoke(main, ["backfill", "small", "-c", str(config), "--json", "--since", "2026-11-01"])
    assert json.loads(again.output)["run"]["kind"] == "backfill"
    wrong = runner.invoke(main, ["backfill", "small", "-c", str(config), "--since", "last week"])
    assert wrong.exit_code == 2


GUIDE = (Path(__file__).parents[1] / "docs" / "backfill.md").read_text("utf-8")


@pytest.mark.parametrize("line", re.findall(r"^campusnews backfill [^#\n]+", GUIDE, re.MULTILINE))
def test_a_command_of_the_guide_is_one(line: str) -> None:
    name, *arguments = shlex.split(line)[1:]
    command = main.commands[name]
    assert command.make_context(name, arguments).params["site"] == "szqu"
