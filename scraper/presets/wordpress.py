"""WordPress: the class names that its themes share; what a theme names otherwise is left to the reader."""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, ListingRules, Preset

WORDPRESS = Preset(
    name="wordpress",
    revision=2,
    marks=(
        "/wp-includes/",
        "/wp-content/themes/",
        "/wp-content/plugins/",
        "/wp-json/",
        "wp-block-",
        "wp-post-image",
    ),
    enough=2,
    article=ArticleRules(
        title=("h1.entry-title", ".wp-block-post-title", ".entry-title"),
        release_time=(
            "time.entry-date.published",
            ".entry-meta time.published",
            ".entry-header time.published",
            "article time.published",
            ".entry-date",
            ".wp-block-post-date time",
        ),
        author=(
            ".entry-meta .author .fn",
            ".byline .author",
            ".entry-meta .author",
            ".wp-block-post-author__name",
        ),
        views=(".post-views-count", ".tptn_counter"),
        section=(".cat-links a", "a[rel~='category']", ".taxonomy-category a", ".post-category a"),
        body=(".entry-content", ".wp-block-post-content"),
        drop=(
            ".entry-meta",
            ".entry-footer",
            ".sharedaddy",
            ".jp-relatedposts",
            ".post-views",
            ".post-category",
            ".tptn_counter",
            ".addtoany_share_save_container",
            ".wp-block-post-terms",
        ),
        next_page=(".page-links .current + a",),
    ),
    listing=ListingRules(pager=(".nav-links", ".wp-pagenavi", ".wp-block-query-pagination")),
    beacons=(
        r"/admin-ajax\.php\?(?:[^#]*&)?(?:postviews_id|action=\w*views?\w*)",
        r"//pixel\.wp\.com/g\.gif",
    ),
)
