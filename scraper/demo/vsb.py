"""A site as VSB (博达) makes it: (Site, Request) in, Reply out. Pure.

Lists are numbered from the back: page 1 is x.htm, page k of T is x/{T+1-k}.htm, the last is x/1.htm.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import escape
from urllib.parse import quote

from scraper.demo import files
from scraper.demo.content import Article, File, Section, Site
from scraper.demo.markup import Look, to_html
from scraper.demo.reply import Reply, Request, answer, closed, fragment, page, window

_LOOK = Look('<p style="line-height: 30px; text-indent: 43px;">{}</p>', "/__local/7/2C/91/{}")
_CLICKS = "/system/resource/code/news/click"
_DYNCLICKS = '<script>_showDynClicks("wbnews", {owner}, {id})</script>'
_CLICKTIMES = (
    '<span id="n{id}"><script language="javascript">getClickTimes({id},{owner},"wbnews","n")</script></span>'
    f'<noscript><img src="{_CLICKS}/addclicktimes.jsp?wbnewsid={{id}}&owner={{owner}}&type=wbnews" width="0">'
    "</noscript>"
)
# style of a section -> (its list's items, what goes around them, title and meta line of its articles)
_STYLES = {
    "line": (
        '<li id="line_u7_{n}"><a href="{href}" target="_blank" title="{title}">{short}</a>'
        "<span>{released:%Y-%m-%d}</span></li>",
        '<ul class="list">\n{}\n</ul>',
        '<h1 align="center">{title}</h1>\n<div align="center" class="info">'
        "时间：{released:%Y-%m-%d %H:%M:%S}&nbsp;&nbsp;点击：{clicks}次</div>",
    ),
    "split": (
        '<li id="line_u8_{n}"><div class="date"><b>{released:%d}</b><span>{released:%Y-%m}</span></div>'
        '<div class="txt"><a href="{href}" title="{title}">{title}</a></div></li>',
        '<ul class="notice_list">\n{}\n</ul>',
        '<div class="title">{title}</div>\n<div class="time">{released:%Y-%m-%d}<em>作者：{author}</em>'
        "浏览次数：<span>{clicks}</span></div>",
    ),
    "table": (
        '<tr id="line_u9_{n}"><td><a href="{href}" title="{title}">{title}</a></td><td>{source}</td>'
        "<td>{released:%Y/%m/%d}</td></tr>",
        '<table class="am-table am-table-striped"><tbody>\n{}\n</tbody></table>',
        '<h3>{title}</h3>\n<div class="attribute">发布时间：{released:%Y年%m月%d日 %H:%M}'
        "&nbsp;&nbsp;&nbsp;&nbsp;作者：{author}&nbsp;&nbsp;&nbsp;&nbsp;来源：{source}&nbsp;&nbsp;&nbsp;&nbsp;点击率：{clicks}次</div>",
    ),
}
_SHORT = 18  # characters of a title before the list cuts it; the whole stands in the link's title attribute


def respond(site: Site, request: Request) -> Reply:
    """Return the site's answer to the request."""
    return answer(_ROUTES, site, request)


def addresses(site: Site, article: Article) -> tuple[str, ...]:
    """Return every path of the article: one per section, then the dynamic one."""
    trees = [site.sections[key].number for key in article.sections]
    dynamic = f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid={trees[0]}&wbnewsid={article.id}"
    return (*(f"/info/{tree}/{article.id}.htm" for tree in trees), dynamic)


def seed(section: Section) -> str:
    """Return the path of the section's first list page."""
    return f"/{section.key}.htm"


def _home(site: Site, request: Request, match: re.Match[str]) -> Reply:
    return _framed(site, site.name, "<p>欢迎访问！</p>", "0,'/index.htm',-1")


