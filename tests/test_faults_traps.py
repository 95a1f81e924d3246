"""Pages without end and pages that break readers: each case of FAULTS.md's section `html & crawler traps`.

A trap is a site that makes pages as long as somebody asks for them. A crawl of it ends by itself, in few
requests, keeps what is real once, says the name of what stopped it, and judges nothing by its absence.
"""

from __future__ import annotations

import logging
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scraper import discover, extract
from scraper.crawl import crawl
from scraper.demo.reply import Reply, Request
from scraper.run_report import run_report
from scraper.traps import trap
from scraper.wrapping import to_text
from storage import Archive
from storage.records import Article, Run, SiteOutcome

from .conftest import TITLE, SmallSite

PAGER = "<div class='page'><a href='{}'>下一页</a></div>"
TEXT = "<p>A paragraph of some length about what went on here, so that it is a body.</p>" * 4


class Maze(SmallSite):
    """A site whose pages are made when they are asked for, as long as somebody asks."""

    made: Callable[[str], str | None] = staticmethod(lambda target: None)

    def _respond(self, request: Request, target: str) -> Reply:
        if target not in self.pages and (page := self.made(target)) is not None:
            self.asked.append(target)
            return Reply(page.encode())
        return super()._respond(request, target)


@pytest.fixture
def maze() -> Iterator[Maze]:
    site = Maze()
    with site.server:
        yield site


@dataclass
class Told:
    """What a crawl of a trap left."""

    run: Run
    site: SiteOutcome
    names: Counter[str]
    articles: list[Article]
    summary: str


def crawled(site: SmallSite, directory: Path, **settings: Any) -> Told:
    run = crawl(site.config(directory / "archive", **settings))
    with Archive.open(directory / "archive") as archive:
        (outcome,) = archive.sites(run.id)
        problems = list(archive.problems(run.id))
        names = Counter(problem.reason for problem in problems)
        summary = to_text(run_report(run, [outcome], {}, names))
        return Told(run, outcome, names, list(archive.articles()), summary)


def story(title: str, day: str = "2026-11-03") -> str:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{day}</p>{TEXT}</body></html>"


def listing(links: list[tuple[str, str]], following: str | None) -> str:
    rows = "".join(f"<li><a href='{url}'>{title}</a><span>2026-11-03</span></li>" for url, title in links)
    pager = PAGER.format(following) if following else ""
    return f"<html><body><ul class='news_list'>{rows}</ul>{pager}</body></html>"


# ---- pages without end


def calendar(target: str) -> str | None:
    """Every month has events, and a month after it."""
    asked = parse_qs(urlsplit(target).query)
    month = int(asked.get("month", ["1"])[0])
    if "event" in asked:
        return story(f"An event of some length in month {month}, no. {asked['event'][0]}")
    links = [
        (f"/calendar?month={month}&event={n}", f"An event of some length in month {month}, no. {n}")
        for n in (1, 2, 3)
    ]
    return listing(links, f"/calendar?month={month + 1}")


def test_an_endless_calendar_ends_at_max_pages_and_says_so(maze: Maze, tmp_path: Path) -> None:
    maze.made = calendar
    told = crawled(maze, tmp_path, seeds=[f"{maze.base}/calendar"], max_pages=6)
    assert (told.run.outcome, told.run.counts["listings"], len(told.articles)) == ("done", 6, 18)
    assert told.names == {"max_pages": 1}
    assert "max_pages" in told.summary
    maze.asked.clear()
    assert crawled(maze, tmp_path, seeds=[f"{maze.base}/calendar"], max_pages=6, recheck=[]).names == {}
    assert len(maze.asked) <= 2, "what lies beyond is not walked to in every run"


def growing(target: str) -> str | None:
    """`news/` in `news/` in `news/`: links written relative, and a server that takes any path."""
    if target.endswith("/list.htm"):
        return listing([(f"news/{n}.htm", f"{TITLE} {n}") for n in range(5)], "news/list.htm")
    number = target.rpartition("/")[2].removesuffix(".htm")
    return story(f"{TITLE} {number}") if number.isdigit() else None


