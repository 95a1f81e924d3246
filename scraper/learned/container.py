"""From several pages to the one container that holds their bodies. Pure.

One page alone says little: its body may be one sentence, a picture or a file. Over several pages what the
article brings differs and what the page brings repeats, so the container with the greatest sum over all pages
of own lines, less repeated lines, links, titles and bylines, holds the bodies, also where there is little.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scraper.index import Element, Index
from scraper.learned.selectors import suggested
from scraper.normalize.text import squash

_SENTENCE = re.compile(r"[。！？；，、：”]|[.!?;,:](?:\s|$|[\"”’)])")
_SHARE = 0.6  # of the pages: a line that stands in so many is the page's, not the article's
_REPEATED, _HEAD, _LINK = -20.0, -60.0, -6.0  # what lines weigh that are not the article's own
_HALF = 0.5  # of a page's greatest sum: an element with less is no candidate
_NEARLY = 0.92  # of the greatest sum: a deeper container may leave out this much for being tighter
_TRIED = 300  # selectors; a page nested thousands deep would suggest as many
_MATCHED = 0.6  # of the pages in which the container must stand


@dataclass(frozen=True, slots=True)
class Lines:
    """One page's lines, as (text, characters of links, block), and the blocks of its title and byline."""

    page: Index
    lines: Sequence[tuple[str, int, Element]]
    head: frozenset[Element]
    title: str


def container(pages: Sequence[Lines]) -> tuple[tuple[str, ...], int]:
    """Return the container's selector, and in how many pages it stands; none where no place is shared."""
    shared = repeated(pages)
    sums = [_sums(page, shared) for page in pages]
    scores: dict[str, tuple[float, int, int]] = {}
    for selector in _candidates(sums):
        found = [_outermost(selector, page.page) for page in pages]
        places = [element for element in found if element is not None]
        if len(places) >= _MATCHED * len(pages):
            total = sum(
                each.get(place, 0.0) for each, place in zip(sums, found, strict=True) if place is not None
            )
            scores[selector] = (total, sum(map(_depth, places)), len(places))
    most = max((total for total, _, _ in scores.values()), default=0.0)
    if most <= 0:
        return (), 0
    near = [selector for selector, (total, _, _) in scores.items() if total >= _NEARLY * most]
    best = max(near, key=lambda selector: scores[selector][1] / scores[selector][2])
    return (best,), scores[best][2]


def repeated(pages: Sequence[Lines]) -> frozenset[str]:
    """Return the words of the lines that stand in most of the pages: the site's own."""
    count = Counter(text for page in pages for text in {squash(text) for text, _, _ in page.lines})
    return frozenset(text for text, number in count.items() if number >= max(2, _SHARE * len(pages)))


def _sums(page: Lines, shared: frozenset[str]) -> dict[Element, float]:
    """Return for each element the weight of the lines inside it."""
    sums: dict[Element, float] = defaultdict(float)
    title = squash(page.title)
    for text, linked, block in page.lines:
        head = block in page.head or squash(text) == title
        sums[block] += _weight(text, linked, squash(text) in shared, head)
    for element in reversed(page.page.elements):
        parent = element.getparent()
        if parent is not None and element in sums:
            sums[parent] += sums[element]
    return sums


def _weight(text: str, linked: int, shared: bool, head: bool) -> float:
    if head:
        return _HEAD
    if shared:
        return _REPEATED
    if linked > 0.5 * len(text):
        return _LINK - 0.3 * linked
    plain = len(text) - linked
    return float(plain) if _SENTENCE.search(text) else min(plain, 30) * 0.2 - 4.0


def _candidates(sums: Sequence[Mapping[Element, float]]) -> list[str]:
    """Return the selectors that the heaviest elements of all pages suggest, the most telling first."""
    ranks: dict[str, int] = {}
    for page in sums:
        most = max(page.values(), default=0.0)
        for element, weight in page.items():
            if most > 0 and weight >= _HALF * most and element.tag not in ("p", "html", "body"):
                for rank, selector in suggested(element):
                    ranks[selector] = min(rank, ranks.get(selector, rank))
    return sorted(ranks, key=lambda selector: ranks[selector])[:_TRIED]


def _outermost(selector: str, page: Index) -> Element | None:
    """Return the match that holds all others; null where there is none."""
    found = page.select(selector)
    if not found:
        return None
    first = found[0]
    within = set(first.iter())
    return first if all(other in within for other in found[1:]) else None


def _depth(element: Element) -> int:
    return sum(1 for _ in element.iterancestors())
