"""TerminalFour (T4): the CMS of many British and Irish universities.

Each university writes its own layouts, so there is next to no markup of T4's own: the reader does the rest.
"""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, Preset

TERMINALFOUR = Preset(
    name="terminalfour",
    revision=1,
    marks=(
        "Terminalfour",
        "TERMINALFOUR",
        "TerminalFour",
        "t4Edit-page",
        "_smxx.",
        "/t4cms/",
    ),
    traces=(
        '"d.en.',
        "#d.en.",
    ),
    article=ArticleRules(drop=(".t4Edit-page",)),
)
