"""A preset and what a site states otherwise in, the preset to read that site with out. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, TypeVar

from scraper.page import Page
from scraper.presets import PRESETS, detect
from scraper.presets.preset import ArticleRules, CounterRule, ListingRules, Preset

Part = TypeVar("Part", ArticleRules, ListingRules)
# Where something stands on every page, unlike what is dropped, attached or goes on.
_PLACES = {
    "article": ("title", "meta", "release_time", "views", "author", "source", "editor", "section", "body"),
    "listing": ("items",),
}
MARK = "+config-"
Stated = Mapping[str, Mapping[str, Any]]
"""Rules by `article` and `listing`, each under the name of its field, as `scraper.rules` checked them."""


def preset_for(page: Page, named: str | None = None, stated: Stated | None = None) -> Preset:
    """Return the preset a page is read with: the named one or the one told from it, the rules laid over."""
    return overlaid(PRESETS[named] if named else detect(page), stated or {})


def idle(page: Page, stated: Stated, part: Literal["article", "listing"]) -> frozenset[str]:
    """Return the stated places of which the page has none, as `article.title`; optional ones aside."""
    given = ((name, stated.get(part, {}).get(name, ())) for name in _PLACES[part])
    idle = (name for name, places in given if places and not any(map(page.index.select, places)))
    return frozenset(f"{part}.{name}" for name in idle)


def overlaid(preset: Preset, stated: Stated) -> Preset:
    """Return the preset with the stated rules before its own; an empty list takes its own away.

    Its name says so and changes with the rules (`vsb+config-1f3a9c`), so that a record that was read by other
    rules is read again before it is compared.
    """
    rules = {part: dict(fields) for part, fields in stated.items() if fields}
    if not rules:
        return preset
    text = json.dumps(rules, ensure_ascii=False, sort_keys=True)
    mark = hashlib.sha256(text.encode()).hexdigest()[:6]
    article = {field: _values(field, given) for field, given in rules.get("article", {}).items()}
    return replace(
        preset,
        name=f"{preset.name}{MARK}{mark}",
        article=_over(preset.article, article),
        listing=_over(preset.listing, rules.get("listing", {})),
    )


def _over(own: Part, given: Mapping[str, tuple[Any, ...]]) -> Part:
    merged = {field: _before(values, getattr(own, field)) for field, values in given.items()}
    return replace(own, **merged)


def _before(given: tuple[Any, ...], own: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*given, *own))) if given else ()


def _values(field: str, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values as the form holds them: counters as rules, problems as pairs."""
    if field == "counters":
        return tuple(CounterRule(**counter) for counter in given)
    if field == "problems":
        return tuple((one["selector"], one["problem"]) for one in given)
    return given
