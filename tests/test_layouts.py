"""The ways a list can be laid out: a layout is one row's markup; beside it stand a menu and a side list."""

from __future__ import annotations

import pytest

from scraper.discover import Listing, discover

SITE = "https://news.example.edu.cn"
TITLE = "学院举办第{n}届研究生学术论坛暨颁奖典礼"
ENGLISH = "The title of the story number {n}"
NAV = '<div class="nav"><ul>{}</ul></div>'.format(
    "".join(f'<li><a href="/c{n}/list.htm">栏目名称{n}</a></li>' for n in range(12))
)
SIDE = '<div class="sidebar"><h3>热点</h3><ul>{}</ul></div>'.format(
    "".join(
        f'<li><a href="/info/9/{n}.htm">侧栏热门新闻的标题第{n}条内容</a><i>2025-12-1{n}</i></li>'
        for n in range(9)
    )
)
LINK = f'<a href="/info/1/{{n}}.htm">{TITLE}</a>'
STORY = f'<a href="/news/a-story-{{n}}">{ENGLISH}</a>'
# name: (what stands around the rows, one row)
LAYOUTS = {
    "list": ("<ul>{}</ul>", f"<li>{LINK}<span>2026-01-0{{n}}</span></li>"),
    "definition list": ("<dl>{}</dl>", f"<dt>2026-01-0{{n}}</dt><dd>{LINK}</dd>"),
    "day over month": (
        "<ul>{}</ul>",
        f"<li><div><b>0{{n}}</b><span>2026-01</span></div>{LINK}<p>摘要摘要摘要</p></li>",
    ),
    "day, month, year": (
        "<div>{}</div>",
        f"<div class=item><div>{{n}}</div><div>Jan</div><div>2026</div>{STORY}</div>",
    ),
    "cards": (
        "<div class=grid>{}</div>",
        '<div class="col-md-4"><a href="/info/1/{n}.htm"><img src="a.jpg"></a><div>'
        f'<a href="/info/1/{{n}}.htm" title="{TITLE}">学院举办第{{n}}届...</a>'
        "<em>2026年1月{n}日</em></div></div>",
    ),
    "cards that are links": (
        "<main>{}</main>",
        f'<a class=card href="/news/a-story-{{n}}"><img><span>News</span><h2>{ENGLISH}</h2>'
        '<time datetime="2026-01-0{n}T10:00:00Z">{n} Jan 2026</time></a>',
    ),
    "table": (
        "<table>{}</table>",
        f"<tr><td>{{n}}</td><td>{LINK}</td><td>教务处</td><td>2026/1/{{n}}</td></tr>",
    ),
    "lines": ("<td>{}</td>", f"<font color=red>·</font>{LINK} <font>(2026-01-0{{n}})</font><br>"),
    "date in the link": (
        "<ul>{}</ul>",
        f'<li><a href="/info/1/{{n}}.htm">{TITLE}<i>2026-01-0{{n}}</i></a></li>',
    ),
    "posts": (
        "<div>{}</div>",
        f"<div class=post><h3>{STORY}</h3><p>Some words about it</p><p>January {{n}}, 2026 by x</p>"
        '<a href="/news/a-story-{n}">Read more</a></div>',
    ),
    "a heading each": ("<div>{}</div>", f"<div><h4>{{n}} January 2026</h4><p>{STORY}</p></div>"),
    "elements side by side": (
        "<div>{}</div>",
        f"<div class=t>{LINK}</div><div class=d>2026-01-0{{n}}</div><div class=s>摘要摘要</div>",
    ),
    "links to share": (
        "<ul>{}</ul>",
        f"<li>{LINK}<a href='javascript:s()'>分享到微信</a><i>2026-01-0{{n}}</i></li>",
    ),
    "another site": (
        "<ul>{}</ul>",
        f'<li><a href="https://mp.weixin.qq.com/s/x{{n}}y">{TITLE}</a><i>2026-01-0{{n}}</i></li>',
    ),
    "below a slider": (
        f'<div class="swiper"><div class="swiper-slide">{LINK.format(n=1)}<i>2026-01-01</i></div></div>'
        "<ul>{}</ul>",
        f"<li>{LINK}<i>2026-01-0{{n}}</i></li>",
    ),
    "short years": (
        "<table>{}</table>",
        '<tr><td><a href="/xw/202601/t2026010{n}_5{n}.html">' + TITLE + "</a></td><td>26-01-0{n}</td></tr>",
    ),
    "topics as classes": (
        "<div>{}</div>",
        f'<article class="post tag-hot category-nav">{STORY}<time>{{n}} Jan 2026</time></article>',
    ),
    "time of the last change hidden beside": (
        "<div>{}</div>",
        f'<article>{STORY}<span class="updated hidden">2026-03-01T10:00:00+00:00</span>'
        "<p>January {n}, 2026</p></article>",
    ),
    "new ones marked in Korean": (
        "<table>{}</table>",
        f"<tr><td>{LINK}<span>새글</span></td><td>관리자</td><td>2026.01.0{{n}}</td><td>12</td></tr>",
    ),
}


def read(body: str) -> Listing:
    return discover(f"<html><body>{NAV}{body}{SIDE}</body></html>".encode(), SITE + "/news/")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_list_is_read_however_it_is_laid_out(layout: str) -> None:
    around, row = LAYOUTS[layout]
    listing = read(around.format("".join(row.format(n=n) for n in range(1, 9))))
    titles = {TITLE.format(n=1), ENGLISH.format(n=1)}
    assert len(listing.items) == 8
    assert listing.items[0].title in titles
    assert [(item.release_time or "")[:10] for item in listing.items] == [
        f"2026-01-0{n}" for n in range(1, 9)
    ]


def test_two_articles_in_one_row_are_two_items() -> None:
    cell = f"<td>{LINK}</td><td>[2026-01-0{{n}}]</td>"
    rows = "".join(f"<tr>{cell.format(n=n)}{cell.format(n=n + 1)}</tr>" for n in (1, 3, 5, 7))
    listing = read(f"<table>{rows}</table>")
    assert [item.release_time for item in listing.items] == [f"2026-01-0{n}" for n in range(1, 9)]


def test_the_pager_tells_a_list_of_one_from_a_longer_one_beside_it() -> None:
    row = LAYOUTS["list"][1].format(n=1)
    listing = read(f'<div class="main"><ul>{row}</ul><div class="page">共1条 1/1</div></div>')
    assert [item.title for item in listing.items] == [TITLE.format(n=1)]


def test_an_item_that_is_pinned_and_listed_stays_twice() -> None:
    rows = [LAYOUTS["list"][1].format(n=n) for n in (3, 1, 2, 3, 4)]
    listing = read(f"<ul>{rows[0].replace('<a', '<b>[置顶]</b><a')}{''.join(rows[1:])}</ul>")
    assert [item.url[-5:] for item in listing.items] == ["3.htm", "1.htm", "2.htm", "3.htm", "4.htm"]
    assert listing.items[0] == listing.items[3]
