"""Listings in, items out: a case is a folder of pages/listings with a page and what is expected of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scraper.discover import Item, Listing, discover, read_listing
from scraper.discover.numbering import next_by_script
from scraper.discover.totals import printed
from scraper.page import Page
from scraper.presets.generic import GENERIC
from scraper.presets.webplus import WEBPLUS

CASES = sorted(path.parent for path in (Path(__file__).parent / "pages" / "listings").glob("*/expected.json"))
SITE = "https://news.example.edu.cn"
ROWS = "".join(
    f'<li><a href="/info/1/{n}.htm">A headline that is long enough {n}</a><i>2026-01-0{n}</i></li>'
    for n in range(1, 6)
)


def listing_of(body: str, url: str = SITE + "/list.htm") -> Listing:
    return discover(f"<!DOCTYPE html><body>{body}</body>".encode(), url)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_saved_listing_reads_as_expected(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    listing = discover((case / "page.html").read_bytes(), expected["url"])
    assert [item.url for item in listing.items] == [row["url"] for row in expected["items"]]
    assert [
        {name: getattr(item, name) for name in row}
        for item, row in zip(listing.items, expected["items"], strict=True)
    ] == expected["items"]
    assert {name: getattr(listing, name) for name in ("next", "total_pages", "total_items")} == {
        name: expected[name] for name in ("next", "total_pages", "total_items")
    }


def test_a_listing_says_which_rules_found_its_parts() -> None:
    pager = '<div class="pages"><b>1</b> <a href="/list2.htm">2</a></div>'
    listing = listing_of(f"<ul>{ROWS}</ul>{pager}")
    assert listing.preset == "generic"
    assert listing.problem is None
    assert listing.provenance == {
        "items": "pattern", "release_time": "inside", "next": "number", "total_pages": "links",
    }  # fmt: skip


def test_a_preset_that_is_given_is_not_looked_for() -> None:
    body = f"<div portletmode='simpleList'><ul>{ROWS}</ul></div>".encode()
    page = Page(url=SITE + "/list.htm", body=body)
    assert read_listing(page).preset == "webplus"
    assert read_listing(page, GENERIC).provenance["items"] == "pattern"
    assert read_listing(page, WEBPLUS).provenance["items"] == "preset"


@pytest.mark.parametrize(
    "href",
    [
        pytest.param("/list.htm", id="the page itself"),
        pytest.param("/list.htm#more", id="a place on the page"),
        pytest.param("javascript:next()", id="a script"),
        pytest.param("https://elsewhere.example.org/list2.htm", id="another site"),
        pytest.param("/info/1/3.htm", id="an item"),
        pytest.param("/_visitcount?siteId=1&type=2", id="a beacon"),
        pytest.param("http://[broken/list2.htm", id="no address"),
    ],
)
def test_the_next_page_is_never(href: str) -> None:
    assert listing_of(f'<ul>{ROWS}</ul><a href="{href}">下一页</a>').next is None


@pytest.mark.parametrize(
    "control",
    [
        '<a href="/list2.htm">下一页&gt;&gt;</a>',
        '<a href="/list2.htm">[下 页]</a>',
        '<a href="/list2.htm">Next ›</a>',
        '<a href="/list2.htm" aria-label="Next page"><i></i></a>',
        '<a class="page-next" href="/list2.htm"><i></i></a>',
        '<link rel="next" href="/list2.htm">',
        '<span class="pagination"><a href="/list0.htm">«</a> <a href="/list2.htm">»</a></span>',
        '<span class="pagination"><a href="/list2.htm">›</a> <a href="/list9.htm">»</a></span>',
        '<p><a href="/list.htm">1</a> <a href="/list2.htm">2</a> <a href="/list3.htm">3</a></p>',
        '<a href="/list1.htm">&lt;&lt;previouspage</a> <a href="/list2.htm">nextpage&gt;&gt;</a>',
        '<a href="/list2.htm">Weiter</a>',
        '<a href="/list2.htm">次へ</a>',
        '<a href="/list2.htm">다음</a>',
        '<a href="/list2.htm">Siguiente</a>',
    ],
)
def test_the_next_page_is_known_by(control: str) -> None:
    assert listing_of(f"<ul>{ROWS}</ul><div>{control}</div>").next == SITE + "/list2.htm"


@pytest.mark.parametrize(
    ("text", "pages", "current", "items"),
    [
        ("共161条 13/17 首页 上页", 17, 13, 161),
        ("总共 33 记录 页码 1 / 2 跳转到", 2, 1, 33),
        ("页次：2/31页 每页20条 共 612 条记录", 31, 2, 612),
        ("第3页/共12页", 12, 3, None),
        ("首页 上一页 4/9 下一页", 9, 4, None),
        ("Page 1 of 14", 14, 1, None),
        ("Seite 2 von 9", 9, 2, None),
        ("1 - 20 of 1,250 results", 63, 1, 1250),
        ("全 48件", None, None, 48),
        ("图片共2024年 12/24", None, None, None),
        ("", None, None, None),
    ],
)
def test_printed_totals_are_read(
    text: str, pages: int | None, current: int | None, items: int | None
) -> None:
    said = printed(text)
    assert (said.pages, said.current, said.items) == (pages, current, items)


@pytest.mark.parametrize(
    ("source", "url", "expected"),
    [
        ("_simple_list_gotopage_fun(9,'a',2)", "/x.htm", "/x/8.htm"),
        ("_simple_list_gotopage_fun(9,'a',2)", "/x/2.htm", "/x/1.htm"),
        ("_simple_list_gotopage_fun(9,'a',2)", "/x/1.htm", None),
        ("_simple_list_gotopage_fun(1,'a',2)", "/x.htm", None),
        ('createPageHTML(3, 0, "index", "html")', "/a/", "/a/index_1.html"),
        ('createPageHTML(3, 1, "index", "html")', "/a/index_1.html", "/a/index_2.html"),
        ('createPageHTML(3, 2, "index", "html")', "/a/index_2.html", None),
        ("createPageHTML('page',3, 2,'l','shtml',40)", "/a/l_2.shtml", "/a/l_3.shtml"),
        ("createPageHTML('page',3, 3,'l','shtml',40)", "/a/l_3.shtml", None),
        ("no script of ours", "/x.htm", None),
    ],
)
def test_numbering_by_script_is_followed_to_the_last_page(
    source: str, url: str, expected: str | None
) -> None:
    found, _ = next_by_script(source, SITE + url)
    assert found == (SITE + expected if expected else None)


@pytest.mark.parametrize(
    ("shown", "attribute", "title"),
    [
        ("A headline that is…", "A headline that is cut", "A headline that is cut"),
        ("A headline that is", "A headline that is cut without dots", "A headline that is cut without dots"),
        (
            "[Notice] A headline that is whole",
            "A headline that is whole",
            "[Notice] A headline that is whole",
        ),
        ("[공지] 졸업 안내", "졸업 안내 자세히 보기", "[공지] 졸업 안내"),
        ("졸업 안내", "졸업 안내 자세히 보기", "졸업 안내"),
        ("A headline ...", "文章标题：A headline of old\n作者：x", "A headline of old"),
        ("[置顶] A headline that is pinned", "", "A headline that is pinned"),
        ("A headline <b>(</b>part two<b>)</b>", "", "A headline (part two)"),
        ("A headline that is new <font>NEW</font>", "", "A headline that is new"),
    ],
)
def test_a_title_is_what_the_page_means_to_show(shown: str, attribute: str, title: str) -> None:
    row = f'<li><a href="/info/1/9.htm" title="{attribute}">{shown}</a><i>2026-01-09</i></li>'
    assert [item.title for item in listing_of(f"<ul>{ROWS}{row}</ul>").items][5:] == [title]


@pytest.mark.parametrize(
    ("head", "cell", "views"),
    [
        ("조회수", "<td>1,204</td>", 1204),
        ("浏览次数", "<td>[ 12 ]</td>", 12),
        ("Hits", "<td>1.2k</td>", 1200),
        ("附件", "<td>2</td>", None),
        ("附件", '<td><span class="views">７</span></td>', 7),
        ("附件", "<td>点击：1.2万</td>", 12000),
        ("附件", '<td><i class="fa fa-eye"></i> 9</td>', 9),
    ],
)
def test_a_list_may_print_how_often_each_article_was_read(head: str, cell: str, views: int | None) -> None:
    link = '<a href="/info/1/{0}.htm">A headline that is long enough {0}</a>'
    row = f"<tr><td>{{0}}</td><td>{link}</td><td>2026-01-0{{0}}</td>"
    rows = "".join(row.format(n) + cell for n in range(1, 6))
    page = f"<table><tr><th>No.</th><th>Title</th><th>Date</th><th>{head}</th></tr>{rows}</table>"
    assert [item.views for item in listing_of(page).items] == [views] * 5


@pytest.mark.parametrize("script", ["window.location.href='{0}';", "location='{0}'", "window.open('{0}')"])
def test_a_row_may_be_a_link_by_its_script(script: str) -> None:
    rows = "".join(
        f'<tr onclick="{script.format(f"/2026/0109/c1a{n}/page.htm")}"><td>{n}</td>'
        f"<td>A headline that is long enough {n}</td><td>Ada Marlow</td><td>2026-01-0{n}</td></tr>"
        for n in range(1, 6)
    )
    head = "<tr><th>No.</th><th>Title</th><th>By</th><th>Date</th></tr>"
    items = listing_of(f"<table>{head}{rows}</table>").items
    assert items[1] == Item(
        SITE + "/2026/0109/c1a2/page.htm", "A headline that is long enough 2", "2026-01-02"
    )
    assert len(items) == 5


def test_scripts_and_mail_addresses_are_no_items() -> None:
    hrefs = ("javascript:open()", "mailto:a@b.c", "tel:+100", "#top", "/_visitcount?siteId=1")
    rows = "".join(
        f'<li><a href="{href}">A link with a long name</a><i>2026-01-09</i></li>' for href in hrefs
    )
    assert len(listing_of(f"<ul>{ROWS}{rows}</ul>").items) == 5


def test_an_item_is_a_plain_value() -> None:
    first = listing_of(f"<ul>{ROWS}</ul>").items[0]
    assert first == Item(SITE + "/info/1/1.htm", "A headline that is long enough 1", "2026-01-01")


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"\x00\xff\xfe", b"<a href='http://[::1'>A long broken link</a>"]
)
def test_what_is_no_page_has_no_items(body: bytes) -> None:
    assert discover(body, SITE) == Listing(preset="generic")


LINK = '<a href="/info/1/{}.htm">A headline that is long enough {}</a>'
HOSTILE: dict[str, Callable[[int], str]] = {
    "many links in one paragraph": lambda n: "".join(LINK.format(k, k) + "2026-01-02<br>" for k in range(n)),
    "one row of many cells": lambda n: (
        "<table><tr>" + "".join(f"<td>{LINK.format(k, k)}</td>" for k in range(n))
    ),
    "one address again and again": lambda n: "<p>" + LINK.format(1, 1) * n,
    "a pager of many numbers": lambda n: "<p>" + "".join(f'<a href="/l{k}.htm">{k}</a>' for k in range(n)),
    "a record of many parts": lambda n: f"<ul><li>{LINK.format(1, 1)}" + "<b>12</b>" * n,
    "titles in titles": lambda n: f"<ul><li>{LINK.format(1, 1)}" + '<span class="title views">' * n + "12",
    "deep nesting": lambda n: "<div>" * 10 * n + LINK.format(1, 1),
    "digits and slashes": lambda n: LINK.format(1, 1) + "共1条 " + "1/" * 20 * n + " " * 20 * n,
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_a_hostile_page_is_read_in_bounded_time(shape: str) -> None:
    body = HOSTILE[shape](2000)
    started = time.process_time()
    listing_of(body)
    assert time.process_time() - started < 5
