"""From unknown pages to a proposal: which links lead to news, what is a list of it, what a site is called."""

from __future__ import annotations

import pytest

from scraper.page import Page
from scraper.survey import (
    LIKELY,
    Section,
    Unfit,
    candidates,
    feeds,
    forward,
    from_sitemap,
    is_home,
    judge,
    name_of,
    propose,
    repeats,
)

HOME = "https://www.example.edu/"


def page(body: str, url: str = HOME, title: str = "") -> Page:
    return Page(url=url, body=f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode())


def labels(body: str) -> list[str]:
    return [each.label for each in candidates(page(body)) if each.score >= LIKELY]


def listing(*days: str, more: str = "", url: str = "https://www.example.edu/xw/list.htm") -> Page:
    rows = "".join(
        f"<li><a href='/info/1/{n}.htm'>A story of some length, number {n}</a><span>{day}</span></li>"
        for n, day in enumerate(days, 1000)
    )
    return page(f"<ul class='news_list'>{rows}</ul>{more}", url, "校园新闻-北方大学")


@pytest.mark.parametrize(
    "label",
    [
        "学校要闻", "通知公告", "公示", "学术讲座", "媒体报道", "综合新闻", "News", "Latest news", "Events",
        "Press releases", "Announcements", "Actualités", "Nachrichten", "Aktuelles", "뉴스", "공지사항",
        "ニュース", "お知らせ", "Noticias",
    ],
)  # fmt: skip
def test_a_link_that_says_news_in_its_language_is_likely(label: str) -> None:
    assert labels(f"<ul class='nav'><li><a href='/x/'>{label}</a></li></ul>") == [label]


@pytest.mark.parametrize(
    "link",
    [
        "<a href='/about/'>学校简介</a>",
        "<a href='/login'>News login</a>",
        "<a href='/'>新闻首页</a>",
        "<a href='https://www.other.example/news/'>News</a>",
        "<a href='/news.pdf'>News</a>",
        "<a href='/list2.htm'>下一页</a>",
        "<a href='/news/page/2/'>2</a>",
        "<a href='/info/1/2.htm'>我校召开二〇二六年新闻宣传工作会议并部署下一阶段任务</a>",
        "<a href='javascript:void(0)'>News</a>",
    ],
)
def test_a_link_that_leads_elsewhere_is_not(link: str) -> None:
    assert labels(f"<div class='nav'>{link}</div>") == []


def test_the_surest_words_come_first_and_each_address_once() -> None:
    body = (
        "<div class='nav'><a href='/rc/list.htm'>人才培养</a><a href='/jz/list.htm'>讲座预告</a>"
        "<a href='/tz/list.htm'>通知公告</a></div><a href='/tz/list.htm'>更多</a>"
    )
    assert [each.label for each in candidates(page(body))] == ["通知公告", "讲座预告", "人才培养"]


def test_a_more_is_called_as_the_heading_it_stands_with() -> None:
    body = (
        "<div><div class='hd'><h2>学术动态</h2><span><a href='/xsdt.htm'>MORE+</a></span></div><p>x</p></div>"
    )
    assert labels(body) == ["学术动态"]


def test_another_host_of_the_university_counts_another_port_does_not() -> None:
    body = (
        "<div class='nav'><a href='https://news.example.edu/'>新闻网</a>"
        "<a href='https://www.example.edu:8443/'>新闻网</a></div>"
    )
    assert [each.url for each in candidates(page(body))] == ["https://news.example.edu/"]


def test_a_sitemap_gives_the_addresses_that_look_like_lists() -> None:
    entries = ("/news/", "/about/", "/news/2026/09/01/a-long-story-of-many-words.html")
    body = "".join(f"<url><loc>https://www.example.edu{path}</loc></url>" for path in entries)
    found = from_sitemap(Page(url=f"{HOME}sitemap.xml", body=f"<urlset>{body}</urlset>".encode()), HOME)
    assert [each.url for each in found] == ["https://www.example.edu/news/"]


def test_feeds_and_forwards_are_read_from_the_source() -> None:
    head = "<link rel='alternate' type='application/rss+xml' href='/feed/'>"
    assert feeds(Page(url=HOME, body=f"<html><head>{head}</head></html>".encode())) == (f"{HOME}feed/",)
    for body in (
        "<meta http-equiv='refresh' content='0;URL=/cn/main.htm'>",
        "<script>window.location.href = '/cn/main.htm';</script>",
        '<script>location.replace("/cn/main.htm")</script>',
    ):
        assert forward(Page(url=HOME, body=body.encode())) == f"{HOME}cn/main.htm"
    assert forward(page("nothing")) is None


def test_a_home_page_is_told_by_its_address() -> None:
    assert all(is_home(HOME + path) for path in ("", "index.htm", "main.psp", "index.php", "default.aspx"))
    assert not any(is_home(HOME + path) for path in ("news/", "list.htm", "?id=1", "index2.htm"))


def test_a_dated_list_is_one_and_is_called_as_its_link_or_its_title() -> None:
    found = judge(listing("2026-09-01", "2026-09-03", "2026-09-02"), "要闻")
    assert isinstance(found, Section)
    assert (found.name, found.newest, len(found.listing.items)) == ("要闻", "2026-09-03", 3)
    unnamed = judge(listing("2026-09-01", "2026-09-02"))
    assert isinstance(unnamed, Section)
    assert unnamed.name == "校园新闻"


def test_a_list_without_dates_is_one_only_where_it_goes_on() -> None:
    pager = "<div class='page'><a href='/xw/list2.htm'>下一页</a></div>"
    assert isinstance(judge(listing(*[""] * 8)), Unfit)
    assert isinstance(judge(listing(*[""] * 8, more=pager)), Section)


def test_what_is_no_list_is_told_why() -> None:
    missing = Page(url=HOME, body=b"<html><body>404</body></html>", status=404)
    found = judge(missing, "新闻")
    assert isinstance(found, Unfit)
    assert (found.label, found.problem, found.why) == ("新闻", "not_found", "not found (status 404)")


def test_two_lists_of_the_same_articles_are_one() -> None:
    one, other = judge(listing("2026-09-01", "2026-09-02")), judge(listing("2026-09-01", "2026-09-02"))
    assert isinstance(one, Section)
    assert isinstance(other, Section)
    assert repeats(one.listing, other.listing)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.szu.edu.cn/", "szu"),
        ("https://en.szu.edu.cn/life/list.htm", "szu-en"),
        ("https://news.ncl.ac.uk:8080/", "ncl-news-8080"),
        ("http://127.0.0.1:8701/", "127-0-0-1-8701"),
        ("http://[::1]/", "1"),
        ("https://xn--fiqs8s.example/", "xn-fiqs8s"),
    ],
)
def test_a_site_is_named_after_its_host(url: str, name: str) -> None:
    assert name_of(url) == name
    assert name_of(url, [name, f"{name}-2"]) == f"{name}-3"


@pytest.mark.parametrize(
    ("host", "zone", "source"),
    [
        ("www.north.edu.cn", "Asia/Shanghai", "country"),
        ("www.north.ac.uk", "Europe/London", "country"),
        ("www.north.example", None, None),
    ],
)
def test_the_zone_comes_from_the_country(host: str, zone: str | None, source: str | None) -> None:
    section = judge(listing("2026-09-01", "2026-09-02", url=f"https://{host}/list.htm"))
    assert isinstance(section, Section)
    proposal = propose("north", [section])
    assert (proposal.timezone, proposal.timezone_from) == (zone, source)
    assert proposal.setting()["seeds"] == [{"url": f"https://{host}/list.htm", "section": "校园新闻"}]
