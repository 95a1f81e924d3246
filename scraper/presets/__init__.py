"""The CMSs campusnews knows, and which of them made a page. Pure."""

from __future__ import annotations

import re
from functools import cache

from scraper.page import Page
from scraper.presets.generic import GENERIC
from scraper.presets.preset import Preset
from scraper.presets.vsb import VSB
from scraper.presets.webplus import WEBPLUS

PRESETS: dict[str, Preset] = {preset.name: preset for preset in (WEBPLUS, VSB, GENERIC)}
BEACONS: tuple[str, ...] = tuple(beacon for preset in PRESETS.values() for beacon in preset.beacons)


def detect(page: Page) -> Preset:
    """Return the preset with the most different marks in the page's source; `generic` where none has any."""
    scores = {name: sum(bool(mark.search(page.text)) for mark in _marks(name)) for name in PRESETS}
    best = max(PRESETS.values(), key=lambda preset: scores[preset.name])
    return best if scores[best.name] else GENERIC


def article_key(urlkey: str) -> str:
    """Return one key for all addresses of one article, by the CMSs' own numbering; else the urlkey itself."""
    for preset in PRESETS.values():
        for pattern, replacement in preset.same_article:
            key, hits = re.subn(pattern, replacement, urlkey, count=1)
            if hits:
                return key
    return urlkey


@cache
def _marks(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(mark, re.IGNORECASE) for mark in PRESETS[name].marks)
