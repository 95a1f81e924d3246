"""The rules for a page of no known CMS: what the standards say, then common class names."""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, ListingRules, Preset

GENERIC = Preset(
    name="generic",
    revision=2,
    article=ArticleRules(),
    listing=ListingRules(),
)
