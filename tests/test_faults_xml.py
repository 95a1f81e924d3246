"""XML and JSON that were made to do harm: FAULTS.md's section `xml, feeds & sitemaps`, each as a site's seed.

A seed that cannot be read fails by its name and nothing else: the site's other list is read in the same run,
nothing but the site's own pages is asked for, and memory stays bounded. What parsers do with each shape in
isolation is in test_feeds.
"""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scraper.crawl import crawl
from scraper.demo.reply import Reply
from storage import Archive

from .conftest import TITLE, SmallSite

XML, JSON = "application/xml", "application/json"
LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
LAUGHS = f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{LAUGHS}]>"


def rss(items: str, before: str = "") -> str:
    channel = f"<channel><title>News</title>{items}</channel>"
    return f"<?xml version='1.0'?>{before}<rss version='2.0'>{channel}</rss>"


def item(base: str, title: str, path: str = "/news/1.html") -> str:
    return f"<item><title>{title}</title><link>{base}{path}</link></item>"


def urlset(*addresses: str) -> str:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in addresses)
    return f"<urlset>{entries}</urlset>"


def json_feed(number: str, base: str) -> str:
    entry = f'{{"id":{number},"url":"{base}/news/1.html","title":"{TITLE}"}}'
    return f'{{"version":"https://jsonfeed.org/version/1.1","items":[{entry}]}}'


@dataclass(frozen=True)
class Case:
    """The body at the seed, made for the site's address; the name it fails with; the articles it gives."""

    made: Callable[[str], str | bytes]
    fails: str | None = None
    articles: int = 0
    media_type: str = XML


def xxe(system: str) -> Callable[[str], str]:
    def made(base: str) -> str:
        entity = f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{system.format(base=base)}'>]>"
        return rss(item(base, f"&x; {TITLE}"), entity)

    return made


CASES = {
    "/x/xxe-file": Case(xxe("file:///etc/passwd"), None, 1),
    "/x/xxe-http": Case(xxe("{base}/__xxe-hit"), None, 1),
    "/x/xxe parameter entity": Case(
        lambda base: rss(item(base, TITLE), f"<!DOCTYPE rss [<!ENTITY % x SYSTEM '{base}/__xxe-hit'> %x;]>"),
        None,
        1,
    ),
    "/x/xxe external DTD": Case(
        lambda base: rss(item(base, TITLE), f"<!DOCTYPE rss SYSTEM '{base}/__xxe-hit'>"), None, 1
    ),
    "/x/xinclude": Case(
        lambda base: rss(
            item(base, TITLE)
            + f"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{base}/__xxe-hit'/>"
        ),
        None,
        1,
    ),
    "billion laughs": Case(lambda base: rss(item(base, f"&l9; {TITLE}"), LAUGHS), None, 1),
    "/x/sitemap-gz-bomb": Case(
        lambda base: gzip.compress(b"<urlset>" + b" " * 60_000_000), "too_large", 0, "application/gzip"
    ),
    "/x/index-loop": Case(
        lambda base: (
            f"<sitemapindex><sitemap><loc>{base}/seed.xml</loc></sitemap>"
            f"<sitemap><loc>{base}/more.xml</loc></sitemap></sitemapindex>"
        ),
        None,
        1,
    ),
    "/x/sitemap-cross": Case(
        lambda base: urlset(
            f"{base}/news/1.html",
            "http://169.254.169.254/latest/",
            "http://elsewhere.example.edu/news/2.html",
            "file:///etc/passwd",
            "ftp://127.0.0.1/x",
            "javascript:alert(1)",
        ),
        None,
        1,
    ),
    "/x/sitemap-html": Case(
        lambda base: f"<html><body><h1>{TITLE}</h1></body></html>", "html_instead_of_xml"
    ),
    "/x/malformed-rss": Case(
        lambda base: rss(item(base, f"{TITLE} & more") + item(base, TITLE, "/news/2.html"))[:-30], None, 2
    ),
    "/x/xml-deep": Case(lambda base: "<rss><channel>" + "<a>" * 200_000, "too_deep"),
    "/x/jsonfeed-deep": Case(lambda base: '{"items":' + "[" * 200_000, "too_deep", 0, JSON),
    "/x/json-bigint": Case(
        lambda base: json_feed("9" * 10_000, base),
        None,
        1,
        JSON,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_source_is_read_or_fails_by_its_name_and_costs_nothing_else(
    name: str, small: SmallSite, tmp_path: Path
) -> None:
    case = CASES[name]
    body = case.made(small.base)
    small.articles(range(1, 11))
    small.listing("/list.htm", range(6, 11))
    small.pages["/seed.xml"] = Reply(body if isinstance(body, bytes) else body.encode(), case.media_type)
    small.pages["/more.xml"] = Reply(
        (
            f"<sitemapindex><sitemap><loc>{small.base}/seed.xml</loc></sitemap>"
            f"<sitemap><loc>{small.base}/urls.xml</loc></sitemap></sitemapindex>"
        ).encode(),
        XML,
    )
    small.pages["/urls.xml"] = Reply(urlset(f"{small.base}/news/1.html").encode(), XML)
    seeds = [f"{small.base}/seed.xml", f"{small.base}/list.htm"]
    tracemalloc.start()
    run = crawl(small.config(tmp_path / "archive", seeds=seeds))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with Archive.open(tmp_path / "archive") as archive:
        names = {problem.reason for problem in archive.problems(run.id)}
        articles = list(archive.articles())
    assert names == ({case.fails} if case.fails else set())
    assert run.outcome == ("incomplete" if case.fails else "done")
    assert len(articles) == 5 + case.articles
    assert "/__xxe-hit" not in small.asked
    assert small.asked.count("/seed.xml") == 1
    assert not any("root:" in article.title or "haha" in article.title for article in articles)
    assert peak < 150_000_000
