"""Which element holds the article's body, and its text. Pure.

A preset names the element. Elsewhere every line of the page is weighed (sentences count for, links and
fragments against) and the smallest element with nearly the greatest sum is the body: a maximum-sum subtree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from itertools import accumulate

from scraper.extract.asides import HEADINGS, OUTSIDE, is_surely_aside, named
from scraper.extract.document import Document, Line, text_of
from scraper.extract.media import VIEWERS, shows_file
from scraper.index import Element

# Markup that states "this is the article's text" (schema.org, RDFa), then that of CMSs, most precise first.
MARKED = (
    "[itemprop='articleBody']", "[property='articleBody']", "[property='schema:articleBody']",
    ".entry-content", ".field--name-body", ".field-name-body", ".articleBody", ".article-body",
    ".article__body", ".TRS_Editor", ".TRS_UEDITOR", ".post-content", ".news-content", ".newscontent",
    ".article-content", "#zoom", "#endText",
)  # fmt: skip
_SENTENCE = re.compile(r"[。！？；，、：”]|[.!?;,:](?:\s|$|[\"”’)])")
_LABEL = re.compile("[:：]")
_FOOT = (
    "copyright", "©", "版权所有", "all rights reserved", "icp备", "公网安备", "技术支持",
    "licensed under a creative", "licenced under a creative",
)  # fmt: skip
_FOOT_LINE = 400  # characters beyond which a line is text, whatever it speaks of
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|zip|rar|7z)\s*[】\])）]?$", re.IGNORECASE)
_ALONE = frozenset(("p", "tbody", "table"))
_PAGE = frozenset(("body", "html", "head"))
_ENOUGH = 0.92  # of the greatest sum: a smaller element may leave out this much for being tighter
_FEWEST = 60  # weight below which a page of no known CMS has no readable body


def by_selectors(document: Document, selectors: tuple[str, ...]) -> tuple[Element, str] | None:
    """Return the longest match of the first selector that matches, and the selector; a foot is no body."""
    for selector in selectors:
        if found := document.index.select(selector):
            return found[0] if len(found) == 1 else max(found, key=_length), selector
    return None


def _length(element: Element) -> tuple[bool, int]:
    """Return how much an element is worth as a body: CMSs mark what an editor wrote in the foot as well."""
    text = text_of(element).strip()
    return not _is_foot(text), len(text)


def find_body(document: Document) -> tuple[Element, str] | None:
    """Return the body element and the rule that found it, or None where the page has no readable body."""
    for weigher in (weigh, weigh_plain, weigh_files):
        if found := _found(document, _weights(document, weigher)):
            return found
    return _around_viewer(document)


def _around_viewer(document: Document) -> tuple[Element, str] | None:
    """Return what holds the viewer of a page that has no text but shows a file."""
    for viewer in document.tree.iter(*VIEWERS):
        if shows_file(viewer) and (around := viewer.getparent()) is not None and around.tag not in _PAGE:
            return around, "viewer"
    return None


def _found(document: Document, weights: dict[Element, float]) -> tuple[Element, str] | None:
    densest = max(weights, key=lambda element: weights[element], default=None)
    if densest is None:
        return None
    for selector in MARKED:
        marked = _marked(document.index.select(selector), weights, densest)
        if marked is not None:
            return marked, f"marked:{selector}"
    if weights[densest] < _FEWEST:
        return None
    return _with_siblings(_tightest(_own(weights, densest), weights)), "densest"


def _with_siblings(element: Element) -> Element:
    """Return what holds a paragraph or a table: alone it is no body, short ones may stand beside it."""
    while element.tag in _ALONE and (around := element.getparent()) is not None and around.tag not in _PAGE:
        element = around
    return element


def _marked(found: list[Element], weights: dict[Element, float], densest: Element) -> Element | None:
    """Return the heaviest of the marked elements, or what holds them all where the text is spread over them.

    It must hold most of the text, or stand apart from where most of it is (a table has no sentences).
    """
    if not found:
        return None
    most = weights[densest]
    best = max(found, key=lambda element: weights.get(element, 0.0))
    if len(found) > 1 and 0.0 < weights.get(best, 0.0) < 0.8 * most:
        parts = {element: weight for element in found if (weight := weights.get(element, 0.0)) > 0}
        around, total = _common(list(parts)), sum(parts.values())
        if around is not None and total > 0.5 * most and total > 0.8 * weights.get(around, 0.0):
            return around
    if weights.get(best, 0.0) > 0.5 * most:
        return best
    apart = len(found) == 1 and densest not in set(best.iterancestors())
    return best if apart and len(text_of(best)) > len(text_of(densest)) else None


def _common(elements: list[Element]) -> Element | None:
    """Return the closest element around all of them."""
    around = [set(element.iterancestors()) for element in elements]
    return next((up for up in elements[0].iterancestors() if all(up in each for each in around)), None)


def _own(weights: dict[Element, float], densest: Element) -> Element:
    """Return the page's own `article` where the densest element holds several: a stream, or related ones.

    It alone has a first heading, or it is by far the heaviest and less text stands outside of all.
    """
    articles = [article for article in densest.iter("article") if article is not densest]
    headed = [article for article in articles if next(article.iter("h1"), None) is not None]
    if len(headed) == 1 and weights.get(headed[0], 0.0) > 3 * _FEWEST:
        return headed[0]
    heavy = sorted((weights.get(article, 0.0) for article in articles), reverse=True) or [0.0]
    outside = weights[densest] - sum(heavy)
    if heavy[0] > max(outside, 3 * _FEWEST, 3 * sum(heavy[1:2])):
        return max(articles, key=lambda article: weights.get(article, 0.0))
    return densest


def _tightest(element: Element, weights: dict[Element, float]) -> Element:
    """Go down from the densest element as long as one child holds nearly all of its weight."""
    enough = _ENOUGH * weights[element]
    while True:
        child = max(element, key=lambda child: weights.get(child, 0.0), default=None)
        if child is None or weights.get(child, 0.0) < enough or child.tag == "p":
            return element
        element = child


def _weights(document: Document, weigher: Callable[[Line], float]) -> dict[Element, float]:
    """Return for each element the sum of its lines' weights; menus, asides and footers have none."""
    sums: dict[Element, float] = defaultdict(float)
    for line in document.lines:
        sums[line.block] += weigher(line)
    _leave_out(document, sums)
    for element in reversed(document.index.elements):
        weight = sums.get(element)
        if weight is not None and (parent := element.getparent()) is not None:
            sums[parent] += weight
    return sums


