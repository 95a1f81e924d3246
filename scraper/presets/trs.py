"""TRS WCM (拓尔思): large universities and most of the Chinese authorities.

The page's fields stand in metas (`ArticleTitle`, `PubDate`, `ContentSource`), which every reader reads.
"""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, Preset

TRS = Preset(
    name="trs",
    revision=1,
    marks=(
        "TRS_Editor",
        "TRS_UEDITOR",
        "TRS_AUTOADD",
        "trs_web",
        "Custom_UnionStyle",
        "trs_paper_",
    ),
    traces=("createPageHTML(",),
    article=ArticleRules(body=(".TRS_UEDITOR", ".TRS_Editor")),
    # The document keeps its date and number under every channel, and on the second page of a long one.
    same_article=((r"\)/(?:.*/)?(t\d{8}_\d+)(?:_\d+)?\.s?html?$", r")/*/\1"),),
)
