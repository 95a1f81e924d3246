"""Pages that are no article, and the name of what they are instead."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper import extract
from scraper.extract import read_article
from scraper.extract.problem import _ELSEWHERE, _IN_SOURCE, _IN_TEXT, LOOKS, _Sign, refuse
from scraper.page import Page
from scraper.presets import detect

URL = "https://news.example.edu.cn/info/1/2.htm"
RUISHU = (
    "<html><head><meta content='x9' r='m'><script>$_ts=window['$_ts'];</script></head><body></body></html>"
)
STATUSES = {
    401: "login_wall",
    403: "forbidden",
    404: "not_found",
    410: "gone",
    412: "js_challenge",
    418: "unexpected_status",
    429: "too_many_requests",
    451: "forbidden",
    503: "server_error",
    204: "empty",
}
PAGES = [
    ("js_challenge", RUISHU),
    ("login_wall", "<form>账号<input name=u>密码<input type='password' name=p></form>"),
    ("login_wall", "<title>统一身份认证平台</title><p>请登录</p>"),
    ("captcha", "<p>请输入验证码下载附件</p><img src='/system/resource/js/filedownload/createimage.jsp'>"),
    ("intranet_only", "<p>您访问的内容仅限校内访问</p>"),
    ("intranet_only", "<p>This page is only accessible from the campus.</p>"),
    ("forbidden", "<html><!--No Permission--><p>抱歉</p></html>"),
    (
        "soft_error",
        "<title>提示信息</title><div class='wp_error'><p class='wp_error_msg'>访问地址无效</p></div>",
    ),
    ("soft_error", "<p>您访问的页面不存在</p>"),
    ("soft_error", "<h1>系统尚未开通，请耐心等待！</h1>"),
    ("soft_error", "<title>系统提示页面</title><td>附件编号不允许为空，请确认！</td>"),
    ("soft_error", "<h1>Page not found</h1>"),
    ("meta_refresh", "<meta http-equiv='refresh' content='0; url=/new.htm'>"),
    ("meta_refresh", "<meta http-equiv='refresh' content='0; url=/new.htm'><p>Redirecting</p>"),
    ("js_redirect", "<script>window.location.href='/new.htm'</script>"),
    ("js_redirect", "<script>location.replace('/new.htm')</script>"),
    ("empty", ""),
    ("empty", " \r\n\t"),
    ("empty", "<html><body></body></html>"),
    ("pdf_bytes", "%PDF-1.7 ..."),
    ("not_html", "PK\x03\x04 ..."),
    ("too_deep", "<p>text</p>" + "<div>" * 3_000),
    ("too_large", "<p>text</p>" * 100_001),
    ("no_content", "<video src='a.mp4'></video>"),
]


@pytest.mark.parametrize(("problem", "html"), PAGES, ids=lambda text: text[:60])
def test_a_page_that_is_no_article_says_why(problem: str, html: str) -> None:
    extraction = extract(html.encode(), URL)
    assert (extraction.article, extraction.problem) == (None, problem)


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_is_no_success_is_named(status: int) -> None:
    body = RUISHU.encode() if status == 412 else b"<p>text</p>"
    assert read_article(Page(URL, body, status=status)).problem == STATUSES[status]


def test_every_problem_is_reachable() -> None:
    by_the_crawl = {"home_page"}  # it takes the requested address to know
    assert {problem for problem, _ in PAGES} | set(STATUSES.values()) | by_the_crawl == set(LOOKS)


def test_an_invitation_to_log_in_above_an_article_is_no_wall() -> None:
    head, byline = "<p>您好，请登录！</p>", "<p>发布者：admin 发布时间：2024-03-05</p>"
    film = f"<h3>设备使用指南</h3>{byline}<video src='a.mp4'></video>"
    assert extract(f"{head}{film}".encode(), URL).problem is None
    assert extract(f"<h3>设备使用指南</h3>{byline}<p>请登录后查看</p>".encode(), URL).problem == "login_wall"


@pytest.mark.parametrize("count", ["浏览次数：404", "Views: 404", "(Visited 404 times)"])
def test_a_count_of_readers_is_no_error_number(count: str) -> None:
    page = Page(URL, f"<h1>Notice</h1><p>{count}</p><p>The library stays open until ten.</p>".encode())
    assert refuse(page, detect(page)) is None


@pytest.mark.parametrize("script", ["$_ts=window['$_ts'];", "if (0) location.href='/m/';"])
def test_a_real_page_with_the_same_script_is_no_problem(script: str) -> None:
    text = "<p>The library stays open until ten in the evening, also at weekends.</p>" * 8
    page = Page(URL, f"<script>{script}</script><h1>Notice</h1>{text}".encode())
    assert refuse(page, detect(page)) is None


@pytest.mark.parametrize(("problem", "sign"), [*_IN_SOURCE, *_IN_TEXT, *_ELSEWHERE])
def test_whatever_a_pattern_finds_holds_one_of_its_cues(problem: str, sign: _Sign) -> None:
    letters = st.characters(exclude_characters="\u017f\u212a\u0130\u0131")  # an s, a k and an i to `re`

    @settings(max_examples=60, deadline=None)
    @given(st.from_regex(sign.pattern, alphabet=letters))
    def holds(text: str) -> None:
        assert any(cue in text.lower() for cue in sign.cues), problem

    holds()
