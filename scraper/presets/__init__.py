"""The CMSs campusnews knows, and which of them made a page. Pure."""

from __future__ import annotations

import re

from scraper.page import Page
from scraper.presets.asp import ASP
from scraper.presets.dedecms import DEDECMS
from scraper.presets.drupal import DRUPAL
from scraper.presets.generic import GENERIC
from scraper.presets.k2web import K2WEB
from scraper.presets.omni import OMNI
from scraper.presets.phpcms import PHPCMS
from scraper.presets.preset import Preset
from scraper.presets.terminalfour import TERMINALFOUR
from scraper.presets.thinkphp import THINKPHP
from scraper.presets.trs import TRS
from scraper.presets.vsb import VSB
from scraper.presets.webplus import WEBPLUS
from scraper.presets.wordpress import WORDPRESS

# Where two have as many marks in a page, the one named first is taken.
_ALL = (
    *(WEBPLUS, VSB, WORDPRESS, DRUPAL, TRS, DEDECMS, PHPCMS, K2WEB, OMNI, TERMINALFOUR),
    *(THINKPHP, ASP, GENERIC),
)
_BEYOND_DOUBT = 3  # marks after which no other CMS is looked for
PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}
BEACONS: tuple[str, ...] = tuple(beacon for preset in PRESETS.values() for beacon in preset.beacons)


def detect(page: Page) -> Preset:
    """Return the preset with the most different marks in the page; `generic` where none has enough.

    Most marks stand in classes, ids and addresses of the head, which are quick to look through; the whole
    source is searched only where those tell too little.
    """
    for source, least in ((page.index.fingerprint, 2), (page.text, 1)):
        found: dict[str, int] = {}
        for name, preset in PRESETS.items():
            found[name] = sum(mark in source for mark in preset.marks)
            if found[name] >= _BEYOND_DOUBT:
                return preset
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
