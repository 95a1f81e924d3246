"""Addresses that are one article have one key; addresses that are two have two."""

from __future__ import annotations

import pytest

from scraper.presets import article_key
from scraper.urls import urlkey

SITE = "http://news.example.edu.cn"
DYNAMIC = SITE + "/content.jsp?urltype=news.NewsContentUrl&wbtreeid={}&wbnewsid={}"


def key(url: str) -> str:
    return article_key(urlkey(url))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(SITE + "/a/1.htm", "https://www.news.example.edu.cn/a/1.htm#top", id="scheme and www"),
        pytest.param(SITE + "/2026/a-story/", SITE + "/2026/a-story", id="slash at the end"),
        pytest.param(SITE + "/2026/a-story/", SITE + "/2026/a-story/index.html", id="index"),
        pytest.param(
            SITE + "/a.jsp;jsessionid=0A?id=1&b=2", SITE + "/a.jsp?b=2&id=1", id="session and order"
        ),
        pytest.param(SITE + "/info/1001/77.htm", SITE + "/info/1002/77.htm", id="VSB, two trees"),
        pytest.param(SITE + "/info/1001/77.htm", DYNAMIC.format(1001, 77), id="VSB, dynamic"),
        pytest.param(DYNAMIC.format(1001, 77), DYNAMIC.format(1002, 77), id="VSB, dynamic, two trees"),
        pytest.param(
            SITE + "/2026/0105/c12a77/page.htm",
            SITE + "/2026/0106/c13a77/page.psp",
            id="WebPlus, two columns",
        ),
        pytest.param(
            SITE + "/2026/0105/c12a77/page.htm", SITE + "/e1/d7/c12a77/page.htm", id="WebPlus, old form"
        ),
    ],
)
def test_two_addresses_of_one_article_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SITE + "/info/1001/77.htm", SITE + "/info/1001/78.htm"),
        (SITE + "/info/1001/77.htm", "http://lib.example.edu.cn/info/1001/77.htm"),
        (DYNAMIC.format(1001, 77), DYNAMIC.format(1001, 7)),
        (SITE + "/2026/0105/c12a77/page.htm", SITE + "/2026/0105/c12a78/page.htm"),
        (SITE + "/2026/0105/c12a77/page.htm", SITE + "/_redirect?siteId=1&columnId=12&articleId=77"),
        (SITE + "/news/index.php?id=1", SITE + "/news/index.php?id=2"),
        (SITE + "/news/index_1.html", SITE + "/news/"),
    ],
)
def test_two_articles_have_two_keys(one: str, other: str) -> None:
    assert key(one) != key(other)
