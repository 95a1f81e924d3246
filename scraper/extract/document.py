"""A parsed page as lines of text in reading order, each knowing where it stands. Pure.

A line is what a person sees as one: the text of a block element up to the next block or `<br>`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
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
_BLOCK, _LINK, _SILENT_TAG = 1, 2, 3
_KINDS = dict.fromkeys(BLOCKS, _BLOCK) | dict.fromkeys(SILENT, _SILENT_TAG) | {"a": _LINK}
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

    `source` is the text before white space was folded, `place` that of the element in the document; `hidden`
    lines are in the page but not shown.
    """

    text: str
    linked: int
    block: Element
    element: Element
    source: str
    place: int
    hidden: bool = False

    @property
    def raw(self) -> str:
        """The text with wide gaps kept as tabs."""
        return fold_keeping_gaps(self.source) if _GAP.search(self.source) else self.text


class Document:
    """One parsed page: its elements by class and id, and its lines."""

    def __init__(self, page: Page) -> None:
        self.tree = page.tree
        self.length = len(page.text)
        self.url = page.base_url
        self.index: Index = page.index

    @cached_property
    def text(self) -> str:
        """All text of the page, scripts and styles too: the quickest to ask what words it has at all."""
        return text_of(self.tree)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line of the page, the hidden ones too."""
        return tuple(lines_of(self, self.tree, hidden=True))

    def is_whole(self, lines: Sequence[Line]) -> bool:
        """Tell whether these are all lines of the page, without reading them to find out."""
        return lines is self.__dict__.get("lines")

    @cached_property
    def hidden(self) -> frozenset[int]:
        """The places of the elements hidden from readers; whole pages hide only until a script ran."""
        elements, having = self.index.elements, self.index.having
        styles = [(at, elements[at].get("style", "")) for at in having("style")]
        perhaps = ((at, style) for at, style in styles if "isplay" in style or "ISPLAY" in style)
        found = [at for at, style in perhaps if _HIDDEN.search(style)]
        return frozenset(at for at in (*found, *having("hidden")) if elements[at].tag != "body")

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
        return len(self.index.elements) > _MOST_ELEMENTS or self.length > _MOST_CHARACTERS

    def is_cut(self) -> bool:
        """Tell whether libxml2 reached the depth past which it drops the rest of a page, text and all."""
        if len(self.index.elements) < _DEEPEST:
            return False
        depths: dict[Element | None, int] = {}
        for element in self.index.elements:
            depths[element] = depths.get(element.getparent(), 0) + 1
        return max(depths.values()) >= _DEEPEST


def lines_of(
    document: Document,
    root: Element,
    parts: Sequence[Element] | None = None,
    *,
    skip: Iterable[Element] = (),
    hidden: bool = False,
) -> list[Line]:
    """Return the lines of one element, without those of the elements to skip; hidden ones when asked.

    `parts` are the children to read, one beside the other, where not all of them matter.
    """
    places = document.places
    start, stop = places[root] + 1, places[root] + size(root)
    if parts is not None:
        start, stop = (places[parts[0]], places[parts[-1]] + size(parts[-1])) if parts else (0, 0)
    silent = {places[element] for element in skip} | (frozenset() if hidden else document.hidden)
    within = document.index.elements[start:stop]
    rows = _rows(root, places[root], within, start, silent, document.hidden if hidden else frozenset())
    return [line for row in rows if (line := row.line()).text]


class _Row:
    """What becomes a line: the texts up to the next block, and those of them that are link text."""

    __slots__ = ("block", "element", "hidden", "links", "place", "texts")

    def __init__(self, block: Element, element: Element, place: int, hidden: bool) -> None:
        self.block, self.element, self.place, self.hidden = block, element, place, hidden
        self.texts: list[str] = []
        self.links: list[str] = []

    def line(self) -> Line:
        source = "".join(self.texts)
        linked = len(fold("".join(self.links))) if self.links else 0
        return Line(fold(source), linked, self.block, self.element, source, self.place, self.hidden)


_Where = tuple[Element, int, bool, bool]  # the block and its place, whether a link and hidden


def _rows(
    root: Element,
    place: int,
    elements: Sequence[Element],
    start: int,
    silent: Collection[int],
    hidden: Collection[int],
) -> list[_Row]:
    """Return the rows of an element; `elements` are those read inside of it, the first at the place `start`.

    Every element and text of a page comes through here, so no call is made that can be spared. `where` is None
    where nothing is read; `outer` has what goes on after the `top` element ends.
    """
    rows: list[_Row] = []
    row: _Row | None = None
    unlike = {*silent, *hidden}
    where: _Where | None = (root, place, root.tag == "a", False)
    top, outer = root, list[tuple[Element, _Where | None]]()
    if (text := root.text) and not text.isspace():
        row = _say(rows, row, text, where, root, place)
    for at, element in enumerate((*elements, None), start):
        above = root if element is None else element.getparent()
        while top is not above:
            ended, inner = top, where
            top, where = outer.pop()
            if where is not None:
                if inner is not None and inner[0] is ended:
                    row = None
                if (text := ended.tail) and (row is not None or not text.isspace()):
                    row = _say(rows, row, text, where, where[0], where[1])
        if element is None:
            break
        outer.append((top, where))
        top = element
        if where is None:
            continue
        kind = _KINDS.get(element.tag)
        if kind or at in unlike:
            if kind == _SILENT_TAG or at in silent:
                where = None
                continue
            block, place, linked, veiled = where
            if kind == _BLOCK:
                row, block, place = None, element, at
            where = (block, place, linked or kind == _LINK, veiled or at in hidden)
        if (text := element.text) and (row is not None or not text.isspace()):
            row = _say(rows, row, text, where, element, at)
    return rows


def _say(rows: list[_Row], row: _Row | None, text: str, where: _Where, element: Element, place: int) -> _Row:
    """Add a text to the row, or begin one with it."""
    if row is None:
        row = _Row(where[0], element, place, where[3])
        rows.append(row)
    row.texts.append(text)
    if where[2]:
        row.links.append(text)
    return row


def size(element: Element) -> int:
    """Return how many elements an element is, itself and all inside it."""
    return int(cast(float, _COUNT(element)))


def block_of(element: Element) -> Element:
    """Return the block an element stands in: itself, or what is around it."""
    while element.tag not in BLOCKS and (above := element.getparent()) is not None:
        element = above
    return element
