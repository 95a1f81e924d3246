"""Article pages after the structures of ten CMSs: a story in, its page out. Pure."""

# ruff: noqa: E501  # the pages are written as a CMS writes them

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from html import escape

from changing import words


@dataclass(frozen=True, slots=True)
class Story:
    """What a made page is filled with."""

    number: int
    language: str
    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    caption: str
    day: str
    author: str
    source: str
    editor: str
    views: int


def story(chance: random.Random, number: int, language: str) -> Story:
    text = words.Writer(chance, language)
    return Story(
        number,
        language,
        text.title(),
        tuple(text.paragraph() for _ in range(chance.randint(5, 7))),
        tuple(text.sentence() for _ in range(3)),
        tuple((text.name(), text.amount()) for _ in range(3)),
        text.caption(),
        f"2024-{chance.randint(1, 12):02}-{chance.randint(13, 28)}T{chance.randint(8, 18):02}:{chance.randint(10, 59)}",
        text.name(),
        text.office(),
        text.name(),
        chance.randint(20, 9000),
    )


# Each template: language, address, encoding, how it is written. The frames differ as those of the CMSs do.


def _body(story: Story, paragraph: str, folder: str, file: str, style: str = "") -> str:
    """Return the text as an editor leaves it: paragraphs, a picture, a link, a list, a table, a file."""
    parts = [paragraph.format(escape(text, quote=False)) for text in story.paragraphs]
    goes_to = f'<a href="https://forms.example.org/{story.number}/join">{words.JOIN[story.language]}</a>'
    parts.insert(
        2, f'<p{style}><img src="{folder}/p{story.number}.jpg" width="600" height="400" alt=""/></p>'
    )
    parts.insert(3, f"<p{style}>{escape(story.caption, quote=False)}</p>")
    parts.append(paragraph.format(f"{words.SIGN_UP[story.language]} {goes_to}"))
    parts.append(f"<ul>{''.join(f'<li>{escape(item, quote=False)}</li>' for item in story.items)}</ul>")
    rows = "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in story.cells)
    parts.append(f'<table border="1"><tbody>{rows}</tbody></table>')
    name = words.FILE[story.language].format(story.number)
    parts.append(f'<p{style}><a href="{file.format(n=story.number)}">{name}</a></p>')
    return "\n".join(parts)


def _frame(story: Story, main: str, *, head: str = "", foot: str = "", side: str = "") -> str:
    said = words.FRAME[story.language]
    menu = "".join(f'<li><a href="/{at}/">{word}</a></li>' for at, word in enumerate(said["menu"], 1))
    latest = "".join(
        f'<li><a href="/news/{at}.html" title="{word}">{word}</a> <span>05-{10 + at}</span></li>'
        for at, word in enumerate(said["latest"])
    )
    language = {"zh": "zh-CN", "en": "en"}[story.language]
    return f"""<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{escape(story.title)}{said["suffix"]}</title>
<link rel="stylesheet" href="/css/site.css?v=20240101">
<script src="/js/site.js?v=3"></script>
{head}</head>
<body>
<div class="top"><div class="logo"><a href="/"><img src="/images/logo.png" alt="{said["site"]}"></a></div>
<form action="/search" method="get"><input type="text" name="q"><input type="submit" value="Go"></form>
<ul class="nav">{menu}</ul></div>
<div class="wrap">
{main}
<div class="side {side}"><h3>{said["latest_title"]}</h3><ul>{latest}</ul></div>
</div>
<div class="footer"><p>{said["copyright"]}</p><p>{said["address"]}</p></div>
{foot}
</body></html>"""


def _neighbours(story: Story) -> str:
    before, after = words.FRAME[story.language]["neighbours"]
    return f'<div class="pn"><p>{before} <a href="{story.number - 1}.html">{words.FRAME[story.language]["latest"][0]}</a></p><p>{after} <a href="{story.number + 1}.html">{words.FRAME[story.language]["latest"][1]}</a></p></div>'


