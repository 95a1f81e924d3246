"""A site as Sudy WebPlus makes it: (Site, Request) in, Reply out. Pure.

The counter (`_visitcountdisplay`) shows views, the beacon (`_visitcount`) counts them: a crawler that mixes
them up is caught.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape

from scraper.demo import files
from scraper.demo.content import Article, Section, Site
from scraper.demo.markup import Look, to_html
from scraper.demo.reply import Reply, Request, answer, closed, fragment, page, text, window

_LOOK = Look(
    '<p style="text-indent:2em;"><span style="font-family:宋体;font-size:16px;">{}</span></p>',
    "/_upload/article/images/5c/2e/{}",
)
_METAS = {
    "zh": '<p class="arti_metas"><span class="arti_publisher">发布者：{author}</span>'
    '<span class="arti_update">发布时间：{released}</span>'
    '<span class="arti_views">浏览次数：<span class="WP_VisitCount"'
    ' url="/_visitcountdisplay?siteId={site}&type=3&articleId={id}">{printed}</span></span></p>',
    # English columns print the number itself, and nothing between it and the date.
    "en": '<p class="arti_metas"><span class="arti_update">Release Time:{released}</span>'
    '<span class="arti_views">Views:{views}</span></p>',
}
_ITEMS = {
    "ul": '<li class="news n{n} clearfix"><span class="news_title"><a href="{href}" target="_blank"'
    ' title="{title}">{title}</a></span><span class="news_meta">{day}</span></li>',
    "table": '<tr><td width="10"><img src="/_images/dot.gif" /></td><td align="left"><a href="{href}"'
    ' target="_blank" title="{title}">{title}</a></td><td align="right" width="90">{day}</td></tr>',
}
_LISTS = {
    "ul": '<ul class="news_list list2">\n{}\n</ul>',
    "table": '<table width="100%" border="0" cellspacing="0" class="wp_article_list_table">\n{}\n</table>',
}
# style of a section -> (language, how its list is set)
_STYLES = {"news": ("zh", "ul"), "old": ("zh", "table"), "english": ("en", "ul")}
_WORDS = {
    "zh": {
        "home": "首页",
        "here": "当前位置：",
        "split": "&nbsp;&nbsp;",
        "next": "下一页&gt;&gt;",
        "prev": "&lt;&lt;上一页",
    },
    "en": {
        "home": "Home",
        "here": "",
        "split": "&nbsp;&gt;&nbsp;",
        "next": "Next&gt;&gt;",
        "prev": "&lt;&lt;Previous",
    },
}
_NOWHERE = "javascript:void(0);"


def respond(site: Site, request: Request) -> Reply:
    """Return the site's answer to the request."""
    return answer(_ROUTES, site, request)


def addresses(site: Site, article: Article) -> tuple[str, ...]:
    """Return every path of the article, its home section's first; a link article has none."""
    day = f"/{article.filed[:4]}/{article.filed[5:7]}{article.filed[8:10]}"
    numbers = (site.sections[key].number for key in article.sections)
    return () if article.link else tuple(f"{day}/c{number}a{article.id}/page.htm" for number in numbers)


def seed(section: Section) -> str:
    """Return the path of the section's first list page."""
    return f"/{section.key}/list.htm"


def _home(site: Site, request: Request, match: re.Match[str]) -> Reply:
    return _framed(site, site.name, "<p>欢迎访问！</p>", "type=1")


