"""Every form of pager there is: the way on, how many pages, how many items. A case is a row of
pages/pagers.json."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.discover import Listing, discover
from scraper.discover.numbering import next_by_script, scripted
from scraper.discover.totals import (
    _ITEMS,
    _ITEMS_NEAR,
    _PAGES,
    _PAGES_NEAR,
    _PER_PAGE,
    _RANGES,
    _Form,
    printed,
)

SITE = "https://news.example.edu.cn"
ROWS = "".join(
    f'<li><a href="/article/{n}.html">A headline that is long enough {n}</a><i>2026-01-{n:02}</i></li>'
    for n in range(1, 11)
)
FORMS = json.loads((Path(__file__).parent / "pages" / "pagers.json").read_text("utf-8"))


def listing_of(pager: str, url: str = "/news") -> Listing:
    page = f"<html><body><ul class='list'>{ROWS}</ul>{pager}</body></html>"
    return discover(page.encode(), SITE + url)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["form"])
def test_a_pager_tells_the_way_on_and_the_totals(form: dict[str, str]) -> None:
    listing = listing_of(form["pager"], form["url"])
    following = listing.next and listing.next.removeprefix(SITE)
    said = {"next": following, "total_pages": listing.total_pages, "total_items": listing.total_items}
    assert said == {name: form[name] for name in said}
    assert len(listing.items) == 10


@pytest.mark.parametrize(
    "label",
    [
        "下一页 >", "[下一页]", "后页", "下一頁", "下10条", "Next →", "NEXT>", "Next page", "Next 10",
        "weiter", "Older Entries", "Page suivante", "Suivant »", "Suivante", "Nächste Seite", "다음",
        "다음페이지", "次へ", "次のページ", "次の10件", "Página siguiente", "Volgende", "Вперёд",
    ],
)  # fmt: skip
def test_the_way_on_is_known_in_many_languages(label: str) -> None:
    assert listing_of(f'<div class="pager"><a href="?p=2">{label}</a></div>').next == SITE + "/news?p=2"


def test_numbers_that_are_no_totals_are_left_alone() -> None:
    for text in ("每页20条", "第1页 10条/页", "2024-2025/12", "图片 3/4", "5条评论", "下10条", "12/24 14:00"):
        assert not printed(text).pages
        assert printed(text).items is None


@given(st.text(alphabet="共页条第每/ 0123456789ofPage件全-总记录", max_size=80))
def test_no_text_of_a_pager_raises(text: str) -> None:
    for near in (False, True):
        said = printed(text, near=near)
        assert said.pages is None or said.pages >= (said.current or 0)


CALLS = st.sampled_from(
    [
        "_simple_list_gotopage_fun(", "createPageHTML(", "'index'", '"html"', "countPage=", "currentPage=",
        "totalpage=", "?", "laypage({", "count:", "limit:", "pages:", ",", "1", "0", "999999", " ",
    ]
)  # fmt: skip


@given(
    st.lists(CALLS, max_size=20).map("".join), st.sampled_from(["/x.htm", "/x/3.htm", "/", "", "/x.htm?a"])
)
def test_no_script_of_a_pager_raises(source: str, path: str) -> None:
    scripted(source, SITE + path)
    next_by_script(source, SITE + path)


TRAPS = {
    "digits": "1" * 50_000,
    "spaces": "共" + " " * 50_000 + "页",
    "fractions": "1/" * 25_000,
    "ranges": "1 - 2 of " * 10_000,
    "items": "共1条 " * 10_000,
    "calls": "createPageHTML(1, " * 5_000,
    "options": "laypage({" + "a" * 50_000,
}


@pytest.mark.parametrize("trap", TRAPS)
def test_no_text_holds_the_reader_up(trap: str) -> None:
    started = time.process_time()
    printed(TRAPS[trap], near=True)
    scripted(TRAPS[trap], SITE + "/x.htm")
    listing_of(f'<div class="page"><a href="?p=2">Next</a>{TRAPS[trap]}</div><script>{TRAPS[trap]}</script>')
    assert time.process_time() - started < 1


@pytest.mark.parametrize("form", [*_PAGES, *_ITEMS, *_RANGES, _PER_PAGE, *_PAGES_NEAR, *_ITEMS_NEAR])
def test_whatever_a_form_of_totals_finds_holds_one_of_its_cues(form: _Form) -> None:
    letters = st.characters(exclude_characters="\u017f\u212a\u0130\u0131")  # an s, a k and an i to `re`

    @settings(max_examples=40, deadline=None)
    @given(st.from_regex(form.pattern, alphabet=letters))
    def holds(text: str) -> None:
        assert any(cue in text.lower() for cue in form.cues)

    holds()
