"""What a run asks for when it knows most of a site already: the economy of requests, and its traps."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from scraper.config import Config
from scraper.crawl import crawl
from scraper.demo.reply import Reply
from scraper.recheck import bands
from scraper.settings import RECHECK, Recheck
from storage import Archive
from storage.records import Article, Band, Run

pytestmark = pytest.mark.usefixtures("catalogue")

START = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)  # the articles of the small site are of November
DAY = timedelta(days=1)
PDF = Reply(b"%PDF-1.4\n%%EOF\n", "application/pdf")


class Site:
    """A small site with a clock: each call is one run, and gives what that run asked for."""

    def __init__(self, small: Any, place: Path, **settings: Any) -> None:
        self.small, self.now = small, START
        self.config: Config = small.config(place, **({"recheck": RECHECK} | settings))
        self.run: Run

    def __call__(self, after: timedelta = DAY, **options: Any) -> Counter[str]:
        self.small.asked.clear()
        self.now += after
        self.run = crawl(self.config, now=lambda: self.now, **options)
        return Counter(target for target in self.small.asked if target != "/robots.txt")

    def articles(self) -> dict[str, Article]:
        with Archive.open(self.config.archive) as archive:
            return {article.url.removeprefix(self.small.base): article for article in archive.articles()}

    def changes(self) -> list[tuple[str, str]]:
        with Archive.open(self.config.archive) as archive:
            return [(c.kind, c.url.removeprefix(self.small.base)) for c in archive.changes()]

    def paged(self, numbers: list[int], size: int = 5) -> None:
        """Publish a list over several pages, /list.htm, /list.htm?page=2, …"""
        chunks = [numbers[at : at + size] for at in range(0, len(numbers), size)]
        for page, chunk in enumerate(chunks, 1):
            after = f"/list.htm?page={page + 1}" if page < len(chunks) else None
            self.small.listing("/list.htm" if page == 1 else f"/list.htm?page={page}", chunk, after)


@pytest.fixture
def site(small: Any, tmp_path: Path) -> Site:
    return Site(small, tmp_path / "archive")


def downward(first: int, last: int = 1) -> list[int]:
    return list(range(first, last - 1, -1))


# ---- economy


def test_a_run_in_which_nothing_changed_asks_for_the_first_page_of_the_list(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(20))
    assert sum(site().values()) == 24
    assert site(timedelta(hours=12)) == {"/list.htm": 1}
    assert site.run.counts["requests"] == 1  # its robots.txt was read half a day before
    assert site.run.counts["for_listings"] == 1


def test_what_requests_were_for_adds_up(site: Site) -> None:
    site.small.articles(range(1, 6), more='<p><a href="/files/plan.pdf">plan.pdf</a></p>')
    site.small.pages["/files/plan.pdf"] = PDF
    site.paged(downward(5))
    site()
    told = {name: count for name, count in site.run.counts.items() if name.startswith("for_")}
    assert told == {"for_robots": 1, "for_listings": 1, "for_articles": 5, "for_files": 5}
    assert sum(told.values()) == site.run.counts["requests"]


def test_new_articles_are_asked_for_and_the_walk_ends_at_known_ones(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(15))
    site()
    site.paged(downward(18))
    assert site(timedelta(hours=1)) == {
        "/list.htm": 1,
        "/list.htm?page=2": 1,
        "/news/16.html": 1,
        "/news/17.html": 1,
        "/news/18.html": 1,
    }


def test_an_article_is_looked_at_by_its_age(site: Site) -> None:
    site.small.articles([1, 19, 29])
    site.paged([29, 19, 1])
    site.now = datetime(2026, 11, 30, 1, 30, tzinfo=UTC)
    site()
    looks = Counter[str]()
    for _ in range(30):  # from 2 December on: 29 turns seven days old on the 6th, 19 a month on the 19th
        looks.update(site())
    assert looks["/news/29.html"] >= 28
    assert 18 <= looks["/news/19.html"] <= 22
    assert 3 <= looks["/news/1.html"] <= 5


def test_the_youngest_are_looked_at_first(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(20))
    site()
    site(60 * DAY)
    looked = [target for target in site.small.asked if target.startswith("/news/")]
    first_page, rest = looked[:5], looked[5:]
    assert first_page == [f"/news/{n}.html" for n in downward(20, 16)]
    assert rest == [f"/news/{n}.html" for n in downward(15)]


def test_an_edited_article_is_young_again(site: Site) -> None:
    site.config = site.small.config(site.config.archive, recheck=(Recheck(within=5, every=0),))
    site.small.articles([1])
    site.paged([1])
    site.now = datetime(2026, 11, 1, tzinfo=UTC)
    site()
    site.small.pages["/news/1.html"] = site.small.pages["/news/1.html"].replace("The second", "The last")
    site(3 * DAY)
    assert site.changes() == [("changed", "/news/1.html")]
    assert site(4 * DAY)["/news/1.html"] == 1
    assert site(4 * DAY)["/news/1.html"] == 0


def test_an_article_whose_line_on_the_list_changed_is_looked_at_at_once(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    page = site.small.pages["/list.htm"]
    site.small.pages["/list.htm"] = page.replace("number 3<", "number 3, corrected<")
    assert site(timedelta(hours=1)) == {"/list.htm": 1, "/news/3.html": 1}
    assert site(timedelta(hours=1)) == {"/list.htm": 1}


def test_what_gave_no_article_is_not_asked_for_in_every_run(site: Site) -> None:
    site.small.articles(range(1, 4))
    site.small.pages["/news/4.html"] = PDF
    site.paged(downward(5))  # 4 is a file, 5 is not there
    assert site()["/news/5.html"] == 1
    assert site(timedelta(hours=1)) == {"/list.htm": 1}
    site.small.articles(range(4, 6))
    site(60 * DAY)
    assert len(site.articles()) == 5


def test_a_failure_in_passing_is_tried_again_in_the_next_run(site: Site) -> None:
    site.small.articles(range(1, 4))
    site.small.pages["/news/2.html"] = Reply(b"<html>Sorry</html>", status=503)
    site.paged(downward(3))
    site()
    site.small.articles(range(1, 4))
    assert site(timedelta(hours=1)) == {"/list.htm": 1, "/news/2.html": 1}
    assert len(site.articles()) == 3


# ---- conditions


def test_known_pages_are_asked_for_on_condition_and_read_as_they_are_kept(site: Site) -> None:
    site.small.server.serves = ("etag",)
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    before = site.articles()
    site(60 * DAY)
    assert site.run.counts["not_modified"] == 6
    assert site.run.counts["same"] == 5
    assert site.changes() == []
    after = site.articles()
    assert {url: each.content_digest for url, each in after.items()} == {
        url: each.content_digest for url, each in before.items()
    }
    assert {each.last_seen for each in after.values()} == {site.now.isoformat(timespec="seconds")}


def test_a_304_is_kept_as_a_revisit_that_says_the_server_did_not_modify_it(site: Site) -> None:
    site.small.server.serves = ("etag",)
    site.small.articles([1])
    site.paged([1])
    site()
    site(60 * DAY)
    profiles = []
    for path in sorted(Path(site.config.archive).glob(f"warc/*-r{site.run.id}-*")):
        with path.open("rb") as file:
            profiles += [
                record.rec_headers["WARC-Profile"]
                for record in ArchiveIterator(file)
                if record.rec_type == "revisit"
            ]
    assert sum(profile.endswith("server-not-modified") for profile in profiles) == 2


def test_the_counter_is_asked_even_where_the_page_did_not_change(campus: Any, config: Config) -> None:
    crawl(config, sites=["hcu"])
    campus.requests.clear()
    run = crawl(config, sites=["hcu"])
    assert run.counts["not_modified"] > 0
    assert any("dynclicks" in target or "clicktimes" in target for _, _, target in campus.requests)


# ---- traps


def test_pinned_items_do_not_hide_new_ones(site: Site) -> None:
    site.small.articles(range(1, 29))
    site.paged([1, 2, 3, *downward(10, 4)], size=10)
    site()
    site.paged([1, 2, 3, *downward(28, 4)], size=10)
    site(timedelta(hours=1))
    assert len(site.articles()) == 28


def test_a_list_that_grows_at_its_end_is_walked_to_it(site: Site) -> None:
    site.small.articles(range(1, 19))
    site.paged(list(range(1, 16)))
    site()
    site.paged(list(range(1, 19)))
    site(timedelta(hours=1))
    assert len(site.articles()) == 18


def test_a_walk_that_was_cut_short_leaves_no_gap(site: Site) -> None:
    site.small.articles(range(1, 29))
    site.paged(downward(10))
    site()
    site.paged(downward(28))
    site.small.pages["/list.htm?page=3"] = Reply(b"<html>Bad Gateway</html>", status=502)
    site(timedelta(hours=1))
    assert site.run.outcome == "incomplete"
    assert len(site.articles()) == 20
    site.paged(downward(28))
    site(timedelta(hours=1))
    assert len(site.articles()) == 28
    assert sum(site(timedelta(hours=1)).values()) == 1


def test_a_walk_that_was_interrupted_leaves_no_gap(site: Site) -> None:
    site.small.articles(range(1, 29))
    site.paged(downward(10))
    site()
    site.paged(downward(28))
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        site(
            timedelta(hours=1),
            stop=stop,
            watch=lambda at: stop.set() if at.url.endswith("page=2") else None,
        )
    asked = site(timedelta(hours=1))
    assert "/list.htm" not in asked
    assert "/list.htm?page=6" not in asked, "it stops where the walk it goes on with would"
    assert len(site.articles()) == 28


def test_a_list_that_leads_back_to_itself_is_asked_once_a_run(site: Site) -> None:
    site.small.articles(range(1, 11))
    site.paged(downward(10))
    page = site.small.pages["/list.htm?page=2"]
    site.small.pages["/list.htm?page=2"] = page.replace(
        "</ul>", "</ul><div class='page'><a href='/list.htm'>下一页</a></div>"
    )
    site()
    assert site(timedelta(hours=1)) == {"/list.htm": 1}


def test_whole_walks_everything(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(20))
    site()
    assert sum(site(timedelta(hours=1), whole=True).values()) == 4


# ---- absence


def test_absence_is_proved_down_to_the_last_day_that_was_walked(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(20))
    site()
    site.paged([n for n in downward(20) if n not in (18, 3)])
    asked = site(timedelta(hours=1))
    assert asked == {"/list.htm": 1, "/news/18.html": 1}
    assert site.changes() == [("hidden", "/news/18.html")]
    site(timedelta(hours=1), whole=True)
    assert site.changes() == [("hidden", "/news/3.html")]


def test_a_hidden_article_is_looked_at_by_age_and_comes_back_when_it_is_listed(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    site.paged([5, 4, 2, 1])
    site(timedelta(hours=1))
    assert site(timedelta(hours=1)) == {"/list.htm": 1}
    site.paged(downward(5))
    site(timedelta(hours=1))
    assert site.changes() == [("restored", "/news/3.html")]


def test_a_missing_article_is_confirmed_by_the_next_run_and_then_left_alone(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    del site.small.pages["/news/3.html"]
    site.paged([5, 4, 2, 1])
    site(timedelta(hours=1))
    assert site.changes() == [("missing", "/news/3.html")]
    assert site(timedelta(hours=1))["/news/3.html"] == 1
    assert site.changes() == [("withdrawn", "/news/3.html")]
    assert site(timedelta(hours=1)) == {"/list.htm": 1}


def test_an_article_that_moved_to_another_section_goes_on_at_its_new_address(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.small.pages["/info/11/7.htm"] = site.small.pages["/news/5.html"]
    row = "<li><a href='/info/{}/7.htm'>A story that changes its section</a><span>2026-11-28</span></li>"
    site.small.listing("/list.htm", downward(4), more=row.format(11))
    site()
    site.small.pages["/info/12/7.htm"] = site.small.pages.pop("/info/11/7.htm")
    site.small.listing("/list.htm", downward(4), more=row.format(12))
    site(60 * DAY)
    assert site.changes() == []
    assert "/info/12/7.htm" in site.articles()
    assert site(60 * DAY)["/info/11/7.htm"] == 0


# ---- the schedule


def test_the_schedule_of_a_moment() -> None:
    noon = datetime(2026, 9, 20, 12, tzinfo=UTC)
    assert bands((Recheck(within=7, every=0), Recheck(every=30)), noon) == (
        Band("2026-09-13", "2026-09-20T12:00:00+00:00"),
        Band("", "2026-08-21T18:00:00+00:00"),
    )


def test_a_clock_that_was_wrong_does_not_put_an_article_off(site: Site) -> None:
    site.small.articles([1])
    site.paged([1])
    site(365 * DAY)
    assert site(-300 * DAY)["/news/1.html"] == 1


@pytest.mark.sqlite
def test_an_archive_of_the_schema_before_goes_on(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    catalog = Path(site.config.archive) / "catalog.sqlite"
    downgraded(catalog)
    assert sum(site(timedelta(hours=1)).values()) == 1
    assert len(site.articles()) == 5


def downgraded(catalog: Path) -> None:
    """Bring a catalogue back to schema 0002, with its rows."""
    with sqlite3.connect(catalog) as raw:
        for statement in (
            "DROP TABLE rulings",
            "DROP TABLE tallies",
            "ALTER TABLE warcs DROP COLUMN flaws",
            "DROP INDEX captures_lost",
            "ALTER TABLE captures DROP COLUMN lost",
            "DROP TABLE unread",
            "DROP INDEX articles_site_looked_at",
            "DROP INDEX listed_listing_id_run_id",
            "DROP INDEX frontier_run_id_state_host_place_site",
            "ALTER TABLE frontier DROP COLUMN place",
            "ALTER TABLE frontier DROP COLUMN turn",
            "ALTER TABLE runs DROP COLUMN kind",
            "ALTER TABLE listed DROP COLUMN rank",
            "ALTER TABLE versions DROP COLUMN compared",
            "ALTER TABLE articles DROP COLUMN looked_at",
            "ALTER TABLE listings DROP COLUMN whole",
            "ALTER TABLE listed DROP COLUMN line",
            "ALTER TABLE listed DROP COLUMN released",
            "UPDATE alembic_version SET version_num = '0002'",
        ):
            raw.execute(statement)
    raw.close()


# ---- what is left for later


def test_what_the_limit_of_a_run_left_is_asked_for_by_the_next(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(20))
    site.config = site.small.config(site.config.archive, max_requests=10, recheck=RECHECK)
    asked = [site(timedelta(hours=1)) for _ in range(4)]
    assert [site.run.outcome, max(map(len, asked))] == ["done", 10], "the first day one of them is robots.txt"
    articles = Counter(target for run in asked for target in run if target.startswith("/news/"))
    assert articles == Counter(f"/news/{n}.html" for n in range(1, 21))
    with Archive.open(site.config.archive) as archive:
        assert "`max_requests`" in (archive.sites(1)[0].problem or "")
        assert [problem.reason for problem in archive.problems(1)] == ["request_limit"]


def test_a_host_that_went_away_is_reported_once_and_its_articles_stay_as_they_were(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(20))
    site.config = site.small.config(site.config.archive, give_up_after=3)
    site()
    for number in range(1, 21):
        site.small.pages[f"/news/{number}.html"] = Reply(b"<html>Sorry</html>", status=503)
    site(60 * DAY)
    assert site.run.outcome == "incomplete"
    assert Counter(kind for kind, _ in site.changes()) == {"error": 12}, (
        "four busy answers count as one failure"
    )
    with Archive.open(site.config.archive) as archive:
        reasons = Counter(problem.reason for problem in archive.problems(2))
        assert reasons == {"server_error": 12, "host_left_alone": 1}
    site.small.articles(range(1, 21))
    site(timedelta(hours=1))
    assert {article.state for article in site.articles().values()} == {"live"}
