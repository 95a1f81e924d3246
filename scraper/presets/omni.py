"""Omni CMS (OU Campus, Modern Campus CMS): universities of the United States.

Each university writes its own templates, so there is next to no markup of Omni's own: the reader does the
rest.
"""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, Preset

OMNI = Preset(
    name="omni",
    revision=1,
    marks=(
        "directedit",
        "_resources/",
        "omniupdate",
    ),
    traces=(
        "<!-- ouc:",
        "skin=oucampus",
    ),
    enough=2,
    article=ArticleRules(drop=("#directedit", "a#de")),
)