def _leave_out(document: Document, sums: dict[Element, float]) -> None:
    """Take the lines of blocks beside the article out of the sums; one with half of the text is none."""
    elements, places = document.index.elements, document.places
    own = [0.0] * len(elements)
    for block, weight in sums.items():
        own[places[block]] = max(0.0, weight)
    much, stop, most = [0.0, *accumulate(own)], 0, 0.5 * len(document.text)
    for start in sorted(places[each] for each in (*document.tree.iter(*OUTSIDE), *named(document, False))):
        if start < stop:  # inside the one before
            continue
        outside, end = elements[start], document.end(elements[start])
        if is_surely_aside(outside, most) or much[end] - much[start] < 0.5 * much[-1]:
            stop = end
            for element in elements[start:stop]:
                sums.pop(element, None)


def weigh(line: Line) -> float:
    """Return how much a line speaks for an article: positive for sentences, negative for link lists."""
    text, linked = line.text, line.linked
    if line.hidden:
        return 0.0
    if linked > 0.5 * len(text):
        return -8.0 - 0.5 * linked
    if _is_foot(text):
        return -40.0
    if line.block.tag in HEADINGS or not _SENTENCE.search(text):
        return min(len(text) - linked, 30) * 0.2 - 4.0
    return len(text) - 2.5 * linked


def _is_foot(text: str) -> bool:
    if len(text) >= _FOOT_LINE:
        return False
    lowered = text.lower()
    return bool([mark for mark in _FOOT if mark in lowered])  # of every line: `any` takes twice the time


def weigh_plain(line: Line) -> float:
    """Return how much a line speaks for an article on a page without sentences: a list of names, a table."""
    if line.hidden or _LABEL.search(line.text):
        return 0.0
    return -40.0 if _is_foot(line.text) else 2.0 * len(line.text) - 6.0 * line.linked


def weigh_files(line: Line) -> float:
    """Return how much a line speaks for an article on a page without text: one that only offers files."""
    if line.hidden or not line.linked:
        return 0.0
    addresses = (link.get("href", "") for link in line.block.iter("a"))
    return 2.0 * _FEWEST if _FILE.search(line.text) or any(map(_FILE.search, addresses)) else -1.0
