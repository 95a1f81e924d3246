"""Sites written on ThinkPHP, and its CMS ThinkCMF: one framework, every university its own theme.

Its directories and its pager are the same everywhere; the articles are left to the reader, ThinkCMF's aside.
"""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, ListingRules, Preset

THINKPHP = Preset(
    name="thinkphp",
    revision=1,
    marks=(
        "/Public/",
        "/Public/Home/",
        "/Uploads/",
        "/index.php/Home/",
        "/themes/simplebootx/",
        "thinkphp",
    ),
    traces=(
        "index.php?s=/",
        'class="num" href=',
    ),
    enough=2,
    article=ArticleRules(
        title=(".article-box > h2",),
        meta=(".article-infobox",),
        body=("#article_content",),
    ),
    listing=ListingRules(pager=("div:has(> a.num)",)),
)