def _list(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    section = site.sections.get(match[1])
    if section is None:
        return None
    if section.closed:
        return closed()
    total = window(site.listed(section.key), section.per_page, 1)[1]
    number = total + 1 - int(match[2]) if match[2] else 1
    shown, _ = window(site.listed(section.key), section.per_page, number)
    # Page 1 has no number of its own: x/T.htm does not exist.
    if not shown or (match[2] and number == 1):
        return None
    item, around, _ = _STYLES[section.style]
    items = "\n".join(_filled(site, article, item, section, n) for n, article in enumerate(shown))
    main = fragment(
        "vsb_list",
        key=section.key,
        name=section.name,
        items=around.format(items),
        paging=_paging(site, section, number, total),
    )
    return _framed(site, section.name, main, f"{section.number},'{request.path}',-1")


def _filled(site: Site, article: Article, form: str, section: Section, n: int = 0) -> str:
    clicks = _CLICKTIMES if article.style == "clicktimes" else _DYNCLICKS
    title = article.title
    return form.format(
        n=n,
        href=f"/info/{section.number}/{article.id}.htm",
        title=escape(title),
        short=escape(title if len(title) <= _SHORT else title[:_SHORT] + "..."),
        released=datetime.fromisoformat(article.released),
        author=article.author,
        source=article.source,
        clicks=clicks.format(owner=site.number, id=article.id),
    )


def _paging(site: Site, section: Section, number: int, total: int) -> str:
    def link(word: str, kind: str, target: int) -> str:
        if not 0 < target <= total or target == number:
            return f'<span class="p_{kind}_d p_fun_d">{word}</span>'
        href = seed(section) if target == 1 else f"/{section.key}/{total + 1 - target}.htm"
        return f'<span class="p_{kind} p_fun"><a href="{href}">{word}</a></span>'

    numbers = "".join(link(str(target), "no", target) for target in range(1, total + 1))
    return fragment(
        "vsb_paging",
        count=len(site.listed(section.key)),
        number=number,
        total=total,
        first=link("首页", "first", 1),
        prev=link("上页", "prev", number - 1),
        numbers=numbers,
        next=link("下页", "next", number + 1),
        last=link("尾页", "last", total),
    )


def _article(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    return _at(site, match[1], match[2])


def _content(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    return _at(site, request.form.get("wbtreeid", ""), request.form.get("wbnewsid", ""))


def _at(site: Site, tree: str, news: str) -> Reply | None:
    article = site.articles.get(int(news)) if news.isdecimal() else None
    sections = [site.sections[key] for key in article.sections] if article else []
    section = next((section for section in sections if str(section.number) == tree), None)
    if article is None or section is None or not site.standing(article):
        return None
    return closed() if site.closed(article) else _article_page(site, article, section)


def _article_page(site: Site, article: Article, section: Section) -> Reply:
    # The home section's look under every tree: one article reads the same at all its addresses.
    style = site.sections[article.sections[0]].style
    main = fragment(
        "vsb_article",
        key=section.key,
        name=section.name,
        head=_filled(site, article, _STYLES[style][2], section),
        body=to_html(article.markup, _LOOK),
        credits=_credits(article) if style == "line" else "",
        files="\n".join(_download(site, file) for file in article.files),
    )
    path = f"/info/{section.number}/{article.id}.htm"
    return _framed(site, article.title, main, f"{section.number},'{path}',{article.id}")


def _credits(article: Article) -> str:
    named = (("作者", article.author), ("来源", article.source), ("编辑", article.editor))
    line = "　".join(f"{label}：{name}" for label, name in named if name)
    return f'\n<p style="text-align: right;">{line}</p>' if line else ""


def _download(site: Site, file: File) -> str:
    number = file.path.rpartition("=")[2]
    return (
        f'<li>附件【<a href="{escape(file.path)}" target="_blank">{escape(file.name)}</a>】已下载'
        f'<span id="nattach{number}"><script language="javascript">'
        f'getClickTimes({number},{site.number},"wbnewsfile","attach")</script></span>次</li>'
    )


def _framed(site: Site, title: str, main: str, visit: str) -> Reply:
    menu = "\n".join(
        f'<li><a href="{seed(s)}" title="{s.name}">{s.name}</a></li>' for s in site.sections.values()
    )
    shown = escape(title, quote=False)
    return Reply(
        page("vsb", title=shown, site=site.name, owner=site.number, menu=menu, main=main, visit=visit)
    )


def _attachment(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    number = request.form.get("wbfileid", "")
    held = (file for article in site.articles.values() for file in article.files)
    file = next((file for file in held if file.path.rpartition("=")[2] == number), None)
    made = files.make(file.name, file.text) if file else None
    if file is None or made is None:
        return None
    return Reply(
        *made, headers=(("Content-Disposition", f"attachment; filename*=UTF-8''{quote(file.name)}"),)
    )


def _dynclicks(site: Site, request: Request, match: re.Match[str]) -> Reply:
    """Answer dynclicks.jsp and dynclicksbatch.jsp: the numbers asked for, comma separated."""
    form = request.form
    asked = form.get("clickids" if match[1] else "clickid", "").split(",")
    known = [
        site.articles[int(number)] for number in asked if number.isdecimal() and int(number) in site.articles
    ]
    ours = (form.get("owner"), form.get("clicktype")) == (str(site.number), "wbnews")
    if not ours or len(known) != len(asked):
        return _shell()
    return Reply(",".join(str(site.views(article)) for article in known).encode())


def _clicktimes(site: Site, request: Request, match: re.Match[str]) -> Reply:
    form = request.form
    article = site.articles.get(int(form["wbnewsid"])) if form.get("wbnewsid", "").isdecimal() else None
    if form.get("owner") != str(site.number) or form.get("type") not in ("wbnews", "wbnewsfile"):
        return _shell()
    shown = site.views(article) if article and form["type"] == "wbnews" else 3
    values = {"wbshowtimes": shown, "randomid": form.get("randomid", "n"), "wbnewsid": form.get("wbnewsid")}
    return Reply(json.dumps(values).encode(), "application/json; charset=utf-8")


def _shell() -> Reply:
    """Return what VSB answers to wrong parameters: a page with nothing in it."""
    return Reply(b"<html><head></head><body></body></html>")


def _beacon(site: Site, request: Request, match: re.Match[str]) -> Reply:
    number = request.form.get("wbnewsid", request.form.get("newsid", ""))
    return Reply(b"", "text/plain", visit=int(number) if number.isdecimal() else 0)


_ROUTES = (
    (r"/(?:index\.htm)?", _home),
    (r"/info/(\d+)/(\d+)\.htm", _article),
    (r"/content\.jsp", _content),
    (r"/(\w+)(?:/(\d+))?\.htm", _list),
    (r"/system/_content/download\.jsp", _attachment),
    (rf"{_CLICKS}/dynclicks(batch)?\.jsp", _dynclicks),
    (rf"{_CLICKS}/clicktimes\.jsp", _clicktimes),
    (rf"(?:{_CLICKS}/addclicktimes|/system/resource/code/datainput)\.jsp", _beacon),
)
