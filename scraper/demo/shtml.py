"""A portal of the GBK years: tables, .shtml, printed counts; (Site, Request) in, Reply out. Pure.

The pages say gb2312 and the header says nothing, yet the bytes are GB18030: one title needs it.
"""

from __future__ import annotations

import re
from datetime import datetime
from html import escape

from scraper.demo.content import Article, Section, Site
from scraper.demo.markup import Look, to_html
from scraper.demo.reply import Reply, Request, answer, closed, fragment, page, window

_LOOK = Look("<P>　　{}</P>", "/pic/0/00/12/{}")
_ENCODING = "gb18030"
_ITEM = (
    '<tr><td width="16">·</td><td><a href="{href}" target="_blank">{title}</a></td>'
    '<td width="110" align="right">{released:%Y-%m-%d}</td></tr>'
)
# style of a section -> the line under its articles' title
_LINES = {
    "portal": "<span>来源： {source}</span> <span>发稿时间：{released:%Y-%m-%d %H:%M}</span>"
    " <span>点击：{views}</span>",
    "press": "来源： {source} 时间: {released:%Y-%m-%d} 阅读:{views}",
}


def respond(site: Site, request: Request) -> Reply:
    """Return the site's answer to the request."""
    return answer(_ROUTES, site, request)


def addresses(site: Site, article: Article) -> tuple[str, ...]:
    """Return the one path of the article."""
    return (f"/system/{article.filed[:10].replace('-', '/')}/{article.id}.shtml",)


def seed(section: Section) -> str:
    """Return the path of the section's first list page."""
    return f"/{section.key}/index.shtml"


def _home(site: Site, request: Request, match: re.Match[str]) -> Reply:
    return _framed(site, site.name, "<table><tr><td>欢迎访问！</td></tr></table>")


def _list(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    section, number = site.sections.get(match[1]), int(match[2] or 1)
    if section is None:
        return None
    if section.closed:
        return closed()
    shown, total = window(site.listed(section.key), section.per_page, number)
    if not shown or match[2] == "1":
        return None
    main = fragment(
        "shtml_list",
        site=site.name,
        key=section.key,
        name=section.name,
        items="\n".join(_filled(site, article, _ITEM) for article in shown),
        prev=_link("上一页", number - 1, total),
        next=_link("下一页", number + 1, total),
        number=number,
        total=total,
    )
    return _framed(site, section.name, main)


def _link(word: str, number: int, total: int) -> str:
    if not 0 < number <= total:
        return word
    return f'<a href="index{f"_{number}" if number > 1 else ""}.shtml">{word}</a>'


def _article(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    article = site.articles.get(int(match[1]))
    if article is None or not site.standing(article) or request.path not in addresses(site, article):
        return None
    return closed() if site.closed(article) else _article_page(site, article)


def _article_page(site: Site, article: Article) -> Reply:
    section = site.sections[article.sections[0]]
    main = fragment(
        "shtml_article",
        site=site.name,
        key=section.key,
        name=section.name,
        title=escape(article.title, quote=False),
        line=_filled(site, article, _LINES[section.style]),
        body=to_html(article.markup, _LOOK),
    )
    return _framed(site, f"{article.title}-{section.name}-{site.name}", main)


def _filled(site: Site, article: Article, form: str) -> str:
    return form.format(
        href=addresses(site, article)[0],
        title=escape(article.title, quote=False),
        source=article.source,
        released=datetime.fromisoformat(article.released),
        views=site.views(article),
    )


def _framed(site: Site, title: str, main: str) -> Reply:
    menu = " | ".join(f'<a href="{seed(section)}">{section.name}</a>' for section in site.sections.values())
    body = page("shtml", _ENCODING, title=escape(title, quote=False), site=site.name, menu=menu, main=main)
    return Reply(body, "text/html")


_ROUTES = (
    (r"/(?:index\.shtml)?", _home),
    (r"/system/\d{4}/\d\d/\d\d/(\d+)\.shtml", _article),
    (r"/(\w+)/index(?:_(\d+))?\.shtml", _list),
)
