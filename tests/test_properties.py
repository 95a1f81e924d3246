"""What holds for any page: articles of every template come back as they were put in, and nothing raises."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper import discover, extract
from scraper.extract.sanitise import sanitised
from scraper.page import Page
from scraper.presets import BEACONS

WORDS = ("garden", "library", "river", "lecture", "archive", "bridge", "orchard", "harbour", "meadow")
HAN = "图书馆花园河流桥梁讲座档案果树灯笼港湾草地陶器校园学生老师春天秋季开放参观"
URL = "https://news.example.edu/info/1001/2002.htm"


def english(least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=least, max_size=most).map(lambda words: " ".join(words))


def chinese(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(HAN, min_size=least, max_size=most)


def sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}, and so it went on until the evening."


PARAGRAPHS = st.one_of(
    st.lists(english(8, 20).map(sentence), min_size=3, max_size=6, unique=True),
    st.lists(
        chinese(20, 60).map(lambda text: f"{text}，大家都很高兴。"), min_size=3, max_size=6, unique=True
    ),
)
TITLES = st.one_of(english(4, 9).map(str.capitalize), chinese(8, 24))
DAYS = st.dates(date(1995, 1, 1), date(2030, 12, 31))
PRINTED: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day:%Y/%m/%d}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day:%d %B %Y}",
    lambda day: f"{day:%B} {day.day}, {day.year}",
)


def webplus(title: str, day: str, views: int, text: str) -> str:
    return (
        f"<title>{title}</title><div class='col_path'>Home &gt; Campus Life</div>"
        f"<h1 class='arti_title'>{title}</h1>"
        f"<p class='arti_metas'><span class='arti_update'>Release Time:{day}</span>"
        f"<span class='arti_views'>Views:<span class='WP_VisitCount'>{views}</span></span></p>"
        f"<div class='wp_articlecontent'>{text}</div>"
    )


def vsb(title: str, day: str, views: int, text: str) -> str:
    return (
        f"<title>{title}-Site</title><div class='position'>当前位置：首页 &gt; Campus Life &gt; 正文</div>"
        f"<form name='_newscontent_fromname'><h1>{title}</h1><p>时间：{day} 点击：{views}</p>"
        f"<div id='vsb_content'><div class='v_news_content'>{text}</div></div></form>"
    )


def plain(title: str, day: str, views: int, text: str) -> str:
    return (
        f"<title>{title} | Site</title><ul class='breadcrumb'><li>Home<li>Campus Life</ul>"
        f"<main><h1>{title}</h1>"
        f"<p>Published: {day} | Views: {views}</p><div>{text}</div></main>"
    )


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([webplus, vsb, plain]),
    TITLES,
    DAYS,
    st.sampled_from(PRINTED),
    st.integers(0, 10**7),
    PARAGRAPHS,
)
def test_an_article_comes_back_as_it_was_put_in(
    template: Callable[[str, str, int, str], str],
    title: str,
    day: date,
    printed: Callable[[date], str],
    views: int,
    paragraphs: list[str],
) -> None:
    html = template(title, printed(day), views, "".join(f"<p>{text}</p>" for text in paragraphs))
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.title == title
    assert article.release_time == day.isoformat()
    assert article.views == views
    assert article.section == "Campus Life"
    assert article.body == "\n\n".join(paragraphs)
    assert all(text in article.body_html for text in paragraphs)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(TITLES, DAYS), min_size=4, max_size=15, unique_by=lambda row: row[0]), st.booleans()
)
def test_a_list_comes_back_in_its_order(rows: list[tuple[str, date]], as_table: bool) -> None:
    row = (
        "<tr><td><a href='{}'>{}</a></td><td>{}</td></tr>"
        if as_table
        else "<li><a href='{}'>{}</a><span>{}</span>"
    )
    inside = "".join(row.format(f"/info/1/{at}.htm", *each) for at, each in enumerate(rows))
    menu = "<div class='nav'><a href='/'>Home</a><a href='/a.htm'>About</a><a href='/b.htm'>Staff</a></div>"
    listing = discover(
        f"{menu}<{'table' if as_table else 'ul'}>{inside}".encode(), "https://news.example.edu/list.htm"
    )
    assert [(item.title, item.release_time) for item in listing.items] == [
        (title, day.isoformat()) for title, day in rows
    ]


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            ["<div>", "</div>", "<p>", "<table><tr><td>", "<h1>", "</h1>", "<a href='x.pdf'>",
             "<img src=a.jpg>", "<!--", "-->", "<script>", "</script>", "</html>", "<br>",
             "发布时间：2024-01-01", "浏览次数：12",
             "<base href='http://[' >", "<a href='javascript:x()'>", "<meta name=date content=x>", "&#xD800;"]
        ),
        st.text(max_size=30),
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.binary(max_size=400), MARKUP.map(lambda text: text.encode("utf-8", "replace"))),
    st.text(max_size=30),
)
def test_whatever_a_page_holds_is_read_or_refused(body: bytes, address: str) -> None:
    for url in (URL, address):
        extraction = extract(body, url, content_type=address)
        discover(body, url, content_type=address)
        assert (extraction.article is None) != (extraction.problem is None)
        if extraction.article is not None:
            record = extraction.article
            assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|\n\n\n|^\s|\s$", record.body)
            urls = [file.url for file in (*record.images, *record.attachments)]
            assert all(urlsplit(each).scheme in ("http", "https") for each in urls)
        if extraction.counter is not None:
            counted = extraction.counter.url
            assert not any(re.search(beacon, counted) for beacon in BEACONS)


@settings(max_examples=100, deadline=None)
@given(MARKUP)
def test_sanitised_html_needs_no_further_cleaning(markup: str) -> None:
    once = sanitised(Page(URL, f"<body>{markup}</body>".encode("utf-8", "replace")).tree, URL)
    twice = sanitised(Page(URL, f"<body>{once}</body>".encode()).tree, URL)
    assert "<script" not in once
    assert "javascript:" not in re.sub(r">[^<]*<", "><", once)
    assert re.sub(r"\s+", "", twice) == re.sub(r"\s+", "", once)
