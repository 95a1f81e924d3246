"""Which element holds the article's body, and its text. Pure.

A preset names the element. Elsewhere every line of the page is weighed (sentences count for, links and
fragments against) and the smallest element with nearly the greatest sum is the body: a maximum-sum subtree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml import html

from scraper.extract.document import Document, Line
from scraper.normalize.text import squash

# Markup that states "this is the article's text", most precise first (schema.org, RDFa, then CMSs).
MARKED = (
    "[itemprop='articleBody']", "[property='articleBody']", "[property='schema:articleBody']",
    ".entry-content", ".field--name-body", ".field-name-body", ".articleBody", ".article-body", ".article__body",
    ".TRS_Editor", ".TRS_UEDITOR", ".post-content", ".news-content", ".newscontent", ".article-content",
    "#zoom", "#endText",
)  # fmt: skip
# Blocks inside a body that are about the page, not of the article.
ASIDES = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|social|addthis\w*|bdshare\w*|bshare\w*|jiathis\w*|related|recommend\w*|breadcrumbs?|crumbs|"
    r"pager|pagination|pagenav|prev|next|prevnext|post-navigation|nav-links|comments?|comment-\w+|tags?|tag-?list|"
    r"tagcloud|newsletter|subscribe|toolbar|print|skip|cookie\w*|sidebar|side-?nav|advert\w*|visually-?hidden|"
    r"sr-only|screen-reader-text)(?:$|[\s_-])",
    re.IGNORECASE,
)
_OUTSIDE = frozenset(("nav", "footer", "aside"))
_SENTENCE = re.compile(r"[。！？；，、：”]|[.!?;,:](?:\s|$|[\"”’)])")
_FOOT = re.compile(r"copyright|©|版权所有|all rights reserved|icp备|公网安备|技术支持", re.IGNORECASE)
_ENOUGH = 0.92  # of the greatest sum: a smaller element may leave out this much for being tighter
_HEADLINE_WITHIN = 25  # lines: a body that begins before its own headline has it among the first
_BETWEEN = 8  # lines between a headline and the first sentence
_FEWEST = 60  # weight below which a page of no known CMS has no readable body


def by_selectors(document: Document, selectors: tuple[str, ...]) -> tuple[html.HtmlElement, str] | None:
    """Return the element with most text among the matches of the first selector that matches, and the selector."""
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
        marked = [element for element in document.tree.cssselect(selector) if weights.get(element, 0) > 0.5 * most]
        if marked:
            return max(marked, key=lambda element: weights[element]), f"marked:{selector}"
    if densest is None or most < _FEWEST:
        return None
    return _tightest(densest, weights, most), "densest"


def _tightest(element: html.HtmlElement, weights: dict[html.HtmlElement, float], most: float) -> html.HtmlElement:
    """Go down from the densest element as long as one child holds nearly all of its weight."""
    while True:
        child = max(element, key=lambda child: weights.get(child, 0.0), default=None)
        if child is None or weights.get(child, 0.0) < _ENOUGH * most or child.tag == "p":
            return element
        element = child


def _weights(document: Document) -> dict[html.HtmlElement, float]:
    """Return for each element the sum of the weights of the lines in it."""
    sums: dict[html.HtmlElement, float] = defaultdict(float)
    for line in document.lines:
        weight = weigh(line)
        element: html.HtmlElement | None = line.block
        path = []
        while element is not None:
            path.append(element)
            if element.tag in _OUTSIDE:
                path = []
                break
            element = element.getparent()
        for element in path:
            sums[element] += weight
    return sums


def weigh(line: Line) -> float:
    """Return how much a line speaks for standing in an article: positive for sentences, negative for link lists."""
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
    dropped = {element for selector in drop for element in body.cssselect(selector)}
    for element in body.iter(html.etree.Element):
        if element is body:
            continue
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if element.tag in _OUTSIDE or (names != " " and ASIDES.search(names) and _small(element, body)):
            dropped.add(element)
    return frozenset(dropped)


def _small(element: html.HtmlElement, body: html.HtmlElement) -> bool:
    """A block named like an aside that holds most of the text is the text."""
    return len(element.text_content()) < 0.5 * len(body.text_content())


# A line that begins so ends the body: what follows is about the page.
_AFTER = re.compile(
    r"^[【\[(（]?(?:上一[条篇则页]|下一[条篇则页]|关闭窗口|关闭|打印本页|打印|返回列表|相关新闻|相关文章|相关链接|相关阅读|分享到|分享至|"
    r"previous(?: article| post)?\s*[:：]|next(?: article| post)?\s*[:：]|related (?:news|stories|articles|posts)|"
    r"share this|print this page)",
    re.IGNORECASE,
)


def body_lines(
    document: Document, body: html.HtmlElement, skip: frozenset[html.HtmlElement], title: str, rule: str
) -> Iterator[Line]:
    """Yield the lines of the body: from after a headline inside it, up to where the page takes over again."""
    lines = list(document.lines_of(body, skip))
    headline = next((at for at, line in enumerate(lines[:_HEADLINE_WITHIN]) if squash(line.text) == squash(title)), None)
    if headline is not None or rule == "densest":
        lines = _after_headline(lines[0 if headline is None else headline + 1 :])
    for at, line in enumerate(lines):
        if at and _AFTER.match(line.text) and len(line.text) < 80:
            return
        yield line


def _after_headline(lines: list[Line]) -> list[Line]:
    """Skip what stands between a headline and the first sentence: bylines, categories, share buttons."""
    first = next((at for at, line in enumerate(lines) if weigh(line) > 0), 0)
    return lines[first:] if first <= _BETWEEN else lines
