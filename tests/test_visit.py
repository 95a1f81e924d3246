"""One visit over loopback HTTP: what a page, a counter and a file gave, and every way they can fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scraper.demo.reply import Reply
from scraper.fetch import Fetcher
from scraper.frontier import Task
from scraper.manners import policies
from scraper.rulebook import Rulebook
from scraper.visit import Visit, visit

Visiting = Callable[..., Visit]
PDF = b"%PDF-1.4\n%%EOF\n"
FILE_LINK = '<p><a href="/files/plan.pdf">plan.pdf</a></p><img src="/files/a.png" alt="A">'


@pytest.fixture
def visiting(small: Any, tmp_path: Path) -> Iterator[Visiting]:
    """Visit a path of the small site: visiting("/news/1.html", "article", assets="none", ...)."""
    fetchers = []

    def go(path: str, kind: str = "article", release_time: str | None = None, **settings: Any) -> Visit:
        config = small.config(tmp_path / "archive", **settings)
        fetchers.append(Fetcher(policies(config, config.sites, "test/1"), now=lambda: datetime.now(UTC)))
        seed = config.sites[0].seeds[0].url
        task = Task("small", kind, small.base + path, seed, release_time=release_time)  # type: ignore[arg-type]
        return visit(task, config.sites[0], fetchers[-1], Rulebook())

    yield go
    for fetcher in fetchers:
        fetcher.close()


def test_an_article_comes_with_its_evidence_and_its_files(small: Any, visiting: Visiting) -> None:
    small.articles(range(1, 2), more=FILE_LINK)
    small.pages["/files/plan.pdf"] = Reply(PDF, "application/pdf; name=x")
    came = visiting("/news/1.html")
    assert came.article is not None
    assert (came.look, came.problem, came.failures) == ("seen", None, ())
    assert came.evidence is not None
    assert came.evidence.url.endswith("/news/1.html")
    [file] = came.article.attachments
    assert (file.media_type, file.size) == ("application/pdf", len(PDF))
    assert file.sha256 == hashlib.sha256(PDF).hexdigest()


@pytest.mark.parametrize(
    ("assets", "asked"),
    [("none", set()), ("content", {"/files/plan.pdf"}), ("all", {"/files/plan.pdf", "/files/a.png"})],
)
def test_only_the_wanted_files_are_asked_for(
    small: Any, visiting: Visiting, assets: str, asked: set[str]
) -> None:
    small.articles(range(1, 2), more=FILE_LINK)
    visiting("/news/1.html", assets=assets)
    assert {path for path in small.asked if path.startswith("/files/")} == asked


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"gone", "text/plain", status=404),
        Reply("<html><body>请输入验证码</body></html>".encode()),
        Reply(b"", "text/html", status=302, headers=(("Location", "/files/plan.pdf"),)),
    ],
)
def test_a_file_that_cannot_be_had_is_a_lesser_failure(small: Any, visiting: Visiting, reply: Reply) -> None:
    small.articles(range(1, 2), more=FILE_LINK)
    small.pages["/files/plan.pdf"] = reply
    came = visiting("/news/1.html")
    assert came.article is not None
    assert came.problem is None
    assert len(came.failures) == 1
    assert came.article.attachments[0].sha256 is None


@pytest.mark.parametrize(
    ("reply", "reason", "look"),
    [
        (Reply(b"x", status=404), "not_found", "gone"),
        (Reply(b"x", status=410), "gone", "gone"),
        (Reply(b"x", status=403), "forbidden", "blocked"),
        (Reply(b"x", status=412), "js_challenge", "blocked"),
        (Reply(b"x", status=503), "server_error", "error"),
        (Reply("<html><body>您访问的页面不存在</body></html>".encode()), "soft_error", "gone"),
        (Reply("<html><body>仅限校内访问</body></html>".encode()), "intranet_only", "blocked"),
        (Reply(PDF, "application/pdf"), "pdf_bytes", "error"),
        (Reply(b"", "text/html", status=302, headers=(("Location", "/"),)), "home_page", "gone"),
    ],
)
def test_a_page_that_is_no_article_says_what_that_tells_of_the_article(
    small: Any, visiting: Visiting, reply: Reply, reason: str, look: str
) -> None:
    small.pages |= {
        "/news/1.html": reply,
        "/": "<html><body><h1>Home of a small university</h1></body></html>",
    }
    came = visiting("/news/1.html")
    assert came.article is None
    assert came.problem is not None
    assert (came.problem.reason, came.look) == (reason, look)
    assert came.exchanges


def test_the_date_of_the_list_serves_where_the_article_prints_none(small: Any, visiting: Visiting) -> None:
    small.articles(range(1, 2))
    small.pages["/news/1.html"] = small.pages["/news/1.html"].replace("2026-11-01", "")
    came = visiting("/news/1.html", release_time="2026-11-09")
    assert came.article is not None
    assert (came.article.release_time, came.article.provenance["release_time"]) == ("2026-11-09", "listing")


def test_a_look_at_an_article_no_list_shows_is_told_from_seeing_it(small: Any, visiting: Visiting) -> None:
    small.articles(range(1, 2))
    assert visiting("/news/1.html", "look").look == "unlisted"


def test_a_list_is_read_and_an_empty_one_is_a_problem(small: Any, visiting: Visiting) -> None:
    small.listing("/list.htm", range(1, 6), next_path="/list2.htm")
    came = visiting("/list.htm", "listing")
    assert came.listing is not None
    assert (len(came.listing.items), came.listing.next) == (5, f"{small.base}/list2.htm")
    small.pages["/list.htm"] = "<html><body><h1>News</h1><p>There is none yet, come later.</p></body></html>"
    problem = visiting("/list.htm", "listing").problem
    assert problem is not None
    assert problem.reason == "empty_listing"


def test_a_page_robots_txt_forbids_is_not_asked_for(small: Any, visiting: Visiting) -> None:
    small.articles(range(1, 2))
    small.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/\n", "text/plain")
    came = visiting("/news/1.html")
    assert came.problem is not None
    assert (came.problem.reason, came.look) == ("robots", "blocked")
    assert "/news/1.html" not in small.asked
