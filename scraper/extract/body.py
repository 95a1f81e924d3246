"""Which element holds the article's body, and its text. Pure.

A preset names the element. Elsewhere every line of the page is weighed (sentences count for, links and
fragments against) and the smallest element with nearly the greatest sum is the body: a maximum-sum subtree.
"""

from __future__ import annotations

import re
from collections import defaultdict

from lxml import html

from scraper.extract.document import Document, Line

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


def by_selectors(document: Document, selectors: tuple[str, ...]) -> tuple[html.HtmlElement, str] | None:
    """Return the longest match of the first selector that matches, and the selector."""
    for selector in selectors:
        found = document.tree.cssselect(selector)
        if found:
            return max(found, key=lambda element: len(element.text_content().strip())), selector
    return None


def find_body(document: Document, selectors: tuple[str, ...]) -> tuple[html.HtmlElement, str] | None:
    """Return the body element and the rule that found it, or None where the page has no readable body."""
    if named := by_selectors(document, selectors):
        return named[0], f"preset:{named[1]}"
    weights = _weights(document)
    densest = max(weights, key=lambda element: weights[element], default=None)
    most = weights[densest] if densest is not None else 0.0
    for selector in MARKED:
        marked = [
            element for element in document.tree.cssselect(selector) if weights.get(element, 0) > 0.5 * most
        ]
        if marked:
            return max(marked, key=lambda element: weights[element]), f"marked:{selector}"
    if densest is None or most < _FEWEST:
        return None
    return _tightest(densest, weights, most), "densest"


def _tightest(
    element: html.HtmlElement, weights: dict[html.HtmlElement, float], most: float
) -> html.HtmlElement:
    """Go down from the densest element as long as one child holds nearly all of its weight."""
    while True:
        child = max(element, key=lambda child: weights.get(child, 0.0), default=None)
        if child is None or weights.get(child, 0.0) < _ENOUGH * most or child.tag == "p":
            return element
        element = child


def _weights(document: Document) -> dict[html.HtmlElement, float]:
    """Return for each element the sum of its lines' weights; menus, asides and footers have none."""
    sums: dict[html.HtmlElement, float] = defaultdict(float)
    for line in document.lines:
        sums[line.block] += weigh(line)
    outside: set[html.HtmlElement] = set()
    for element in document.elements:
        if element.tag in _OUTSIDE or element.getparent() in outside:
            outside.add(element)
            sums.pop(element, None)
    for element in reversed(document.elements):
        parent = element.getparent()
        if parent is not None and element in sums:
            sums[parent] += sums[element]
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


def asides(document: Document, body: html.HtmlElement, drop: tuple[str, ...]) -> frozenset[html.HtmlElement]:
    """Return the elements inside the body that are not of the article: share bars, previous/next, related."""
    dropped = {element for selector in drop for element in body.cssselect(selector)} - {body}
    most = 0.5 * len(
        body.text_content()
    )  # a block named like an aside that holds most of the text is the text
    for element in body.iterdescendants(html.etree.Element):
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if (
            element.getparent() in dropped
            or element.tag in _OUTSIDE
            or (names != " " and ASIDES.search(names) and len(element.text_content()) < most)
        ):
            dropped.add(element)
    return frozenset(dropped)