def _here(story: Story, mark: str = "&gt;") -> str:
    said = words.FRAME[story.language]
    return f'{said["here"]}<a href="/">{said["home"]}</a> {mark} <a href="/news/">{words.SECTION[story.language]}</a>'


def _shown(story: Story) -> str:
    return story.day.replace("T", " ")


def _trs(story: Story) -> str:
    body = _body(story, "<p>　　{}</p>", "./W020240101", "./P020240101{n}.pdf")
    head = f"""<meta name="ArticleTitle" content="{escape(story.title)}">
<meta name="PubDate" content="{_shown(story)}"><meta name="ContentSource" content="{story.source}">"""
    main = f"""<div class="bread">{_here(story)}</div><div class="xl_title"><h2>{escape(story.title)}</h2>
<div class="xl_info">时间：{_shown(story)} 来源：{story.source} 作者：{story.author} 【字体：<a href="#">大</a> <a href="#">小</a>】</div></div>
<div class="xl_con"><div class="TRS_UEDITOR trs_paper_default">{body}</div></div>{_neighbours(story)}"""
    return _frame(story, main, head=head)


def _dedecms(story: Story) -> str:
    body = _body(story, "<div>　　{}</div>", "/uploads/allimg/240101", "/uploads/soft/{n}.doc")
    main = f"""<div class="place"><strong>当前位置:</strong> <a href="/">主页</a> &gt; <a href="/a/news/">{words.SECTION["zh"]}</a> &gt; </div>
<div class="viewbox"><div class="title"><h2>{escape(story.title)}</h2></div>
<div class="info"><small>时间:</small>{_shown(story)}<small>来源:</small>{story.source} <small>作者:</small>{story.author} <small>点击:</small>{story.views}次</div>
<div class="content"><table width="100%"><tr><td>{body}</td></tr></table></div>
<div class="dede_pages"><ul class="pagelist"></ul></div><div class="boxoff"><strong>------分隔线------</strong></div>
<div class="handle"><div class="context"><ul><li>上一篇：<a href="/a/1.html">{words.FRAME["zh"]["latest"][0]}</a></li><li>下一篇：<a href="/a/2.html">{words.FRAME["zh"]["latest"][1]}</a></li></ul></div></div></div>"""
    foot = '<script src="/plus/count.php?view=yes&aid=9&mid=1" type="text/javascript"></script>'
    return _frame(
        story, main, foot=foot, head='<link href="/templets/default/style/dedecms.css" rel="stylesheet">'
    )


def _phpcms(story: Story) -> str:
    body = _body(
        story, '<p style="text-indent:2em;">{}</p>', "/uploadfile/2024/0101", "/uploadfile/2024/{n}.xls"
    )
    main = f"""<div class="crumbs"><a href="/">首页</a><span> &gt; </span><a href="/news/">{words.SECTION["zh"]}</a> &gt; 正文</div>
<div id="Article"><h1>{escape(story.title)}<br /><span>{_shown(story)}:30&nbsp;&nbsp;&nbsp;来源：{story.source}&nbsp;&nbsp;&nbsp;编辑：{story.editor}&nbsp;&nbsp;&nbsp;评论：<a href="#c">0</a> 点击：<span id="hits">{story.views}</span></span></h1>
<div class="content">{body}<div id="pages" class="text-c"></div></div>
<p class="f14"><strong>上一篇：</strong><a href="/1.html">{words.FRAME["zh"]["latest"][0]}</a></p></div>"""
    foot = '<script src="/api.php?op=count&id=9&modelid=1"></script><script src="/statics/js/cookie.js"></script>'
    return _frame(story, main, foot=foot)


def _thinkphp(story: Story) -> str:
    body = _body(story, "<p><span>{}</span></p>", "/Uploads/image/2024", "/Uploads/file/{n}.docx")
    main = f"""<div class="path">您的位置：<a href="/">网站首页</a>&gt;<a href="/p/3.html">{words.SECTION["zh"]}</a></div>
<div class="article"><h2 class="a_title">{escape(story.title)}</h2><div class="a_info">日期：{story.day[:10]} 人气：{story.views}</div>
<div class="a_content">{body}</div></div>{_neighbours(story)}"""
    return _frame(story, main, head='<link href="/Public/Home/css/style.css" rel="stylesheet">')