def test_folders_that_repeat_are_not_followed(maze: Maze, tmp_path: Path) -> None:
    maze.made = growing
    told = crawled(maze, tmp_path, seeds=[f"{maze.base}/list.htm"])
    assert told.run.outcome == "done"
    assert "path_loop" in told.names
    assert len(maze.asked) < 20
    assert "same folders again and again" in told.summary


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/a/a/1.htm", "path_loop"),
        ("/x/news/in/news/in/news/in/1.htm", "path_loop"),
        ("/news/1/news/1/news/1/", "path_loop"),
        ("/a/a/1.htm", None),
        ("/2011/11/11/11.htm", None),
        ("/11/11/11/11.htm", None),
        ("/info/1011/1011.htm", None),
        ("/" + "/".join(f"f{n}" for n in range(60)), "endless_address"),
        ("/a?" + "x" * 3_000, "endless_address"),
        ("/2023/0923/c2041a30117/page.htm", None),
    ],
)
def test_a_trap_is_told_by_its_address(path: str, name: str | None) -> None:
    assert trap(f"http://news.example.edu{path}") == name


SESSIONS = {
    "jsessionid": lambda url, at: f"{url};jsessionid={at:032X}",
    "PHPSESSID": lambda url, at: f"{url}?PHPSESSID={at:026x}",
    "sid": lambda url, at: f"{url}?sid={at:032x}",
    "asp": lambda url, at: f"/(S({at:024x})){url}",
    "cfid": lambda url, at: f"{url}?CFID={at}&CFTOKEN={at * 7}",
}


@pytest.mark.parametrize("name", SESSIONS)
def test_an_article_is_one_whatever_session_its_address_names(name: str, maze: Maze, tmp_path: Path) -> None:
    """Every answer names a new session in every link, and the second page lists most of the first again."""
    count = iter(range(10**6, 10**9))

    def named(url: str) -> str:
        return SESSIONS[name](url, next(count))

    def made(target: str) -> str | None:
        path = re.sub(r"/\(S\(\w+\)\)|;jsessionid=\w+", "", urlsplit(target).path)
        if "list" in path:
            first, following = (0, named("/list2.htm")) if path == "/list.htm" else (2, None)
            rows = [(named(f"/news/{n}.htm"), f"{TITLE} {n}") for n in range(first, first + 5)]
            return listing(rows, following)
        return story(f"{TITLE} {path}") if path.startswith("/news/") else None

    maze.made = made
    for _ in range(2):
        told = crawled(maze, tmp_path)
        assert (told.run.outcome, len(told.articles)) == ("done", 7)
        assert told.run.counts["for_articles" if told.run.id == 1 else "for_looks"] == 7
    assert not any(
        word in article.url.lower() for article in told.articles for word in ("sess", "sid", "(s(")
    )


def test_a_short_sid_is_a_section_and_no_session() -> None:
    from scraper.urls import canonical

    for query in ("sid=12", "sid=news", "s=a-search-for-graduates", "sessionid=1"):
        assert canonical(f"http://a.example.edu/list?{query}").endswith(query)


def test_lists_that_lead_to_each_other_end(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 11))
    small.listing("/list.htm", range(1, 6), next_path="/b.htm")
    small.listing("/b.htm", range(6, 11), next_path="/list.htm")
    told = crawled(small, tmp_path)
    assert (told.run.outcome, told.run.counts["listings"], len(told.articles)) == ("done", 2, 10)


def test_a_list_that_is_its_own_next_page_under_ever_new_addresses_ends_and_says_so(
    maze: Maze, tmp_path: Path
) -> None:
    count = iter(range(2, 10**6))
    rows = [(f"/news/{n}.html", f"{TITLE} {n}") for n in range(1, 6)]
    maze.articles(range(1, 6))
    maze.made = lambda target: listing(rows, f"/list.htm?t={next(count)}") if "list" in target else None
    told = crawled(maze, tmp_path)
    assert (told.run.outcome, told.run.counts["listings"], len(told.articles)) == ("done", 2, 5)
    assert told.names == {"repeated_listing": 1}


def test_indexes_of_indexes_of_sitemaps_without_end_stop_at_max_pages(maze: Maze, tmp_path: Path) -> None:
    """`max_pages` counts what was asked for from a seed, not how deep it went: a wide index is a trap too."""
    count = iter(range(10**9))

    def made(target: str) -> str | None:
        entries = "".join(
            f"<sitemap><loc>{maze.base}/sitemap-{next(count)}.xml</loc></sitemap>" for _ in range(9)
        )
        return f"<sitemapindex>{entries}</sitemapindex>" if "sitemap" in target else None

    maze.made = made
    told = crawled(maze, tmp_path, seeds=[f"{maze.base}/sitemap.xml"], max_pages=20)
    assert told.run.counts["listings"] == 20
    assert told.names == {"max_pages": 1}


