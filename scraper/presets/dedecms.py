"""DedeCMS (织梦): department sites made from its default templates."""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, ListingRules, Preset

DEDECMS = Preset(
    name="dedecms",
    revision=1,
    marks=(
        "/templets/",
        "/plus/search.php",
        "/uploads/allimg/",
        "dedeajax",
        "dede_pages",
    ),
    traces=(
        "/plus/count.php?",
        "/plus/list.php?tid=",
        "/plus/view.php?aid=",
    ),
    article=ArticleRules(
        title=(".viewbox .title h2", ".viewbox .title h1", ".viewbox > .title"),
        meta=(".viewbox .info",),
        body=(".viewbox .content",),
        drop=(".dede_pages", ".newdigg", ".handle", ".boxoff"),
        next_page=(".pagelist .thisclass + li a:not([href='#'])",),
    ),
    listing=ListingRules(items=(".listbox",), pager=(".dede_pages", ".pagelist")),
    # The script that prints the clicks adds one to them first.
    beacons=(r"/plus/count\.php\?",),
)