def _asp(story: Story) -> str:
    body = _body(story, "{}<br><br>", "/UploadFiles/2024", "/UploadFiles/{n}.rar")
    main = f"""<table width="760" align="center"><tr><td class="path">{_here(story, "&gt;&gt;")}</td></tr>
<tr><td align="center" class="main_ArticleTitle">{escape(story.title)}</td></tr>
<tr><td align="center" class="Article_tdbgall">作者：{story.author}　　文章来源：{story.source}　　点击数：{story.views}　　更新时间：{story.day[:10]}</td></tr>
<tr><td class="main_content_bg" valign="top"><div id="fontzoom">{body}</div></td></tr>
<tr><td align="right">文章录入：admin　　责任编辑：{story.editor}</td></tr></table>"""
    return _frame(story, main).replace("/news/", "/news.asp?id=")


def _wordpress(story: Story) -> str:
    body = _body(story, "<p>{}</p>", "/wp-content/uploads/2024/01", "/wp-content/uploads/2024/01/f{n}.pdf")
    main = f"""<main id="main"><article id="post-{story.number}" class="post-{story.number} post type-post status-publish hentry">
<header class="entry-header"><span class="cat-links"><a href="/category/news/" rel="category tag">{words.SECTION["en"]}</a></span>
<h1 class="entry-title">{escape(story.title)}</h1><div class="entry-meta"><span class="posted-on"><time class="entry-date published" datetime="{story.day}:00+01:00">{words.english(story.day)}</time></span> <span class="byline">by <span class="author vcard"><a class="url fn n" href="/author/x/">{story.author}</a></span></span></div></header>
<div class="entry-content">{body}<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3><ul><li><a href="?share=twitter&nb=1">Twitter</a></li></ul></div></div>
<footer class="entry-footer">Tagged <a href="/tag/a/" rel="tag">campus</a></footer></article>
<nav class="post-navigation"><a href="/1/" rel="prev">Previous</a> <a href="/2/" rel="next">Next</a></nav>
<div id="comments"><ol><li id="comment-101"><p>Good news for all of us who take the bus.</p></li></ol></div></main>"""
    head = """<link rel="stylesheet" href="/wp-content/themes/campus/style.css?ver=6.5.2"><script src="/wp-includes/js/jquery/jquery.min.js?ver=3.7.1"></script>
<meta name="generator" content="WordPress 6.5.2">"""
    return _frame(story, main, head=head, side="widget-area")


def _drupal(story: Story) -> str:
    body = _body(
        story,
        "<p>{}</p>",
        "/sites/default/files/styles/large/public/2024-01",
        "/sites/default/files/f{n}.pdf",
    )
    main = f"""<div class="region region-content"><div id="block-system-breadcrumb" class="block-system"><nav class="breadcrumb"><ol><li><a href="/">Home</a></li><li><a href="/news">{words.SECTION["en"]}</a></li></ol></nav></div>
<h1 class="page-title"><span class="field field--name-title">{escape(story.title)}</span></h1>
<article class="node node--type-article node--view-mode-full"><div class="node__submitted">Submitted by {story.author} on <time datetime="{story.day}:00Z">{words.english(story.day)}</time></div>
<div class="node__content"><div class="clearfix text-formatted field field--name-body field--type-text-with-summary">{body}</div></div></article></div>"""
    foot = '<script type="application/json" data-drupal-selector="drupal-settings-json">{"path":{"currentPath":"node/1"},"csp":"a1b2"}</script>'
    return _frame(story, main, foot=foot)