def _list(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    section, number = site.sections.get(match[1]), int(match[2] or 1)
    if section is None:
        return _soft_error("访问地址无效，找不到对应的栏目！")
    if section.closed:
        return closed()
    shown, total = window(site.listed(section.key), section.per_page, number)
    if not shown:
        return None
    language, setting = _STYLES[section.style]
    items = "\n".join(_item(site, section, article, n) for n, article in enumerate(shown, 1))
    main = fragment(
        "webplus_list",
        path=_path(section, language),
        name=section.name,
        items=_LISTS[setting].format(items),
        paging=_paging(site, section, number, total),
    )
    return _framed(site, section.name, main, f"type=2&columnId={section.number}")


def _item(site: Site, section: Section, article: Article, n: int) -> str:
    form = _ITEMS[_STYLES[section.style][1]]
    href = f"/_redirect?siteId={site.number}&columnId={section.number}&articleId={article.id}"
    if not article.link:
        href = addresses(site, article)[article.sections.index(section.key)]
    return form.format(n=n, href=href, title=escape(article.title), day=article.released[:10])


def _paging(site: Site, section: Section, number: int, total: int) -> str:
    words = _WORDS[_STYLES[section.style][0]]

    def at(page_number: int) -> str:
        plain = f"/{section.key}/list{page_number if page_number > 1 else ''}.htm"
        return plain if 0 < page_number <= total else _NOWHERE

    return fragment(
        "webplus_paging",
        per_page=section.per_page,
        count=len(site.listed(section.key)),
        number=number,
        total=total,
        first=at(1) if number > 1 else _NOWHERE,
        prev=at(number - 1),
        next=at(number + 1),
        last=at(total) if number < total else _NOWHERE,
        prev_word=words["prev"],
        next_word=words["next"],
    )


def _path(section: Section, language: str) -> str:
    words = _WORDS[language]
    here = f'<span class="path_name">{words["here"]}</span>' if words["here"] else ""
    split = f"<span class='possplit'>{words['split']}</span>"
    return f'{here}<a href="/main.htm">{words["home"]}</a>{split}<a href="{seed(section)}">{section.name}</a>'


def _article(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    article = site.articles.get(int(match[1]))
    if article is None or article.state == "soft_404" or request.path not in addresses(site, article):
        return _soft_error("访问地址无效，无效的文章参数！")
    if not site.standing(article):
        return None
    at = addresses(site, article).index(request.path)
    section = site.sections[article.sections[at]]
    return closed() if site.closed(article) else _article_page(site, article, section)


def _article_page(site: Site, article: Article, section: Section) -> Reply:
    language = _STYLES[section.style][0]
    main = fragment(
        "webplus_article",
        path=_path(section, language),
        title=escape(article.title, quote=False),
        metas=_metas(site, article, language),
        body=_body(article),
    )
    return _framed(site, article.title, main, f"type=3&articleId={article.id}")


def _metas(site: Site, article: Article, language: str) -> str:
    views = site.views(article)
    # The number in the page is cached by the CMS: a placeholder, except where the counter itself answers 0.
    return _METAS[language].format(
        author=article.author,
        released=article.released[:16].replace("T", " "),
        site=site.number,
        id=article.id,
        printed=views if article.style == "printed" else 1,
        views=views,
    )


def _body(article: Article) -> str:
    write = _player if article.style == "pdf" else _download
    offered = (write(file.path, escape(file.name)) for file in article.files)
    return "\n".join((to_html(article.markup, _LOOK), *offered))


def _download(path: str, name: str) -> str:
    icon = path.rpartition(".")[2]
    return (
        f'<p><img src="/_ueditor/themes/default/images/icon_{icon}.gif" isupload="true" />'
        f"""<a href="{path}" sudyfile-attr="{{'title':'{name}'}}" style="font-size:16px;">{name}</a></p>"""
    )


def _player(path: str, name: str) -> str:
    return (
        f'<div class="wp_pdf_player" pdfsrc="{path}" style="width:100%;height:900px;"'
        f""" sudyfile-attr="{{'title':'{name}'}}"></div>"""
    )


def _framed(site: Site, title: str, main: str, visit: str) -> Reply:
    menu = "\n".join(
        f'<li class="menu-item i{n}"><a href="{seed(section)}" target="_self">{section.name}</a></li>'
        for n, section in enumerate(site.sections.values(), 1)
    )
    named = {"title": escape(title), "site": site.name, "number": site.number}
    return Reply(page("webplus", **named, menu=menu, main=main, visit=visit))


def _soft_error(words: str) -> Reply:
    return Reply(page("webplus_error", words=words))


def _redirect(site: Site, request: Request, match: re.Match[str]) -> Reply:
    article = site.articles.get(_number(request, "articleId"))
    if article is None or not article.link:
        return _soft_error("访问地址无效，无效的文章参数！")
    return Reply(b"", status=302, headers=(("Location", article.link.format(**site.bases)),))


def _counter(site: Site, request: Request, match: re.Match[str]) -> Reply:
    asked = [int(number) for number in request.form.get("articleIds", "").split(",") if number.isdecimal()]
    if request.form.get("siteId") != str(site.number):
        return text("非法请求")
    if asked and request.method == "POST":
        return _counts(site, asked)
    article = site.articles.get(_number(request, "articleId"))
    if article is None or request.form.get("type") != "3":
        return text("非法请求")
    # Both forms are met in the field; `0` says "leave the printed number".
    views = 0 if article.style == "printed" else site.views(article)
    return Reply((f"<span>{views}</span>" if article.id % 2 else f"{views}").encode())


def _counts(site: Site, asked: Sequence[int]) -> Reply:
    found = (site.articles[number] for number in asked if number in site.articles)
    rows = [{"articleId": article.id, "count": site.views(article)} for article in found]
    return Reply(json.dumps(rows).encode(), "application/json; charset=utf-8")


def _beacon(site: Site, request: Request, match: re.Match[str]) -> Reply:
    return Reply(files.GIF, "image/gif", visit=_number(request, "articleId"))


def _number(request: Request, name: str) -> int:
    value = request.form.get(name, "")
    return int(value) if value.isdecimal() else 0


_ROUTES = (
    (r"/(?:main\.htm)?", _home),
    (r"/(\w+)/list(\d*)\.htm", _list),
    (r"/\d{4}/\d{4}/c\d+a(\d+)/page\.htm", _article),
    (r"/_redirect", _redirect),
    (r"/_visitcountdisplay", _counter),
    (r"/_visitcount", _beacon),
)
