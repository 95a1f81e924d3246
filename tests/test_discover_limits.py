"""Listings nobody means well with: each is read in bounded time, and says so where it is cut."""

from __future__ import annotations

import time

import pytest

from scraper.discover import Listing, discover

SITE = "https://news.example.edu.cn"
LINK = '<a href="/info/1/{0}.htm">A headline that is long enough {0}</a>'
ROW = "<li>" + LINK + "<i>2026-01-02</i></li>"
LIST = "<ul>" + "".join(ROW.format(n) for n in range(5)) + "</ul>"
SECONDS = 4  # of the processor; each takes about one


def read(body: str) -> tuple[Listing, float]:
    page = f"<!DOCTYPE html><body>{body}</body>".encode()
    started = time.process_time()
    return discover(page, SITE + "/list.htm"), time.process_time() - started


def test_a_list_of_a_hundred_thousand_is_cut_and_says_so() -> None:
    listing, seconds = read("<ul>" + "".join(ROW.format(n) for n in range(100_000)) + "</ul>")
    assert seconds < SECONDS
    assert len(listing.items) == 5000
    assert listing.provenance["links"] == "first 5000"


SHAPES = {
    "a menu of 100,000 links": "".join(f'<a href="/x/{n}">n{n}</a>' for n in range(100_000)),
    "50,000 pagers": "".join(f'<div class="page"><a href="/{n}">{n % 99}</a></div>' for n in range(50_000)),
    "100,000 words that lead on": "<span>下一页</span>" * 100_000,
    "200,000 elements in each other": "<div>" * 200_000,
    "200,000 titles in each other": "<p class=title>" + "<span class=title>" * 200_000,
    "links in each other": "<div>".join(LINK.format(n) for n in range(20_000)),
    "50 MB of digits": "<p>" + "1" * 50_000_000,
    "50 MB of white space": "<p>" + " " * 50_000_000,
    "50,000 spaces before a date": "<p>2026-" + " " * 50_000 + "01-02",
    "a class of 200,000 words": f'<p class="{"news " * 200_000}">',
    "an address of 5 MB": f'<a href="/a?{"x" * 5_000_000}">A link that nobody meant</a>',
    "a title of 5 MB": f'<a href="/a">{"2026-01-0" * 500_000}</a>',
    "a script that calls for ever": f"<script>{'createPageHTML(1, ' * 500_000}</script>",
    "a choice of 200,000 pages": "<a href='/2'>下一页</a><select>"
    + "<option>1</option>" * 200_000
    + "</select>",
    "a comment that never ends": "<!-- " + "x" * 1_000_000,
    "a script that never ends": "<script>" + "x" * 1_000_000,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_list_before_a_trap_is_read_in_bounded_time(shape: str) -> None:
    listing, seconds = read(LIST + SHAPES[shape])
    assert seconds < SECONDS
    assert len(listing.items) == 5
    assert listing.items[0].url == SITE + "/info/1/0.htm"


@pytest.mark.parametrize("base", ["javascript:alert(1)", "file:///", "data:text/html,x", "http://[x"])
def test_a_base_that_is_no_address_is_ignored(base: str) -> None:
    assert read(f'<base href="{base}">' + LIST)[0].items[0].url == SITE + "/info/1/0.htm"


def test_a_page_whose_next_page_is_itself_has_none() -> None:
    assert read(LIST + '<a href="list.htm#2">下一页</a>')[0].next is None
