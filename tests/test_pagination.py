"""Every form of pager there is: the way on, how many pages, how many items. A case is a row of `FORMS`."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover import Listing, discover
from scraper.discover.numbering import next_by_script, scripted
from scraper.discover.totals import printed

SITE = "https://news.example.edu.cn"
ROWS = "".join(
    f'<li><a href="/article/{n}.html">A headline that is long enough {n}</a><i>2026-01-{n:02}</i></li>'
    for n in range(1, 11)
)
WEBPLUS = (
    '<ul class="wp_paging"><li>每页 <em class="per_count">14</em> 总共 <em class="all_count">271</em></li>'
    '<li><a class="prev" href="{}"><span>&lt;&lt;上一页</span></a><a class="next" href="{}"><span>下一页&gt;&gt;</span></a>'
    '</li><li><em class="curr_page">{}</em>/<em class="all_pages">20</em></li></ul>'
)
VSB_TREE = "?urltype=tree.TreeTempUrl&wbtreeid=1001"
TRS_VARIABLES = (
    "<script>var currentPage = {};//from 0\nvar nextPage = currentPage+1\nvar countPage = 8;{}</script>"
)


def listing_of(pager: str, url: str = "/news") -> Listing:
    page = f"<html><body><ul class='list'>{ROWS}</ul>{pager}</body></html>"
    return discover(page.encode(), SITE + url)


FORMS: dict[str, tuple[str, str, tuple[str | None, int | None, int | None]]] = {
    "WebPlus": (
        "/1/list.htm", WEBPLUS.format("javascript:void(0);", "/1/list2.htm", 1), ("/1/list2.htm", 20, 271),
    ),
    "WebPlus, last page": (
        "/1/list20.htm", WEBPLUS.format("/1/list19.htm", "javascript:void(0);", 20), (None, 20, 271),
    ),
    "VSB": (
        "/x.htm",
        '<span class="p_pages"><span class="p_prev_d">上页</span><span class="p_no_d">1</span>'
        '<span class="p_no"><a href="x/16.htm">2</a></span><span class="p_dot">...</span>'
        '<span class="p_no"><a href="x/1.htm">17</a></span><span class="p_next"><a href="x/16.htm">下页</a></span>'
        '<span class="p_last"><a href="x/1.htm">尾页</a></span></span><span class="p_t">共161条</span>',
        ("/x/16.htm", 17, 161),
    ),
    "VSB, last page": (
        "/x/1.htm",
        '<span class="p_pages"><span class="p_no"><a href="../x.htm">1</a></span><span class="p_no">'
        '<a href="2.htm">16</a></span><span class="p_no_d">17</span><span class="p_next_d">下页</span></span>',
        (None, 17, None),
    ),
    "VSB, old": (
        "/x/5.htm",
        '<table><tr><td id="fanye12">共161条&nbsp;&nbsp;13/17&nbsp;</td><td><a href="6.htm">上页</a>'
        '<a href="4.htm">下页</a><a href="1.htm">尾页</a></td></tr></table>',
        ("/x/4.htm", 17, 161),
    ),
    "VSB, dynamic": (
        "/list.jsp" + VSB_TREE,
        f'<div>共161条 1/17 <a href="{VSB_TREE}&totalpage=17&PAGENUM=2">下页</a></div>',
        (f"/list.jsp{VSB_TREE}&totalpage=17&PAGENUM=2", 17, 161),
    ),
    "VSB, dynamic, nothing printed": (
        "/list.jsp" + VSB_TREE,
        f'<div><a href="{VSB_TREE}&totalpage=17&PAGENUM=2">下页</a></div>',
        (f"/list.jsp{VSB_TREE}&totalpage=17&PAGENUM=2", 17, None),
    ),
    "TRS": ("/xw/", '<script>createPageHTML(8, 0, "index", "html");</script>', ("/xw/index_1.html", 8, None)),
    "TRS, numbers in variables": (
        "/xw/index_2.shtml",
        TRS_VARIABLES.format(2, 'createPageHTML(countPage, currentPage, "index", "shtml");'),
        ("/xw/index_3.shtml", 8, None),
    ),
    "TRS, links written out": (
        "/xw/",
        TRS_VARIABLES.format(0, r'document.write("<a href=\"index_"+nextPage+".html\">下一页</a>");'),
        ("/xw/index_1.html", 8, None),
    ),
    "TRS, last page": ("/xw/", TRS_VARIABLES.format(7, 'createPageHTML(countPage,currentPage,"i","htm")'), (None, 8, None)),
    "DedeCMS": (
        "/a/news/list_3_1.html",
        '<ul class="pagelist"><li class="thisclass">1</li><li><a href="list_3_2.html">2</a></li>'
        '<li><a href="list_3_2.html">下一页</a></li><li><a href="list_3_9.html">末页</a></li>'
        '<li><span class="pageinfo">共 <strong>9</strong>页<strong>171</strong>条</span></li></ul>',
        ("/a/news/list_3_2.html", 9, 171),
    ),
    "phpcms": (
        "/index.php?a=lists&catid=2",
        '<div id="pages"><a class="a1">171条</a> <span>1</span> <a href="?a=lists&catid=2&page=2">2</a> ..'
        '<a href="?a=lists&catid=2&page=9">9</a> <a href="?a=lists&catid=2&page=2" class="a1">下一页</a></div>',
        ("/index.php?a=lists&catid=2&page=2", 9, 171),
    ),
    "ThinkPHP": (
        "/news/p/2.html",
        '<div class="page"><a class="prev" href="/news/p/1.html">&lt;&lt;</a><a class="num" href="/news/p/1.html">1</a>'
        '<span class="current">2</span><a class="num" href="/news/p/3.html">3</a><a class="next" href="/news/p/3.html">'
        '&gt;&gt;</a> <a class="end" href="/news/p/12.html">12</a></div>',
        ("/news/p/3.html", 12, None),
    ),
    "ThinkPHP, old": (
        "/news.html",
        '<div class="page">120 条记录 1/12 页 <a href="/news/p/2.html">下一页</a></div>',
        ("/news/p/2.html", 12, 120),
    ),
    "ASP": (
        "/list.asp?page=2",
        '<td>共 <b>120</b> 篇文章 <a href="?page=1">上一页</a> <a href="?page=3">下一页</a> '
        "页次：<strong>2</strong>/<strong>12</strong>页 10篇文章/页</td>",
        ("/list.asp?page=3", 12, 120),
    ),
    "WordPress": (
        "/news/",
        '<nav class="pagination"><span aria-current="page" class="page-numbers current">1</span>'
        '<a class="page-numbers" href="/news/page/2/">2</a><span class="dots">…</span><a class="page-numbers"'
        ' href="/news/page/37/">37</a><a class="next page-numbers" href="/news/page/2/">Older <i></i></a></nav>',
        ("/news/page/2/", 37, None),
    ),
    "Drupal, counted from 0": (
        "/news?page=1",
        '<nav class="pager"><ul><li><a href="?page=0"><span>Page</span>1</a></li><li class="is-active">'
        '<a href="?page=1"><span>Current page</span>2</a></li><li><a href="?page=2" rel="next"><span>Next page</span>'
        "<span>››</span></a></li><li><a href='?page=23'><span>Last page</span><span>Last »</span></a></li></ul></nav>",
        ("/news?page=2", 24, None),
    ),
    "offsets": (
        "/news?offset=10",
        '<div class="pagination"><a href="?offset=0">1</a><a class="active" href="?offset=10">2</a>'
        '<a href="?offset=20">3</a><a href="?offset=20">Next</a><a href="?offset=110">Last</a></div>',
        ("/news?offset=20", 12, None),
    ),
    "offsets without numbers": (
        "/news", '<a href="?offset=10">Next</a><a href="?offset=110">Last</a>', ("/news?offset=10", None, None),
    ),
    "K2Web: a form sent by script": (
        "/bbs/artclList.do",
        '<div class="_paging"><p><span class="_curPage">1</span><span class="_totPage">6</span></p>'
        "<a href=\"javascript:page_link('2')\">다음</a></div>",
        (None, 6, None),
    ),
    "a link in the head": ("/news", '<link rel="next" href="/news/page/2/">', ("/news/page/2/", None, None)),
    "a button with a link": ("/news", '<a class="btn" href="/news?page=2">Load more news</a>', ("/news?page=2", None, None)),
    "a button with data": ("/news", '<button data-url="/news?page=2">Load more</button>', ("/news?page=2", None, None)),
    "endless scrolling": ("/news", '<div data-next-url="/news?page=2"></div>', ("/news?page=2", None, None)),
    "more of this list": ("/news?x=1", '<a href="/news?x=1&p=2">More news</a>', ("/news?x=1&p=2", None, None)),
    "more of another list": ("/news", '<a href="/events?p=2">More news</a>', (None, None, None)),
    "a picture": ("/news", '<a href="?p=2"><img src="n.gif" alt="下一页"></a>', ("/news?p=2", None, None)),
    "a form button": (
        "/news", """<input type="button" value="下一页" onclick="location.href='?p=2'">""", ("/news?p=2", None, None),
    ),
    "a script that goes there": (
        "/news", """<a href="javascript:window.location='?p=2'">下一页</a>""", ("/news?p=2", None, None),
    ),
    "a box to choose from": (
        "/news",
        '<div class="page"><a href="?p=2">下一页</a><select><option>1</option><option>2</option><option>3</option></select></div>',
        ("/news?p=2", 3, None),
    ),
    "which items of how many": ("/news", '<p>Displaying 1 - 10 of 190 items</p><a href="?p=2">Next</a>', ("/news?p=2", 19, 190)),
    "how many a page": ("/news", '<p>共190条 每页10条 <a href="?p=2">下一页</a>', ("/news?p=2", 19, 190)),
    "layui": ("/news", "<script>laypage.render({elem:'p',count:190,limit:10,curr:1})</script>", (None, 19, 190)),
    "jQuery": ("/news", "<script>$('#p').jqPaginator({totalPages: 19, currentPage: 1})</script>", (None, 19, None)),
    "Korean": ("/news", '<p>전체 396건 / 현재 1 / 40 페이지</p><a href="?p=2">다음</a>', ("/news?p=2", 40, 396)),
    "Japanese": ("/news", '<p>全120件中 1-10件</p><a href="?p=2">次へ</a>', ("/news?p=2", 12, 120)),
    "German": ("/news", '<p>Seite 1 von 12</p><a href="?p=2">Weiter</a>', ("/news?p=2", 12, None)),
    "French": ("/news", '<p>Page 1 sur 12</p><a href="?p=2">Suivant</a>', ("/news?p=2", 12, None)),
    "the last page, its next pressed no more": (
        "/news?p=12",
        '<div class="page"><a href="?p=11">上一页</a><a href="?p=11">11</a><span class="current">12</span><a>下一页</a></div>',
        (None, 12, None),
    ),
    "the last page, its next one too far": (
        "/news?p=12", '<div class="page">12/12 <a href="?p=13">下一页</a></div>', (None, 12, None),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_pager_tells_the_way_on_and_the_totals(form: str) -> None:
    url, pager, expected = FORMS[form]
    listing = listing_of(pager, url)
    following = listing.next and listing.next.removeprefix(SITE)
    assert (following, listing.total_pages, listing.total_items) == expected
    assert len(listing.items) == 10


@pytest.mark.parametrize(
    "label",
    [
        "下一页 >", "[下一页]", "后页", "下一頁", "下10条", "Next →", "NEXT>", "Next page", "Next 10", "Older Entries",
        "Page suivante", "Suivant »", "Suivante", "Nächste Seite", "weiter", "다음", "다음페이지", "次へ",
        "次のページ", "次の10件", "Página siguiente", "Volgende", "Вперёд",
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


CALLS = st.sampled_from(["_simple_list_gotopage_fun(", "createPageHTML(", "'index'", '"html"', "countPage=", "currentPage=",
                         "totalpage=", "?", "laypage({", "count:", "limit:", "pages:", ",", "1", "0", "999999", " "])  # fmt: skip


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
    started = time.perf_counter()
    printed(TRAPS[trap], near=True)
    scripted(TRAPS[trap], SITE + "/x.htm")
    listing_of(f'<div class="page"><a href="?p=2">Next</a>{TRAPS[trap]}</div><script>{TRAPS[trap]}</script>')
    assert time.perf_counter() - started < 1