def test_articles_that_go_on_without_end_are_read_in_bounded_requests(maze: Maze, tmp_path: Path) -> None:
    def made(target: str) -> str | None:
        if not target.startswith("/news/"):
            return None
        number = int(target.rpartition("_")[2].removesuffix(".htm")) if "_" in target else 1
        onward = f"<div class='page'><a href='/news/1_{number + 1}.htm'>下一页</a></div>"
        return story(TITLE).replace("</body>", onward + "</body>")

    maze.made = made
    maze.pages["/list.htm"] = listing([("/news/1.htm", TITLE)], None)
    told = crawled(maze, tmp_path)
    assert len(maze.asked) < 60
    assert len(told.articles) + told.names.total() >= 1


# ---- pages that break readers: each costs itself, in bounded time and memory


ARTICLE = story(TITLE).encode()
HOSTILE: dict[str, Callable[[], bytes]] = {
    "/m/deep": lambda: ARTICLE.replace(b"</body>", b"<div>" * 200_000 + b"deep"),
    "/m/50mb": lambda: ARTICLE.replace(b"</body>", b"<p>" + b"word " * 10_000_000),
    "/m/unclosed comment": lambda: ARTICLE.replace(b"</body>", b"<!-- " + b"x" * 1_000_000),
    "/m/unclosed script": lambda: ARTICLE.replace(b"</body>", b"<script>" + b"x" * 1_000_000),
    "/m/unclosed title": lambda: b"<html><head><title>" + b"x" * 1_000_000,
    "/m/regex-dos spaces": lambda: ARTICLE.replace(b"2026-11-03", b"2026-" + b" " * 50_000 + b"11-03"),
    "/m/regex-dos digits": lambda: ARTICLE.replace(b"2026-11-03", b"2026-11-03" + b"1" * 50_000),
    "100,000 links": lambda: ARTICLE.replace(b"</body>", b"<a href=/x>y</a>" * 100_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_breaks_readers_is_read_or_refused_in_bounded_time(name: str) -> None:
    body = HOSTILE[name]()
    for read in (extract, discover):
        began = time.process_time()
        read(body, "http://news.example.edu/2026/1103/c1a1/page.htm")
        assert time.process_time() - began < 5, read.__name__  # an instant, but the machine may be busy


def test_a_page_over_the_cap_is_refused_unread(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 6))
    small.listing("/list.htm", range(1, 6))
    small.pages["/news/3.html"] = Reply(b"<html>" + b"word " * 10_000_000)
    tracemalloc.start()
    told = crawled(small, tmp_path, max_bytes=2_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (told.names, len(told.articles)) == ({"too_large": 1}, 4)
    assert peak < 80_000_000, "the server's 50 MB, and no second copy"


def test_one_bad_item_never_fails_its_list(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 9))
    bad = ("javascript:alert(1)", "http://[::1", "/news/%zz%.html", "mailto:a@example.edu", "//:0/", "?\x00")
    rows = "".join(f"<li><a href='{url}'>{TITLE} with a bad address</a></li>" for url in bad)
    small.listing("/list.htm", range(1, 9), more=rows)
    for number, name in enumerate(HOSTILE, 1):
        if name != "/m/50mb":
            small.pages[f"/news/{number}.html"] = Reply(HOSTILE[name]())
    told = crawled(small, tmp_path)
    assert told.site.outcome == "done"
    assert len(told.articles) >= 3
    assert len(told.articles) + told.names.total() >= 8, "each was read, or is named"


def test_an_empty_answer_is_named_and_the_record_stays(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 6))
    small.listing("/list.htm", range(1, 6))
    before = crawled(small, tmp_path).articles
    small.pages["/news/3.html"] = Reply(b"")
    told = crawled(small, tmp_path)
    assert told.names == {"empty": 1}
    kept = {article.url: article for article in told.articles}[f"{small.base}/news/3.html"]
    assert (kept.state, kept.version) == ("error", 1)
    assert [article.body for article in told.articles] == [article.body for article in before]


