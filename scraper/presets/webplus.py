"""Sudy WebPlus (苏迪): a third of all Chinese university sites."""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, CounterRule, ListCounterRule, ListingRules, Preset

_LIST_COUNT = r"<span(?=[^>]{0,400}\bwp_listVisitCount\b)[^>]{0,400}?\b"

WEBPLUS = Preset(
    name="webplus",
    revision=2,
    marks=(
        "/_upload/tpl/",
        "sudy",
        "wp_articlecontent",
        "wp_paging",
        "wp_error",
    ),
    traces=(
        'frag="窗口',
        "/_visitcount",
        "portletmode=",
    ),
    article=ArticleRules(
        title=("h1.arti_title", ".arti_title", ".wp_title", ".Article_Title"),
        meta=(".arti_metas", ".Article_PublishDate", ".arti_update"),
        body=(".wp_articlecontent", ".Article_Content", ".article_content"),
        drop=(".arti_title", ".arti_metas", ".wp_pdf_player", ".wp_video_player"),
        attachments=("a[href*='/_upload/article/files/']", "[pdfsrc]"),
        counters=(
            CounterRule(
                pattern=r'class="WP_VisitCount"[^>]{0,200}\burl="(?P<path>/?_visitcountdisplay\?[^"]{0,200}type=3[^"]{0,200})"',
                url="{path}",
                method="POST",
                zero_means_unknown=True,
            ),
        ),
        problems=((".wp_error_msg", "soft_error"), (".wp_error", "soft_error")),
    ),
    listing=ListingRules(
        items=("[portletmode='simpleList']", "[id^='wp_news_w']:has(~ [id^='wp_paging_w'])"),
        pager=(".wp_paging",),
        counters=(
            ListCounterRule(
                ids=_LIST_COUNT + r"artId=[\"']?(\d+)",
                item=r"/c\d+a(\d+)/page|[?&]articleId=(\d+)",
                facts=(
                    r"sudy-wp-context=[\"'](?P<context>[\w/-]{1,60})",
                    r"sudy-wp-siteId=[\"'](?P<site>\d+)",
                    _LIST_COUNT + r"type=[\"']?(?P<type>\d+)",
                ),
                url="/{context}/_visitcountdisplay?articleIds={ids}&siteId={site}&type={type}&funType=0",
                method="POST",
                keys=("articleId", "count"),
            ),
        ),
    ),
    beacons=(r"/_visitcount\?",),
    # The column of an article and the form of its address change, its number does not.
    same_article=((r"\)/.*/c\d+a(\d+)/page\d*\.(?:htm|psp)", r")/*/c*a\1/page"),),
)
