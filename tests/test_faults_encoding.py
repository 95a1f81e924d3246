"""Bytes under a wrong label: each case of FAULTS.md's section `encoding`, through a whole crawl.

The bytes are kept as they came, whatever was read from them, and a record says how its page was decoded. The
rules of decoding themselves are in test_encodings.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from scraper.crawl import crawl
from scraper.demo.reply import Reply
from storage import Archive

from .conftest import SmallSite

TITLE = "温室在秋天重新开放"
TEXT = "来自三个学院的学生一起整理了苗床，并为附近的小学准备了一次关于种子的课程。课后每人得到一枚镕铸的铃。"


def page(encoding: str, meta: str = "", text: str = TEXT, before: bytes = b"") -> bytes:
    body = f"<h1>{TITLE}</h1><p>2026-11-03</p>" + f"<p>{text}</p>" * 3
    html = f"<html><head>{meta}<title>{TITLE}</title></head><body>{body}</body></html>"
    return before + html.encode(encoding)


@dataclass(frozen=True)
class Case:
    """A page, the header it comes with, and the decision the record tells."""

    body: bytes
    header: str
    told: str


CASES = {
    "/e/gb2312-lie": Case(page("gb18030", "<meta charset=gb2312>"), "text/html", "meta:gb18030"),
    "/e/header-lies": Case(page("gb18030"), "text/html; charset=utf-8", "bytes:gb18030, not header: utf-8"),
    "/e/bom8": Case(
        page("utf-8", "<meta charset=gbk>", before=codecs.BOM_UTF8), "text/html; charset=big5", "bom:utf-8"
    ),
    "/e/utf16-meta": Case(page("utf-8", "<meta charset=utf-16>"), "text/html", "meta:utf-8"),
    "/e/late-meta": Case(
        page("gb18030", f"<style>{' ' * 3000}</style><meta charset=gbk>"), "text/html", "late meta:gb18030"
    ),
    "/e/iso2022": Case(
        page("gb18030", "<meta charset=iso-2022-cn>"), "text/html", "bytes:gb18030, not meta: iso-2022-cn"
    ),
    "/e/iso2022 (hz)": Case(
        page("gb18030"), "text/html; charset=hz-gb-2312", "bytes:gb18030, not header: hz-gb-2312"
    ),
    "/e/bogus": Case(page("gb18030"), "text/html; charset=;;\"'<>", "bytes:gb18030"),
    "/e/bogus (a codec of Python's)": Case(
        page("utf-8"), "text/html; charset=rot13", "bytes:utf-8, not header: rot13"
    ),
}
MIXED = Case(
    page("utf-8").replace(b"</body>", b"<p>" + "旧稿一段".encode("gbk") + b"</p></body>"),
    "text/html; charset=utf-8",
    "header:utf-8, 4 bad bytes",
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, str]]:
    """Return the archive of one crawl over a page of each case, and the address of the site."""
    site, archive = SmallSite(), tmp_path_factory.mktemp("encodings") / "archive"
    cases = [*CASES.values(), MIXED]
    with site.server:
        rows = "".join(
            f"<li><a href='/news/{n}.html'>{TITLE} {n}</a><span>2026-11-03</span></li>"
            for n in range(len(cases))
        )
        site.pages["/list.htm"] = f"<html><body><ul class='news_list'>{rows}</ul></body></html>"
        for number, case in enumerate(cases):
            site.pages[f"/news/{number}.html"] = Reply(case.body, case.header)
        assert crawl(site.config(archive)).outcome == "done"
    with Archive.open(archive) as opened:
        yield opened, site.base


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_read_right_kept_as_it_came_and_says_how(name: str, kept: tuple[Archive, str]) -> None:
    archive, base = kept
    article = archive.find(f"{base}/news/{list(CASES).index(name)}.html")
    assert article is not None
    assert article.capture is not None
    assert (article.title, article.body.split("\n\n")) == (TITLE, [TEXT] * 3)
    assert not set("\ufffd\ufeff") & set(article.title + article.body)
    assert article.provenance["encoding"] == CASES[name].told
    assert archive.payload(article.capture)[1] == CASES[name].body


def test_bytes_of_two_encodings_spoil_only_themselves_and_are_counted(kept: tuple[Archive, str]) -> None:
    """Case /e/mixed."""
    archive, base = kept
    article = archive.find(f"{base}/news/{len(CASES)}.html")
    assert article is not None
    assert article.body.count(TEXT) == 3
    assert "\ufffd" in article.body
    assert article.provenance["encoding"] == MIXED.told
    assert article.capture is not None
    assert archive.payload(article.capture)[1] == MIXED.body
