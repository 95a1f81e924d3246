"""What a crawl takes from lists: feeds and sitemaps as seeds, views told at once, how days are written."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from scraper.baseline import baseline_of
from scraper.config import Config
from scraper.crawl import crawl
from scraper.demo.reply import Reply
from scraper.extract import extract
from scraper.rulebook import Rulebook
from storage import Archive
from storage.records import Article

pytestmark = pytest.mark.usefixtures("catalogue")

COUNTERS = "/_visitcountdisplay?articleIds=1,2,3&siteId=7&type=3&funType=0"


def feed(small: Any, numbers: range) -> Reply:
    items = "".join(
        f"<item><title>A story of some length, number {n}</title><link>{small.base}/news/{n}.html</link>"
        f"<pubDate>Mon, {n:02} Nov 2026 08:00:00 +0800</pubDate></item>"
        for n in numbers
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'
    return Reply(body.encode(), "application/rss+xml")


def sitemap(small: Any, numbers: range) -> bytes:
    urls = "".join(f"<url><loc>{small.base}/news/{n}.html</loc></url>" for n in numbers)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def test_a_feed_is_a_seed_like_a_list(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 4))
    small.pages["/feed.xml"] = feed(small, range(1, 4))
    config = small.config(tmp_path / "archive", seeds=[f"{small.base}/feed.xml"])
    assert crawl(config).counts["articles"] == 3


def test_a_sitemap_index_leads_to_its_sitemaps_packed_or_not(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 6))
    children = "".join(f"<sitemap><loc>{small.base}/{name}</loc></sitemap>" for name in ("a.xml", "b.xml.gz"))
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>'
    small.pages["/sitemap.xml"] = Reply(index.encode(), "application/xml")
    small.pages["/a.xml"] = Reply(sitemap(small, range(1, 3)), "application/xml")
    small.pages["/b.xml.gz"] = Reply(gzip.compress(sitemap(small, range(3, 6))), "application/gzip")
    config = small.config(tmp_path / "archive", seeds=[f"{small.base}/sitemap.xml"])
    run = crawl(config)
    assert (run.outcome, run.counts["articles"]) == ("done", 5)


def test_a_feed_that_is_none_says_so(small: Any, tmp_path: Path) -> None:
    small.pages["/feed.xml"] = Reply(b"<html><body><h1>Welcome</h1></body></html>", "text/html")
    config = small.config(tmp_path / "archive", seeds=[f"{small.base}/feed.xml"])
    run = crawl(config)
    with Archive.open(config.archive) as archive:
        assert [problem.reason for problem in archive.problems(run.id)] == ["html_instead_of_xml"]


def webplus(small: Any, answer: Reply) -> None:
    """A list of WebPlus that shows views, its articles with a counter each, and the counter of the list."""
    rows = "".join(
        f'<li><a href="/2026/110{n}/c12a{n}/page.htm">A story of some length, {n}</a>'
        f'<span class="news_meta">2026-11-0{n}</span><span class="wp_listVisitCount" artId="{n}" type="3"'
        f' listVisitCountId="wp_listVisitCount_{n}">0</span></li>'
        for n in (1, 2, 3)
    )
    script = '<script src="/_js/jquery.sudy.wp.visitcount.js" sudy-wp-siteId="7" sudy-wp-context=""></script>'
    paging = "<div class='wp_paging'></div>"
    small.pages["/list.htm"] = f"<html><head>{script}</head><ul class='news_list'>{rows}</ul>{paging}</html>"
    text = (
        "<p>The walls of the old library are dry again, and the readers came back in the first week.</p>" * 3
    )
    for n in (1, 2, 3):
        count = (
            f'<span class="WP_VisitCount" url="/_visitcountdisplay?siteId=7&type=3&articleId={n}">1</span>'
        )
        small.pages[f"/2026/110{n}/c12a{n}/page.htm"] = (
            f"<html><head>{script}</head><h1 class='arti_title'>A story of some length, {n}</h1>"
            f"<p class='arti_metas'><span class='arti_update'>发布时间：2026-11-0{n}</span>"
            f"<span class='arti_views'>浏览次数：{count}</span></p>"
            f"<div class='wp_articlecontent'>{text}</div></html>"
        )
        small.pages[f"/_visitcountdisplay?siteId=7&type=3&articleId={n}"] = Reply(b"70%d" % n)
    small.pages[COUNTERS] = answer


def test_the_views_of_a_whole_list_take_one_request(small: Any, tmp_path: Path) -> None:
    rows = b'[{"articleId":1,"count":11},{"articleId":2,"count":22},{"articleId":3,"count":33}]'
    webplus(small, Reply(rows, "application/json"))
    config = small.config(tmp_path / "archive")
    crawl(config)
    found = [(article.views, article.views_source) for article in articles_all(config)]
    assert sorted(found) == [(11, "counter"), (22, "counter"), (33, "counter")]
    assert [target for target in small.asked if "_visitcount" in target] == [COUNTERS]


def test_an_article_the_list_told_nothing_of_is_asked_for_alone(small: Any, tmp_path: Path) -> None:
    webplus(small, Reply(b'[{"articleId":1,"count":11}]', "application/json"))
    config = small.config(tmp_path / "archive")
    crawl(config)
    assert sorted(article.views or 0 for article in articles_all(config)) == [11, 702, 703]


def articles_all(config: Config) -> list[Article]:
    with Archive.open(config.archive) as archive:
        return list(archive.articles())


def dated(small: Any, days: list[str], article_day: str) -> None:
    rows = "".join(
        f'<li><a href="/news/{n}.html">A story of some length, number {n}</a><span>{day}</span></li>'
        for n, day in enumerate(days, 1)
    )
    small.articles(range(1, len(days) + 1))
    for n in range(1, len(days) + 1):
        page = small.pages[f"/news/{n}.html"]
        small.pages[f"/news/{n}.html"] = page.replace(f"2026-11-{n:02}", article_day)
    small.pages["/list.htm"] = f"<html lang='en-US'><ul class='news_list'>{rows}</ul></html>"


def test_what_a_list_proves_of_its_dates_holds_for_its_articles_and_for_later_runs(
    small: Any, tmp_path: Path
) -> None:
    dated(small, ["25/10/2026", "04/10/2026", "03/10/2026"], "04/10/2026")
    config = small.config(tmp_path / "archive", language="en-US")
    crawl(config)
    assert {article.release_time for article in articles_all(config)} == {"2026-10-04"}
    dated(small, ["05/10/2026", "04/10/2026", "03/10/2026"], "04/10/2026")  # a list that proves nothing
    crawl(config)
    assert {article.release_time for article in articles_all(config)} == {"2026-10-04"}
    with Archive.open(config.archive) as archive:
        assert [change.kind for change in archive.changes(since_run=1)] == []


def test_lists_that_contradict_each_other_prove_nothing() -> None:
    book = Rulebook()
    for proof in (True, False, True):
        book.prove("site", proof)
    assert book.day_first("site") is None


def test_a_date_that_is_only_read_otherwise_now_is_no_edit() -> None:
    html = (
        "<html lang='{}'><title>The library opens again</title><h1>The library opens again</h1>"
        "<p>04/10/2026</p><p>The walls of the old library are dry, and the readers came back.</p></html>"
    )
    kept, now = (
        extract(html.format(tag).encode(), "http://a.example.org/1").article for tag in ("en-US", "fr")
    )
    assert kept is not None
    assert now is not None
    assert (kept.release_time, now.release_time) == ("2026-04-10", "2026-10-04")
    baseline = baseline_of(kept, now, None)
    assert baseline is not None
    assert baseline.release_time == now.release_time


@pytest.mark.parametrize(
    ("listed", "note"), [("2026-10-01", "though listed as 2026-10-01"), ("2026-11-01", "")]
)
def test_a_list_that_names_another_day_than_the_article_is_told(
    small: Any, tmp_path: Path, listed: str, note: str
) -> None:
    small.articles(range(1, 2))
    small.pages["/list.htm"] = (
        f"<ul class='news_list'><li><a href='/news/1.html'>A story of some length, number 1</a>"
        f"<span>{listed}</span></li></ul>"
    )
    config = small.config(tmp_path / "archive")
    crawl(config)
    (article,) = articles_all(config)
    assert article.release_time == "2026-11-01"
    assert article.provenance["release_time"].endswith(note)
    assert ("listed" in article.provenance["release_time"]) == bool(note)


def test_the_page_after_the_last_of_a_rest_list_is_its_end(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 11))
    posts = ",".join(
        f'{{"id":{n},"date":"2026-11-{n:02}T08:00:00","link":"{small.base}/news/{n}.html",'
        f'"title":{{"rendered":"A story of some length, number {n}"}}}}'
        for n in range(1, 11)
    )
    path = "/wp-json/wp/v2/posts"
    small.pages[path] = Reply(f"[{posts}]".encode(), "application/json")
    small.pages[f"{path}?page=2"] = Reply(
        b'{"code":"rest_post_invalid_page_number"}', "application/json", status=400
    )
    config = small.config(tmp_path / "archive", seeds=[small.base + path])
    run = crawl(config)
    assert (run.outcome, run.counts["articles"]) == ("done", 10)
    assert f"{path}?page=2" in small.asked


def test_views_that_only_the_list_prints_serve(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 3))
    rows = "".join(
        f"<li><a href='/news/{n}.html'>A story of some length, number {n}</a><span>2026-11-0{n}</span>"
        f"<span class='views'>浏览：1,23{n}</span></li>"
        for n in (1, 2)
    )
    small.pages["/list.htm"] = f"<ul class='news_list'>{rows}</ul>"
    config = small.config(tmp_path / "archive")
    crawl(config)
    found = [
        (article.views, article.views_source, article.provenance["views"]) for article in articles_all(config)
    ]
    assert sorted(found) == [(1231, "static", "listing"), (1232, "static", "listing")]
