"""From pages of one site that were read to the layout they share. Pure.

samples -> places of each field -> one selector -> tried on all samples -> read again with it -> Layout
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from scraper.learned.boilerplate import boilerplate
from scraper.learned.container import container, repeated
from scraper.learned.layout import FIELDS, Layout
from scraper.learned.sample import Sample, sample_of
from scraper.learned.selectors import best
from scraper.normalize.text import squash
from scraper.presets.preset import Preset
from storage.records import Article

__all__ = ["FEWEST", "Layout", "Sample", "learn", "sample_of"]

FEWEST = 3  # pages that can teach a layout
_BYLINE = ("release_time", "views", "author", "source", "editor")  # what the places of `meta` say
_WEAK = re.compile(r":nth|^h\d$")  # a place that is no name
_SUPPORT = 0.6  # of the samples that must have a field at one place, for it to be learned
_AGREEMENT = 0.8  # of the samples that must read the same by the layout as they did without it


def learn(
    samples: Sequence[Sample],
    preset: Preset,
    *,
    revision: int,
    timezone: str | None = None,
    language: str | None = None,
) -> Layout | None:
    """Return the layout the samples share; null where not even title and body stand at one place.

    `preset` is what the samples were read by. What is learned is tried on them: a field that reads otherwise
    than before is left to the preset.
    """
    if len(samples) < FEWEST:
        return None
    layout, own = _places(samples, preset, revision), _own(samples, preset)
    layout = replace(layout, places={name: layout.places[name] for name in layout.places if name not in own})
    rules = layout.over(preset)
    again = [sample_of(each.page, rules, timezone=timezone, language=language) for each in samples]
    pairs = [(before.article, after) for before, after in zip(samples, again, strict=True)]
    layout = _confirmed(layout, pairs, repeated([sample.lines for sample in samples]))
    if not {"title", "body"} <= set(layout.places) | own:
        return None
    bodies = [sample.body for sample in again if sample is not None and sample.body is not None]
    drop, lines = boilerplate(bodies) if len(bodies) >= FEWEST else ((), frozenset[str]())
    return replace(layout, drop=drop, lines=lines)


def _own(samples: Sequence[Sample], preset: Preset) -> frozenset[str]:
    """Return the fields that the preset's own places hold, and a body that markup states: they stay."""
    rules = [sample.article.provenance for sample in samples]
    held = {name: "preset:" for name in FIELDS if getattr(preset.article, name)}
    held.setdefault("body", "marked:")
    most = _AGREEMENT * len(rules)
    return frozenset(
        name for name, by in held.items() if sum(rule.get(name, "").startswith(by) for rule in rules) >= most
    )


def _places(samples: Sequence[Sample], preset: Preset, revision: int) -> Layout:
    """Return where each field stands in most of the samples."""
    places: dict[str, tuple[str, ...]] = {}
    coverage: dict[str, float] = {}
    for name in FIELDS:
        selectors, right = _place(name, samples)
        if name == "section" and any(_WEAK.search(selector) for selector in selectors):
            continue  # paths to articles differ in length: reading finds their last link
        if right >= max(FEWEST, _SUPPORT * len(samples)):
            places[name] = selectors
            coverage[name] = round(right / len(samples), 3)
    body = int(median(len(sample.article.body) for sample in samples))
    return Layout(preset.name, preset.revision, revision, places, coverage=coverage, body=body)


def _place(name: str, samples: Sequence[Sample]) -> tuple[tuple[str, ...], int]:
    """Return a field's selectors, and in how many of the samples they find its place."""
    if name == "body":
        return container([sample.lines for sample in samples])
    known = {at: sample.places[name] for at, sample in enumerate(samples) if name in sample.places}
    return best(known, [sample.page.index for sample in samples])


def _confirmed(
    layout: Layout, pairs: Sequence[tuple[Article, Sample | None]], shared: frozenset[str]
) -> Layout:
    """Return the layout without the fields that it does not read as they were read before."""
    sound = {}
    for name, selectors in layout.places.items():
        same = (after is not None and _same(name, before, after.article, shared) for before, after in pairs)
        if sum(same) >= _AGREEMENT * len(pairs):
            sound[name] = selectors
    return replace(layout, places=sound)


def _same(name: str, before: Article, again: Article, shared: frozenset[str]) -> bool:
    """Tell whether a field reads the same; a body only has to be there, its place rests on all pages.

    A body of nothing but `shared` lines, as a footer is, was none.
    """
    if name == "body":
        lines = {squash(line) for line in before.body.split("\n\n")} - {""}
        return bool(again.body) or lines <= shared
    told = _BYLINE if name == "meta" else (name,)
    return all(squash(str(getattr(before, each))) == squash(str(getattr(again, each))) for each in told)
