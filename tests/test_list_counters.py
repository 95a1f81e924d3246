"""The views of a whole list, asked for at once as the CMS's own script does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover import ListCounter, Listing, discover

SITE = "http://news.example.edu.cn"


def webplus(rows: str, script: str = 'sudy-wp-siteId="7" sudy-wp-context=""') -> Listing:
    head = f'<script src="/_js/jquery.sudy.wp.visitcount.js" {script}></script>'
    list_ = f"<ul class='news_list'>{rows}</ul><div class='wp_paging'></div>"
    return discover(f"<html><head>{head}</head><body>{list_}</body></html>".encode(), SITE + "/12/list.htm")


def webplus_row(number: int, counted: bool = True) -> str:
    count = (
        f'<span class="wp_listVisitCount" style="visibility:hidden" artId="{number}" type="3"'
        f' listVisitCountId="wp_listVisitCount_{number}">0</span>'
    )
    link = f'<a href="/2026/0105/c12a{number}/page.htm">A headline that is long enough {number}</a>'
    return f"<li>{link}<i>2026-01-05</i>{count if counted else ''}</li>"


def vsb(call: str) -> Listing:
    rows = "".join(
        f'<li><a href="info/5/{number}.htm">A headline that is long enough {number}</a><i>2026-01-05</i>'
        f'<span id="dynclicks_u9_{number}"></span></li>'
        for number in (101, 102, 103)
    )
    script = f"<script>{call}</script><script src='/system/resource/js/dynclicks.js'></script>"
    return discover(f"<html><body><ul>{rows}</ul>{script}</body></html>".encode(), SITE + "/xw.htm")


def test_webplus_is_asked_for_all_articles_of_the_list_at_once() -> None:
    (counter,) = webplus(webplus_row(11) + webplus_row(12) + webplus_row(13, counted=False)).counters
    assert counter.url == SITE + "/_visitcountdisplay?articleIds=11,12&siteId=7&type=3&funType=0"
    assert (counter.method, counter.body) == ("POST", b"")
    answer = b'[{"articleId":12,"count":340},{"articleId":11,"count":"5"},{"articleId":99,"count":1}]'
    assert counter.parse(answer) == {
        SITE + "/2026/0105/c12a11/page.htm": 5,
        SITE + "/2026/0105/c12a12/page.htm": 340,
    }


def test_webplus_in_a_context_is_asked_there() -> None:
    (counter,) = webplus(webplus_row(11), 'sudy-wp-siteId="7" sudy-wp-context="portal"').counters
    assert counter.url == SITE + "/portal/_visitcountdisplay?articleIds=11&siteId=7&type=3&funType=0"


def test_vsb_is_asked_for_the_articles_that_its_script_names() -> None:
    call = "_showDynClickBatch(['dynclicks_u9_101','dynclicks_u9_103'],[101, 103], \"wbnews\", 1234567)"
    (counter,) = vsb(call).counters
    path = "/system/resource/code/news/click/dynclicksbatch.jsp"
    assert counter.url == f"{SITE}{path}?clickids=101,103&owner=1234567&clicktype=wbnews"
    assert counter.method == "GET"
    assert counter.parse(b"17,4\r\n") == {SITE + "/info/5/101.htm": 17, SITE + "/info/5/103.htm": 4}


def test_a_list_of_other_articles_is_not_asked_for() -> None:
    assert vsb("_showDynClickBatch(['dynclicks_u2_7'],[7], \"wbnews\", 1234567)").counters == ()
    assert webplus(webplus_row(11, counted=False)).counters == ()


IN_ORDER = ListCounter("http://a.edu/", (("1", "/1"), ("2", "/2")))
BY_NUMBER = ListCounter("http://a.edu/", (("1", "/1"), ("2", "/2")), keys=("articleId", "count"))


@pytest.mark.parametrize(
    ("counter", "answer", "views"),
    [
        pytest.param(IN_ORDER, b"5", {}, id="too few"),
        pytest.param(IN_ORDER, b"5,6,7", {}, id="too many"),
        pytest.param(IN_ORDER, b"5,", {"/1": 5}, id="one unknown"),
        pytest.param(IN_ORDER, b"<html>,</html>", {}, id="a shell"),
        pytest.param(IN_ORDER, b"1" * 30 + b",6", {"/2": 6}, id="a number too long"),
        pytest.param(BY_NUMBER, b"", {}, id="empty"),
        pytest.param(BY_NUMBER, b'{"articleId":1,"count":2}', {}, id="no list"),
        pytest.param(BY_NUMBER, b'[1,null,{"articleId":1}]', {}, id="no counts"),
        pytest.param(BY_NUMBER, b"[" * 60_000, {}, id="deep"),
        pytest.param(BY_NUMBER, "非法请求".encode(), {}, id="refused"),
    ],
)
def test_an_answer_that_does_not_fit_the_question_gives_nothing(
    counter: ListCounter, answer: bytes, views: dict[str, int]
) -> None:
    assert counter.parse(answer) == views


@given(st.binary(max_size=100))
def test_no_answer_raises(answer: bytes) -> None:
    assert all(views >= 0 for c in (IN_ORDER, BY_NUMBER) for views in c.parse(answer).values())