def _omni(story: Story) -> str:
    body = _body(story, "<p>{}</p>", "/_resources/images/2024", "/_resources/files/f{n}.pdf")
    main = f"""<div id="content"><div class="breadcrumbs"><a href="/">Home</a> / <a href="/news/">{words.SECTION["en"]}</a></div>
<h1>{escape(story.title)}</h1><p class="date">{words.english(story.day)}</p><p class="byline">By {story.author}</p>
<div class="article-body">{body}</div><div class="social"><a href="https://facebook.com/sharer">Share</a></div>
<div id="hidden"><a id="de" href="https://a.omniupdate.com/10?skin=oucampus">&copy;</a></div></div>"""
    return _frame(story, main, foot="<!-- ouc:div --><!-- /ouc:div -->")


def _stated(story: Story) -> str:
    body = _body(story, "<p>{}</p>", "/media/2024", "/media/f{n}.pdf")
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": f"{story.day}:00+00:00",
        "author": {"@type": "Person", "name": story.author},
    }
    head = f"""<meta property="og:title" content="{escape(story.title)}"><meta property="article:published_time" content="{story.day}:00+00:00">
<script type="application/ld+json">{json.dumps(data)}</script>"""
    main = f"""<main><p class="crumb"><a href="/">Home</a> &rsaquo; <a href="/news">{words.SECTION["en"]}</a></p><h1>{escape(story.title)}</h1>
<div class="meta"><span>{words.english(story.day)}</span> · <span>By {story.author}</span></div>
<div class="rich">{body}</div><aside class="related"><h2>Related news</h2><ul><li><a href="/news/1">{words.FRAME["en"]["latest"][2]}</a></li></ul></aside></main>"""
    return _frame(story, main, head=head)


def _bare(story: Story) -> str:
    body = _body(story, "<p>{}</p>", "/upload/2024", "/upload/f{n}.doc")
    main = f"""<div class="weizhi">{_here(story)}</div><div class="nr"><div class="bt">{escape(story.title)}</div>
<div class="sj">发布日期：{story.day[:10]}　来源：{story.source}　浏览量：{story.views}</div><div class="zw">{body}</div>
<div class="fx">分享到：<a href="#">微信</a> <a href="#">微博</a></div></div>{_neighbours(story)}"""
    return _frame(story, main)


PEOPLE = ("author", "source", "editor")
DAY_ONLY = frozenset(("thinkphp", "asp", "bare-zh", "wordpress", "drupal", "omni", "stated"))
NO_VIEWS = frozenset(("trs", "wordpress", "drupal", "omni", "stated"))
CREDITS = {
    "trs": ("author", "source"), "dedecms": ("author", "source"), "phpcms": ("source", "editor"), "thinkphp": (),
    "asp": ("author", "source"), "wordpress": ("author",), "drupal": (), "omni": ("author",),
    "stated": ("author",), "bare-zh": ("source",),
}  # fmt: skip
_AT = "http://news.example.edu.cn"
_ABROAD = "https://www.example.edu"
TEMPLATES = {
    "trs": ("zh", _AT + "/xw/202401/t{day}_{n}.html", "utf-8", _trs),
    "dedecms": ("zh", _AT + "/a/news/{day}/{n}.html", "gb18030", _dedecms),
    "phpcms": ("zh", _AT + "/2024/xw_0101/{n}.html", "utf-8", _phpcms),
    "thinkphp": ("zh", _AT + "/p/{n}.html", "utf-8", _thinkphp),
    "asp": ("zh", _AT + "/shownews.asp?id={n}", "gb18030", _asp),
    "bare-zh": ("zh", _AT + "/show/{n}.html", "utf-8", _bare),
    "wordpress": ("en", _ABROAD + "/2024/05/story-{n}/", "utf-8", _wordpress),
    "drupal": ("en", _ABROAD + "/news/story-{n}", "utf-8", _drupal),
    "omni": ("en", _ABROAD + "/news/2024/story-{n}.html", "utf-8", _omni),
    "stated": ("en", _ABROAD + "/stories/story-{n}", "utf-8", _stated),
}
