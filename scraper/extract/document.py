"""A parsed page as lines of text in reading order, each knowing where it stands. Pure.

A line is what a person sees as one: the text of a block element up to the next block or `<br>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple, cast
from urllib.parse import urldefrag, urljoin

from lxml import etree

from scraper.index import Element, Index
from scraper.normalize.text import fold, fold_keeping_gaps
from scraper.page import Page

_BLOCKS = """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav
    ol option p pre section select summary table tbody td tfoot th thead title tr ul
"""
_SILENT = (
    "script style noscript template head iframe object embed applet svg canvas select textarea button map"
)
BLOCKS, SILENT = frozenset(_BLOCKS.split()), frozenset(_SILENT.split())
_GAP = re.compile("[\u00a0\u2002\u2003\u3000]")
_MOST_ELEMENTS, _MOST_CHARACTERS = 100_000, 10_000_000
_DEEPEST = 2048  # libxml2, even with huge_tree
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_COUNT = etree.XPath("count(descendant-or-self::*)")
_STRING = etree.XPath("string()", smart_strings=False)


def text_of(element: Element) -> str:
    """Return all text in an element as it stands, scripts and styles too."""
    return cast(str, _STRING(element))


class Line(NamedTuple):
    """One line: its text, how many of its characters are link text, its block, the element it begins in.

    `source` is the text before white space was folded; `hidden` lines are in the page but not shown.
    """

    text: str
    linked: int
    block: Element
    element: Element
    source: str
    hidden: bool = False

    @property
    def raw(self) -> str:
        """The text with wide gaps kept as tabs."""
        return fold_keeping_gaps(self.source) if _GAP.search(self.source) else self.text


class Document:
    """One parsed page: its elements by class and id, and its lines."""

    def __init__(self, page: Page) -> None:
        self.tree = page.tree
        self.source = page.text
        self.url = page.base_url
        self.index: Index = page.index

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line of the page, the hidden ones too."""
        return tuple(lines_of(self.tree, hidden=True))

    @property
    def places(self) -> dict[Element, int]:
        """The place of every element in document order."""
        return self.index.places

    def is_own(self, href: str) -> bool:
        """Tell whether a link leads to the page itself."""
        try:
            return urldefrag(urljoin(self.url, href))[0] == urldefrag(self.url)[0]
        except ValueError:
            return False

    def is_huge(self) -> bool:
        """Tell whether the page is larger than any article, so that reading it would take minutes."""
        return len(self.index.elements) > _MOST_ELEMENTS or len(self.source) > _MOST_CHARACTERS

    def is_cut(self) -> bool:
        """Tell whether libxml2 reached the depth past which it drops the rest of a page, text and all."""
        if len(self.index.elements) < _DEEPEST:
            return False
        depths: dict[Element | None, int] = {}
        for element in self.index.elements:
            depths[element] = depths.get(element.getparent(), 0) + 1
        return max(depths.values()) >= _DEEPEST


def lines_of(
    root: Element,
    skip: Iterable[Element] = (),
    *,
    parts: Iterable[Element] | None = None,
    hidden: bool = False,
) -> list[Line]:
    """Return the lines of one element, without those of the elements to skip; hidden ones when asked.

    `parts` are the children to read, where not all of them matter. Without recursion, for pages nested
    thousands deep: the stack holds what goes on after an element ends. Every element and text of a page comes
    through here, so no call is made that can be spared.
    """
    found: list[Line] = []
    pieces: list[str] = []
    links: list[str] = []
    skipped = frozenset(skip)
    stack: list[tuple[Iterator[Element], Element, Element, bool, bool]] = []
    block = start = own = root  # of what is read; where the line begins; the block that the line stands in
    linked, veiled, hides = root.tag == "a", False, False
    text, inside = root.text, iter(root if parts is None else parts)
    holder, below, unseen = root, linked, veiled
    while True:
        if text and (pieces or not text.isspace()):
            if not pieces:
                start, hides = holder, unseen
            pieces.append(text)
            if below:
                links.append(text)
        for element in inside:
            tag = element.tag
            unseen = veiled or is_hidden(element)
            if tag in SILENT or element in skipped or (unseen and not hidden):
                text, holder, below, unseen = element.tail, block, linked, veiled
                break
            if tag in BLOCKS:
                if pieces:
                    found.append(_line(pieces, links, own, start, hides))
                    pieces, links = [], []
                own = element
            below = linked or tag == "a"
            stack.append((inside, element, block, linked, veiled))
            block = element if tag in BLOCKS else block
            inside, linked, veiled = iter(element), below, unseen
            text, holder = element.text, element
            break
        else:
            if not stack:
                if pieces:
                    found.append(_line(pieces, links, own, start, hides))
                return [line for line in found if line.text]
            inside, element, block, linked, veiled = stack.pop()
            if element.tag in BLOCKS:
                if pieces:
                    found.append(_line(pieces, links, own, start, hides))
                    pieces, links = [], []
                own = block
            text, holder, below, unseen = element.tail, block, linked, veiled


def _line(pieces: list[str], links: list[str], block: Element, start: Element, hidden: bool) -> Line:
    source = "".join(pieces)
    return Line(fold(source), len(fold("".join(links))) if links else 0, block, start, source, hidden)


def size(element: Element) -> int:
    """Return how many elements an element is, itself and all inside it."""
    return int(cast(float, _COUNT(element)))


def block_of(element: Element) -> Element:
    """Return the block an element stands in: itself, or what is around it."""
    while element.tag not in BLOCKS and (above := element.getparent()) is not None:
        element = above
    return element


def is_hidden(element: Element) -> bool:
    """Tell whether the page hides the element from readers; whole pages hide only until a script ran."""
    style = element.get("style")
    if style is not None and "none" in style and element.tag != "body" and _HIDDEN.search(style):
        return True
    return element.get("hidden") is not None and element.tag != "body"
