"""Selectors over a page: what the index looks up must be what the CSS standard selects."""

from __future__ import annotations

import pytest
from cssselect import HTMLTranslator, SelectorError
from hypothesis import given
from hypothesis import strategies as st

from scraper.index import Index, compiled
from scraper.page import Page

PAGE = """<html><head><meta name=generator content="Some CMS 3"><script src="/_js/site.js"></script></head>
<body><div id="top" class="wrap main-wrap"><ul class="news list">
<li class="item first"><a rel="next prev" href="/a">A</a>
<li class="item"><a href="/b.pdf" data-x="1">B</a></ul></div>
<p class="item note" id="note-12">C</p><form name="f"><div class="v_news_content">D</div></form></body>"""
SELECTORS = (
    ".item", "li.item", "p.item.note", "#top", "div#top.wrap", ".absent", "#absent", ".item.absent",
    "[class*='wrap']", "[id^='note']", "[class$='first']", "[class='item']", "a[href$='.pdf']", "[data-x]",
    "a[rel~='next']", "a[rel~='nex']", "[name='f'] .v_news_content",
    ".news .item", "#top .item a", ".news .absent",
    "ul > li", "li:not(.first)", ".item, #top", ".absent, p", "form div", "*", "li", "a[href][data-x]",
    ".wrap li, p", ".item:not(:has(*))", "#top .item, .wrap .item, form .item", "p:not(:has(*))",
)  # fmt: skip


def index_of(source: str) -> Index:
    page = Page(url="http://news.example.edu/", body=source.encode())
    return page.index


@pytest.mark.parametrize("css", SELECTORS)
def test_what_is_looked_up_is_what_the_xpath_of_the_selector_finds(css: str) -> None:
    index = index_of(PAGE)
    assert index.select(css) == index.tree.xpath(HTMLTranslator().css_to_xpath(css))
    assert (css in index) == bool(index.select(css))


names = st.sampled_from(["a", "b-c", "d_e", "item"])


@given(st.lists(st.lists(names, max_size=3), max_size=8), st.lists(names, min_size=1, max_size=2))
def test_words_of_a_class_are_found_in_any_order_and_number(
    classes: list[list[str]], wanted: list[str]
) -> None:
    source = "".join(f'<p class="{" ".join(words)}">x</p>' for words in classes) or "<p>x</p>"
    index = index_of(f"<body>{source}</body>")
    css = "p" + "".join(f".{name}" for name in wanted)
    assert index.select(css) == index.tree.xpath(HTMLTranslator().css_to_xpath(css))


def test_matches_come_selector_by_selector() -> None:
    found = [(element.tag, css) for element, css in index_of(PAGE).first((".absent", "p", ".first"))]
    assert found == [("p", "p"), ("li", ".first")]


def test_what_is_no_selector_is_refused() -> None:
    with pytest.raises(SelectorError):
        compiled("div[")


def test_a_page_is_known_by_its_classes_its_scripts_and_its_generator() -> None:
    fingerprint = index_of(PAGE).fingerprint
    assert all(text in fingerprint for text in ("v_news_content", "/_js/site.js", "Some CMS 3", "note-12"))
