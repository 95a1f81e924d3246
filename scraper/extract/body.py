"""Which element holds the article's body, and its text. Pure.

A preset names the element. Elsewhere every line of the page is weighed (sentences count for, links and
fragments against) and the smallest element with nearly the greatest sum is the body: a maximum-sum subtree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from lxml import etree

from scraper.extract.document import Document, Line, size, text_of
from scraper.index import Element

# Markup that states "this is the article's text", most precise first (schema.org, RDFa, then CMSs).
MARKED = (
    "[itemprop='articleBody']", "[property='articleBody']", "[property='schema:articleBody']",
    ".entry-content", ".field--name-body", ".field-name-body", ".articleBody", ".article-body",
    ".article__body",
    ".TRS_Editor", ".TRS_UEDITOR", ".post-content", ".news-content", ".newscontent", ".article-content",
    "#zoom", "#endText",
)  # fmt: skip
# Class and id words of blocks inside a body that are about the page, not of the article.
_ASIDE_WORDS = (
    r"share|sharing|social|addthis\w*|bdshare\w*|bshare\w*|jiathis\w*|related|recommend\w*|breadcrumbs?|crumbs",
    r"pager|pagination|pagenav|prev|next|prevnext|post-navigation|nav-links|comments?|comment-\w+",
    r"tags?|tag-?list|tagcloud|newsletter|subscribe|toolbar|print|skip|cookie\w*|sidebar|side-?nav|advert\w*",
    r"visually-?hidden|sr-only|screen-reader-text",
)
ASIDES = re.compile(rf"(?:^|[\s_-])(?:{'|'.join(_ASIDE_WORDS)})(?:$|[\s_-])", re.IGNORECASE)
_OUTSIDE = frozenset(("nav", "footer", "aside"))
_SENTENCE = re.compile(r"[。！？；，、：”]|[.!?;,:](?:\s|$|[\"”’)])")
_FOOT = re.compile(
    r"copyright|©|版权所有|all rights reserved|icp备|公网安备|技术支持|licen[cs]ed under a creative",
    re.IGNORECASE,
)
_ENOUGH = 0.92  # of the greatest sum: a smaller element may leave out this much for being tighter
_FEWEST = 60  # weight below which a page of no known CMS has no readable body


def by_selectors(document: Document, selectors: tuple[str, ...]) -> tuple[Element, str] | None:
    """Return the longest match of the first selector that matches, and the selector."""
    for selector in selectors:
        if found := document.index.select(selector):
            return max(found, key=lambda element: len(text_of(element).strip())), selector
    return None


def find_body(document: Document) -> tuple[Element, str] | None:
    """Return the body element and the rule that found it, or None where the page has no readable body."""
    weights = _weights(document)
    densest = max(weights, key=lambda element: weights[element], default=None)
    most = weights[densest] if densest is not None else 0.0
    for selector in MARKED:
        marked = [
            element for element in document.index.select(selector) if weights.get(element, 0) > 0.5 * most
        ]
        if marked:
            return max(marked, key=lambda element: weights[element]), f"marked:{selector}"
    if densest is None or most < _FEWEST:
        return None
    return _tightest(densest, weights, most), "densest"


def _tightest(element: Element, weights: dict[Element, float], most: float) -> Element:
    """Go down from the densest element as long as one child holds nearly all of its weight."""
    while True:
        child = max(element, key=lambda child: weights.get(child, 0.0), default=None)
        if child is None or weights.get(child, 0.0) < _ENOUGH * most or child.tag == "p":
            return element
        element = child


def _weights(document: Document) -> dict[Element, float]:
    """Return for each element the sum of its lines' weights; menus, asides and footers have none."""
    sums: dict[Element, float] = defaultdict(float)
    for line in document.lines:
        sums[line.block] += weigh(line)
    for outside in document.tree.iter(*_OUTSIDE):
        for element in outside.iter(etree.Element):
            sums.pop(element, None)
    for element in reversed(document.index.elements):
        weight = sums.get(element)
        if weight is not None and (parent := element.getparent()) is not None:
            sums[parent] += weight
    return sums


def weigh(line: Line) -> float:
    """Return how much a line speaks for an article: positive for sentences, negative for link lists."""
    plain = len(line.text) - line.linked
    if line.hidden:
        return 0.0
    if _FOOT.search(line.text):
        return -40.0
    if line.linked > 0.5 * len(line.text):
        return -8.0 - 0.5 * line.linked
    if not _SENTENCE.search(line.text):
        return min(plain, 30) * 0.2 - 4.0
    return plain - 1.5 * line.linked


def asides(document: Document, body: Element, drop: tuple[str, ...]) -> frozenset[Element]:
    """Return the elements inside the body that are not of the article: share bars, previous/next, related.

    A block named like one that holds most of the text is the text.
    """
    index, start = document.index, document.places[body]
    stop = start + size(body)
    named = [
        at
        for values in (index.classes, index.ids)
        for value in values
        if _names_aside(value)
        for at in values[value]
    ]
    outside = [index.elements[at] for at in named if start < at < stop]
    outside += body.iter(*_OUTSIDE)
    dropped = {element for selector in drop for element in index.select(selector)}
    if outside:
        most = 0.5 * len(text_of(body))
        dropped.update(el for el in outside if el.tag in _OUTSIDE or len(text_of(el)) < most)
    return frozenset(el for el in dropped if el is not body and start < document.places[el] < stop)


@lru_cache(maxsize=4096)
def _names_aside(names: str) -> bool:
    return bool(ASIDES.search(names))
