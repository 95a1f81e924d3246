"""The CMSs campusnews knows, and which of them made a page. Pure."""

from __future__ import annotations

import re

from scraper.page import Page
from scraper.presets.generic import GENERIC
from scraper.presets.preset import Preset
from scraper.presets.vsb import VSB
from scraper.presets.webplus import WEBPLUS

PRESETS: dict[str, Preset] = {preset.name: preset for preset in (WEBPLUS, VSB, GENERIC)}
BEACONS: tuple[str, ...] = tuple(beacon for preset in PRESETS.values() for beacon in preset.beacons)


def detect(page: Page) -> Preset:
    """Return the preset with the most different marks in the page; `generic` where none has enough.

    Most marks stand in classes, ids and addresses of the head, which are quick to look through; the whole
    source is searched only where those tell too little.
    """
    for source, least in ((page.index.fingerprint, 2), (page.text, 1)):
        found = {name: sum(mark in source for mark in preset.marks) for name, preset in PRESETS.items()}
        fitting = [preset for preset in PRESETS.values() if found[preset.name] >= max(preset.enough, least)]
        if fitting:
            return max(fitting, key=lambda preset: found[preset.name])
    return GENERIC


def article_key(urlkey: str) -> str:
    """Return one key for all addresses of one article, by the CMSs' own numbering; else the urlkey itself."""
    for preset in PRESETS.values():
        for pattern, replacement in preset.same_article:
            key, hits = re.subn(pattern, replacement, urlkey, count=1)
            if hits:
                return key
    return urlkey
