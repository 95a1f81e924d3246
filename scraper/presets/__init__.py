"""The CMSs campusnews knows, and which of them made a page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby, takewhile

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
_CERTAIN, _BEYOND_DOUBT = 2, 3  # marks after which the source is spared, and every other CMS too
PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}


_Groups = tuple[tuple[bytes, tuple[bytes, ...]], ...]  # what traces begin with, and those that do


def _by_beginning(traces: Iterable[str]) -> _Groups:
    """Return traces by what they begin with: most pages need one search for all of a group."""
    groups = (list(group) for _, group in groupby(sorted(traces), key=lambda trace: trace[:3]))
    return tuple((_beginning(group).encode(), tuple(trace.encode() for trace in group)) for group in groups)


def _beginning(traces: list[str]) -> str:
    """Return what sorted traces begin with: what the first and the last of them share."""
    same = (one == other for one, other in zip(traces[0], traces[-1], strict=False))
    return traces[0][: len(list(takewhile(bool, same)))]


_TRACES = {name: _by_beginning(preset.traces) for name, preset in PRESETS.items()}
BEACONS: tuple[str, ...] = tuple(beacon for preset in PRESETS.values() for beacon in preset.beacons)


_SAME_ARTICLE = tuple(
    (re.compile(pattern), replacement)
    for preset in PRESETS.values()
    for pattern, replacement in preset.same_article
)


def detect(page: Page) -> Preset:
    """Return the preset with the most marks and traces in the page; `generic` where none has enough.

    Classes, ids and the addresses of the head are quick to look through; the bytes of the whole page are
    searched only where those tell too little.
    """
    found: dict[str, int] = {}
    fingerprint = page.index.fingerprint
    for name, preset in PRESETS.items():
        found[name] = len([mark for mark in preset.marks if mark in fingerprint])
        if found[name] >= _BEYOND_DOUBT:
            return preset
    if max(found.values()) < _CERTAIN:
        most = 0  # of a preset that has enough: what has no more is not taken
        for name, preset in PRESETS.items():
            needed = max(preset.enough, most + 1) - found[name]
            found[name] += _traces_in(page.body, _TRACES[name], needed)
            if found[name] >= max(preset.enough, 1):
                most = max(most, found[name])
    fitting = [preset for preset in PRESETS.values() if found[preset.name] >= max(preset.enough, 1)]
    return max(fitting, key=lambda preset: found[preset.name], default=GENERIC)


def _traces_in(body: bytes, groups: _Groups, needed: int) -> int:
    """Return how many traces a body has; as soon as they cannot be as many as needed, how many until then."""
    found, left = 0, sum(len(traces) for _, traces in groups)
    for beginning, traces in groups:
        if found + left < needed:
            break
        left -= len(traces)
        if beginning in body:
            found += 1 if len(traces) == 1 else len([trace for trace in traces if trace in body])
    return found


def article_key(urlkey: str) -> str:
    """Return one key for all addresses of one article, by the CMSs' own numbering; else the urlkey itself."""
    for pattern, replacement in _SAME_ARTICLE:
        key, hits = pattern.subn(replacement, urlkey, count=1)
        if hits:
            return key
    return urlkey