@pytest.mark.parametrize("base", ["http://127.0.0.1:1/", "javascript:alert(1)//", "file:///etc/", "http://["])
def test_a_base_that_leads_astray_gains_nothing(base: str, small: Any, tmp_path: Path) -> None:
    """Links are resolved as a browser does, then scope and the guard of addresses say no."""
    small.articles(range(1, 6))
    small.listing("/list.htm", range(1, 6))
    small.pages["/list.htm"] = f"<base href='{base}'>" + small.pages["/list.htm"]
    small.pages["/news/1.html"] = f"<base href='{base}'>" + small.pages["/news/1.html"].replace(
        "</div>", "<a href='secret.pdf'>A file</a></div>"
    )
    told = crawled(small, tmp_path)
    assert all(article.url.startswith(small.base) for article in told.articles)
    assert all(
        re.match(r"/(robots\.txt|list\.htm|news/(\d\.html|secret\.pdf))$", path) for path in small.asked
    )


EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\x07\u202e\r\nDate: today"


def test_a_title_that_is_code_is_text_wherever_a_person_looks(
    small: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from scraper.markdown import to_markdown
    from scraper.report import article_lines

    shown = EVIL.replace("<", "&lt;")
    small.pages["/list.htm"] = listing([("/news/1.html", shown)], None)
    small.pages["/news/1.html"] = story(shown).replace("<p>", f"<p>{EVIL}<a href='javascript:x()'>go</a>", 1)
    with caplog.at_level(logging.INFO):
        (article,) = crawled(small, tmp_path).articles
    assert not re.search(r"<script|<[^>]+onerror|javascript:", article.body_html)
    for text in (to_text(article_lines(article)), to_markdown(article), caplog.text):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text.replace("\r\n", "\n"))
    assert "\n" not in article.title


# ---- bugs of our own


def test_a_bug_of_ours_costs_the_page_it_happens_on(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In the worker that reads, and in the one writer behind all workers: what it wrote is taken back."""
    from scraper import visit

    small.articles(range(1, 11))
    small.listing("/list.htm", range(1, 11))
    before = crawled(small, tmp_path)
    assert len(before.articles) == 10
    small.articles(range(1, 11), more="<p>One more sentence stands in every one of them now.</p>")

    def broken(real: Callable[..., Any], address: str) -> Callable[..., Any]:
        def wrapped(self: Any, *arguments: Any, **more: Any) -> Any:
            made = real(self, *arguments, **more)
            if any(str(getattr(each, "url", "")).endswith(address) for each in (self, *arguments)):
                raise ZeroDivisionError("a bug")
            return made

        return wrapped

    monkeypatch.setattr(visit, "dated", broken(visit.dated, "/news/2.html"))
    monkeypatch.setattr(Archive, "put", broken(Archive.put, "/news/4.html"))
    told = crawled(small, tmp_path)
    assert told.names == {"internal_error": 2}
    states = {article.url.rpartition("/")[2]: (article.state, article.version) for article in told.articles}
    assert states.pop("2.html") == states.pop("4.html") == ("error", 1)
    assert set(states.values()) == {("live", 2)}
    assert "please report it" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    healed = crawled(small, tmp_path)
    assert {(article.state, article.version) for article in healed.articles} == {("live", 2)}


def test_a_bug_of_ours_on_a_list_costs_that_list(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scraper.lists import Lists

    small.articles(range(1, 11))
    small.listing("/list.htm", range(1, 6))
    small.listing("/other.htm", range(6, 11))
    seeds = [f"{small.base}/list.htm", f"{small.base}/other.htm"]
    crawled(small, tmp_path, seeds=seeds)
    real = Lists._go_on

    def broken(self: Lists, task: Any, *arguments: Any) -> None:
        if task.url.endswith("/list.htm"):
            raise ZeroDivisionError("a bug")
        real(self, task, *arguments)

    monkeypatch.setattr(Lists, "_go_on", broken)
    small.listing("/list.htm", range(1, 3))
    told = crawled(small, tmp_path, seeds=seeds)
    assert (told.run.outcome, told.names) == ("incomplete", {"internal_error": 1})
    assert {article.state for article in told.articles} == {"live"}, "nothing is absent from a list not read"
