"""Noise of parts a page always has and whose words move: likes, downloads, related articles, clocks. Pure.

Every kind is a function (page, chance) that gives the page twice, each time as a look would find it.
"""

from __future__ import annotations

import random
from functools import partial

from lxml import html

from changing.pages import Base
from changing.things import DOCUMENT
from changing.work import Work, source

Twice = tuple[str, str] | None
_NEWS = {
    True: ("学校召开期末工作会议", "青年志愿者走进社区", "图书馆新书开展", "校运会开幕", "实验室开放日举办"),
    False: ("Choir sings in the hall", "Ferry stop moves north", "A new chair in soil science", "Open days"),
}


_RELATED = (
    '<div class="xg"><h3>相关新闻</h3><ul>{news}</ul></div>',
    '<div class="more"><h3>Related news</h3><ul>{news}</ul></div>',
)
# Where the part stands, and what it says in Chinese and in English.
_PARTS = {
    "likes": ("after", '<div class="zan">点赞（{n}）</div>', '<div class="likes">Like {n}</div>'),
    "likes_inside": (
        "inside",
        '<div class="zan">点赞 <span>{n}</span></div>',
        '<div class="likes"><span>{n}</span> likes</div>',
    ),
    "shares": (
        "after",
        '<div class="share">分享到：<a href="#">微信</a> <em>{n}</em></div>',
        '<div class="share">Share: <a href="#">Facebook</a> <em>{n}</em></div>',
    ),
    "reads_inside": ("inside", "<p>阅读次数：{n}</p>", "<p>Views: {n}</p>"),
    "comment_count": (
        "after",
        '<div class="pl"><a href="#c">评论（{n}）</a></div>',
        '<div><a href="#c">{n} comments</a></div>',
    ),
    "related": ("after", *_RELATED),
    "related_inside": ("inside", *_RELATED),
    "clock": (
        "above",
        "<div>现在时间 12:03:{s} 晴 {s}℃</div>",
        "<div>It is 12:03:{s}, {s} degrees</div>",
    ),
}


def _inserted(base: Base, chance: random.Random, *, where: str, zh: str, en: str) -> Twice:
    """Put a part into the page twice, `{n}` a new number and `{news}` new headlines each time."""

    def once() -> str | None:
        work = Work(base, chance)
        around = work.container()
        if around is None or around.tag not in ("div", "td", "article", "form"):
            return None
        news = "".join(
            f'<li><a href="/news/{chance.randint(1, 9999)}.htm">{title}</a></li>'
            for title in chance.sample(_NEWS[work.zh], 3)
        )
        part = html.fragment_fromstring(
            (zh if work.zh else en).format(n=chance.randint(2, 900), news=news, s=f"{chance.randint(10, 59)}")
        )
        if where == "inside":
            around.append(part)
        elif where == "after":
            around.addnext(part)
        else:
            work.tree.body.insert(0, part)
        return source(work)

    one, two = once(), once()
    return (one, two) if one is not None and two is not None else None


def downloads(base: Base, chance: random.Random) -> Twice:
    """How often a file of the article was fetched, beside its name."""

    def once() -> str | None:
        work = Work(base, chance)
        around = work.container()
        links = [] if around is None else [a for a in around.iter("a") if DOCUMENT.search(a.get("href", ""))]
        for link in links:
            count = chance.randint(2, 900)
            link.tail = (f" 已下载{count}次" if work.zh else f" (Downloads: {count})") + (link.tail or "")
        return source(work) if links else None

    one, two = once(), once()
    return (one, two) if one is not None and two is not None else None


KINDS = {
    **{name: partial(_inserted, where=where, zh=zh, en=en) for name, (where, zh, en) in _PARTS.items()},
    "downloads": downloads,
}
