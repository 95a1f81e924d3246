"""phpcms v9: department sites made from its default templates.

Its title stands in one `h1` with the line that says when and whence, so the reader takes it apart.
"""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, ListingRules, Preset

PHPCMS = Preset(
    name="phpcms",
    revision=1,
    marks=(
        "/statics/",
        "/uploadfile/",
        "phpcms",
    ),
    traces=(
        "api.php?op=",
        "?m=content&",
        "?m=search&",
        "?m=comment&",
        "?m=link&",
    ),
    enough=2,
    article=ArticleRules(
        meta=("#Article > h1 > span",),
        body=("#Article .content",),
        drop=("fieldset",),
        next_page=("#pages > span + a:not(.a1)",),
    ),
    listing=ListingRules(items=(".col-left ul.list",), pager=("#pages",)),
    # The script that prints the clicks adds one to them first.
    beacons=(r"/api\.php\?(?:[^#]*&)?op=count\b",),
)
