"""K2Web: the CMS of Konkuk, Inha, Jeonbuk and some hundred other Korean universities and authorities.

Its boards come in two skins, `artcl…` and `board-…`; the pager calls `page_link(n)`.
"""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, ListingRules, Preset

K2WEB = Preset(
    name="k2web",
    revision=1,
    marks=(
        "/_res/",
        "_fnctWrap",
        "artclView",
        "_artclTd",
        "/artclList.do",
        "/subview.do",
    ),
    traces=(
        "jf_viewArtcl(",
        "page_link(",
    ),
    enough=2,
    article=ArticleRules(
        title=(".artclViewTitle", ".view-info .view-title", ".view-title"),
        meta=(".artclViewHead", ".view-detail", ".view-util"),
        author=(".artclViewHead dl:contains('작성자') dd", ".view-info dl:contains('작성자') dd"),
        body=(".artclView", ".view-con"),
        attachments=("a[href*='/download.do']",),
    ),
    listing=ListingRules(
        items=(".artclTable", "._fnctWrap .board-table", "._fnctWrap table"), pager=("._paging",)
    ),
    # One board shows an article with or without the site around it (`layout=unknown`) and the list's page.
    same_article=((r"\)(/bbs/[^/?]+/\d+/\d+/artclView\.do)\?.*", r")\1"),),
)
