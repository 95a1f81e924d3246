"""Drupal 7 to 11: the class names of its own field and node templates; many sites rename them."""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, ListingRules, Preset

DRUPAL = Preset(
    name="drupal",
    revision=1,
    marks=(
        "/sites/default/files/",
        "field--name-",
        "field-name-",
        "page-node-type-",
        "block-system",
        "Drupal.settings",
    ),
    traces=(
        "drupal.org)",
        '"drupal-settings-json"',
    ),
    enough=2,
    article=ArticleRules(
        title=("h1 .field--name-title", "h1.page-title", "h1.page-header", "h1#page-title"),
        release_time=(
            ".node__submitted time",
            ".node__meta time",
            ".node--view-mode-full .field--name-created time",
        ),
        # Directly in the node: the layout builder's blocks have bodies of their own.
        body=(
            ".node--view-mode-full > .node__content > .field--name-body",
            "article > .node__content > .field--name-body",
            "article > .content > .field--name-body",
            ".node-full > .content > .field-name-body",
            ".node > .content > .field-name-body",
        ),
        drop=(".contextual", ".links.inline", ".field--name-field-tags"),
    ),
    listing=ListingRules(pager=(".pager", ".pager__items")),
    beacons=(r"/modules/statistics/statistics\.php",),
)
