"""The files of an article: asked for once while nothing changes, within caps, described in the record."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.assets import dressing, shown
from scraper.config import Config
from scraper.crawl import crawl
from scraper.demo.reply import Reply
from scraper.page import Page
from storage import Archive
from storage.records import Article, Attachment, Run

pytestmark = pytest.mark.usefixtures("catalogue")

START = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)
PDF = Reply(b"%PDF-1.4\n%%EOF\n", "application/pdf")
LINK = '<p><a href="/files/plan.pdf">plan.pdf</a></p>'
PICTURE = '<p><img src="/img/hall.jpg" alt="The hall"></p>'
SIZE = len(PDF.body)


class Site:
    """The small site, day after day: each call is a run and gives the files it asked for."""

    def __init__(self, small: Any, place: Path) -> None:
        self.small, self.place, self.now = small, place, START
        self.run: Run

    def __call__(self, **settings: Any) -> Counter[str]:
        self.config: Config = self.small.config(self.place, **settings)
        self.small.asked.clear()
        self.now += timedelta(days=1)
        self.run = crawl(self.config, now=lambda: self.now)
        return Counter(
            target for target in self.small.asked if target.startswith(("/files/", "/img/", "/css/"))
        )

    def publish(self, count: int = 1, more: str = LINK) -> None:
        self.small.articles(range(1, count + 1), more=more)
        self.small.listing("/list.htm", range(1, count + 1))

    def article(self, number: int = 1) -> Article:
        with Archive.open(self.place) as archive:
            return next(each for each in archive.articles() if each.url.endswith(f"/{number}.html"))

    def file(self) -> Attachment:
        [file] = self.article().attachments
        return file

    def problems(self) -> list[tuple[str, str]]:
        with Archive.open(self.place) as archive:
            return [
                (each.url.removeprefix(self.small.base), each.reason)
                for each in archive.problems(self.run.id)
            ]

    def captured(self, path: str) -> int | None:
        with Archive.open(self.place) as archive:
            capture = archive.kept(self.small.base + path)
            return capture.status if capture else None


@pytest.fixture
def site(small: Any, tmp_path: Path) -> Site:
    small.pages["/files/plan.pdf"] = PDF
    for path in ("/img/hall.jpg", "/img/logo.png"):
        small.pages[path] = Reply(b"\xff\xd8\xff", "image/jpeg")
    small.pages["/css/site.css"] = Reply(b"body { color: black }", "text/css")
    return Site(small, tmp_path / "archive")


# ---- once


def test_a_file_is_described_in_the_record_and_counted(site: Site) -> None:
    site.publish()
    assert site() == {"/files/plan.pdf": 1}
    file = site.file()
    assert (file.name, file.media_type, file.size) == ("plan.pdf", "application/pdf", SIZE)
    assert file.sha256 == hashlib.sha256(PDF.body).hexdigest()
    assert site.run.counts["for_files"] == 1
    assert site.captured("/files/plan.pdf") == 200


def test_the_files_of_an_article_that_is_as_it_was_are_not_asked_for_again(site: Site) -> None:
    site.publish()
    site()
    before = site.file()
    assert site() == {}
    assert (site.file(), site.run.counts["for_looks"]) == (before, 1)


def test_a_file_that_was_replaced_behind_its_address_is_noticed_where_the_server_can_tell(site: Site) -> None:
    site.small.server.serves = ("etag",)
    site.publish()
    site()
    assert site() == {"/files/plan.pdf": 1}
    assert site.article().version == 1
    site.small.pages["/files/plan.pdf"] = Reply(b"%PDF-1.4 another", "application/pdf")
    assert site() == {"/files/plan.pdf": 1}
    assert site.file().sha256 == hashlib.sha256(b"%PDF-1.4 another").hexdigest()
    assert site.article().version == 2


def test_an_article_that_changed_has_its_files_asked_for_on_condition(site: Site) -> None:
    site.small.server.serves = ("etag",)
    site.publish()
    site()
    before = site.file()
    site.publish(more=LINK + "<p>A line that was added to the article a day after it came out.</p>")
    assert site() == {"/files/plan.pdf": 1}
    assert (site.file(), site.run.counts["not_modified"]) == (before, 1 + 1)  # its list was as it was, too
    assert site.article().version == 2


def test_a_file_that_was_replaced_with_its_article_is_a_change_of_the_article(site: Site) -> None:
    site.publish()
    site()
    site.small.pages["/files/plan.pdf"] = Reply(b"%PDF-1.4 another", "application/pdf")
    site.publish(more=LINK + "<p>A line that was added to the article a day after it came out.</p>")
    site()
    assert site.file().sha256 == hashlib.sha256(b"%PDF-1.4 another").hexdigest()


def test_a_file_that_could_not_be_had_is_asked_for_again_and_makes_no_edit(site: Site) -> None:
    site.small.pages["/files/plan.pdf"] = Reply(b"busy", "text/plain", status=500)
    site.publish()
    assert site() == {"/files/plan.pdf": 1}
    assert site.file().sha256 is None
    site.small.pages["/files/plan.pdf"] = PDF
    assert site() == {"/files/plan.pdf": 1}
    assert site.file().size == SIZE
    with Archive.open(site.place) as archive:
        assert [version.reason for version in archive.versions(site.article().id)] == ["new"]


# ---- caps


def test_a_file_over_the_cap_is_named_and_its_record_keeps_address_and_name(site: Site) -> None:
    site.publish()
    site(max_asset_bytes=SIZE - 1)
    assert site.problems() == [("/files/plan.pdf", "too_large")]
    file = site.file()
    assert (file.name, file.media_type, file.size, file.sha256) == ("plan.pdf", None, None, None)
    assert site.captured("/files/plan.pdf") is None
    assert site.run.outcome == "done"
    site(max_asset_bytes=SIZE)
    assert site.file().size == SIZE


def test_the_files_of_an_article_are_taken_up_to_what_they_may_weigh_together(site: Site) -> None:
    names = [f"/files/{name}.pdf" for name in "abcd"]
    site.small.pages |= dict.fromkeys(names, PDF)
    site.publish(more="".join(f'<p><a href="{name}">{name[-5:]}</a></p>' for name in names))
    assert set(site(max_article_asset_bytes=2 * SIZE)) == set(names[:2])
    assert [file.size for file in site.article().attachments] == [SIZE, SIZE, None, None]
    assert site.problems() == [(names[2], "too_large"), (names[3], "too_large")]
    assert set(site(max_article_asset_bytes=4 * SIZE)) == set(names[2:])


# ---- pictures and styles

DRESSED = (
    '<link rel="stylesheet" href="/css/site.css"><link rel="icon" href="/img/icon.png">'
    '<link rel="stylesheet" href="https://fonts.example.org/a.css"><img src="/img/logo.png" width="400">'
    '<img src="https://cdn.example.org/x.png"><img src="data:image/png;base64,AAAA">'
)


def test_a_page_looks_as_it_does_by_the_styles_and_pictures_of_its_site() -> None:
    page = Page("https://www.campus.example/news/1.html", f"<html><body>{DRESSED}{PICTURE}".encode())
    assert list(dressing(page)) == [
        f"https://www.campus.example/{path}" for path in ("css/site.css", "img/logo.png", "img/hall.jpg")
    ]


def test_all_keeps_images_styles_and_pictures_once_for_all_articles(site: Site) -> None:
    styled = '<link rel="stylesheet" href="/css/site.css"><img src="/img/logo.png" width="400">'
    site.publish(3, more=PICTURE + styled)
    assert site(assets="all") == {"/img/hall.jpg": 1, "/img/logo.png": 1, "/css/site.css": 1}
    assert site.captured("/css/site.css") == 200
    assert site(assets="all") == {}


def test_a_page_is_dressed_in_what_its_own_styles_and_backgrounds_name_too() -> None:
    source = (
        "<html><head><style>p { background: URL( 'a.png' ) } @import \"b.css\"; i { x: url(data:,1) }"
        "</style></head><body background=c.png><td style='background-image: url(\"d.png\")'>"
        "<p style='mask: url(#e)'><b style='x: url(https://cdn.example.org/f.png)'>"
    )
    page = Page("https://www.campus.example/news/1.html", source.encode())
    named = [url.removeprefix("https://www.campus.example/news/") for url in dressing(page)]
    assert sorted(named) == ["a.png", "b.css", "c.png", "d.png"]


def test_what_a_stylesheet_names_is_kept_one_step_deep(site: Site) -> None:
    css = '@import "more.css"; body { x: url(../img/paper.png) } i { x: url(//cdn.example.org/x.png) }'
    site.small.pages["/css/site.css"] = Reply(css.encode(), "text/css")
    site.small.pages["/css/more.css"] = Reply(b"p { background: url(../img/deeper.png) }", "text/css")
    site.small.pages["/img/paper.png"] = Reply(b"\x89PNG", "image/png")
    site.publish(2, more='<link rel="stylesheet" href="/css/site.css">')
    assert site(assets="all") == {"/css/site.css": 1, "/css/more.css": 1, "/img/paper.png": 1}
    assert site(assets="all") == {}


def test_what_a_stylesheet_names_counts_among_the_files_of_its_article(site: Site) -> None:
    css = b"body { background: url(../img/paper.png) }"
    site.small.pages["/css/site.css"] = Reply(css, "text/css")
    site.publish(more='<link rel="stylesheet" href="/css/site.css">')
    assert site(assets="all", max_article_asset_bytes=len(css)) == {"/css/site.css": 1}
    assert site.problems() == [("/img/paper.png", "too_large")]


@pytest.mark.parametrize(
    ("head", "body", "leads_to"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: /b c.htm\r\n\r\n", b"", ["/b%20c.htm"]),
        (b"HTTP/1.1 302 Found\r\nLocation: mailto:x\r\n\r\n", b"", []),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n\r\n", b"p { x: url(d.png) }", ["/a/d.png"]),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<img src=e.png>", ["/a/e.png"]),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"<img src=e.png>", []),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", b"no gzip", []),
    ],
)
def test_a_kept_answer_tells_what_it_needs_to_be_looked_at(
    head: bytes, body: bytes, leads_to: list[str]
) -> None:
    base = "http://campus.example"
    assert list(shown(f"{base}/a/b.htm", head, body)) == [base + path for path in leads_to]


def test_what_was_not_wanted_before_is_fetched_when_it_is(site: Site) -> None:
    site.publish(more=PICTURE)
    assert site() == {}
    assert site(assets="all") == {"/img/hall.jpg": 1}


def test_none_asks_for_no_file(site: Site) -> None:
    site.publish(more=LINK + PICTURE)
    assert site(assets="none") == {}
    assert site.file() == Attachment(site.small.base + "/files/plan.pdf", "plan.pdf")
