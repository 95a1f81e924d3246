"""A parsed page as lines of text in reading order, each knowing where it stands. Pure.

A line is what a person sees as one: the text of a block element up to the next block or `<br>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import html

from scraper.normalize.text import fold, fold_keeping_gaps

_BLOCKS = """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav
    ol option p pre section select summary table tbody td tfoot th thead title tr ul
"""
_SILENT = (
    "script style noscript template head iframe object embed applet svg canvas select textarea button map"
)
BLOCKS, SILENT = frozenset(_BLOCKS.split()), frozenset(_SILENT.split())
_DEEPEST = 2048  # libxml2, even with huge_tree
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, how many of its characters are link text, its block element, its place in the page.

    `raw` keeps wide gaps as tabs. `hidden` lines are in the page but not shown to readers.
    """

    text: str
    linked: int
    block: html.HtmlElement
    place: int
    raw: str
    hidden: bool = False


class Document:
    """One parsed page; `lines` are all visible lines, `place` counts elements in document order."""

    def __init__(self, tree: html.HtmlElement) -> None:
        self.tree = tree
        self.elements = list(tree.iter(html.etree.Element))  # kept: lxml proxies are equal only while alive
        self._places = {element: place for place, element in enumerate(self.elements)}

    def __len__(self) -> int:
        return len(self.elements)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line of the page, the hidden ones too."""
        return tuple(self.lines_of(self.tree, hidden=True))

    def is_cut(self) -> bool:
        """Tell whether libxml2 reached the depth past which it drops the rest of a page, text and all."""
        depths: dict[html.HtmlElement | None, int] = {}
        for element in self.elements:
            depths[element] = depths.get(element.getparent(), 0) + 1
        return max(depths.values()) >= _DEEPEST

    def place(self, element: html.HtmlElement) -> int:
        """Return the element's place in document order."""
        return self._places[element]

    def end(self, element: html.HtmlElement) -> int:
        """Return the place of the last element inside this one."""
        while len(element):
            inner = [child for child in element if isinstance(child.tag, str)]
            if not inner:
                break
            element = inner[-1]
        return self._places[element]

    def lines_of(
        self, root: html.HtmlElement, skip: frozenset[html.HtmlElement] = frozenset(), *, hidden: bool = False
    ) -> Iterator[Line]:
        """Yield the lines of one element, without those of the elements to skip; hidden ones when asked."""
        texts: list[str] = []
        linked: list[str] = []
        block, start, veiled = root, (root, self.place(root)), False
        for piece in _walk(root, skip, hidden):
            if piece.text is None:
                if (line := self._line(texts, linked, *start, veiled)) is not None:
                    yield line
                texts, linked = [], []
                block = piece.element
            elif piece.text:
                if not texts:
                    start, veiled = (block, self.place(piece.element)), piece.hidden
                texts.append(piece.text)
                if piece.linked:
                    linked.append(piece.text)
        if (line := self._line(texts, linked, *start, veiled)) is not None:
            yield line

    @staticmethod
    def _line(
        texts: list[str], linked: list[str], block: html.HtmlElement, place: int, hidden: bool
    ) -> Line | None:
        raw = "".join(texts)
        if not (text := fold(raw)):
            return None
        return Line(text, len(fold("".join(linked))), block, place, fold_keeping_gaps(raw), hidden)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of text in an element, or (text None) the border of a block."""

    element: html.HtmlElement
    text: str | None
    linked: bool = False
    hidden: bool = False


def _walk(root: html.HtmlElement, skip: frozenset[html.HtmlElement], hidden: bool) -> Iterator[_Piece]:
    """Yield the pieces of an element in reading order; without recursion, for pages nested thousands deep.

    The stack holds (element, whether it is being left, in a link, hidden, the block it stands in).
    """
    stack: list[tuple[html.HtmlElement, bool, bool, bool, html.HtmlElement]]
    stack = [(root, False, False, False, _around(root))]
    while stack:
        element, leaving, linked, veiled, around = stack.pop()
        if not leaving and _shown(element, root, skip, hidden):
            block = element if element.tag in BLOCKS else around
            if block is element:
                yield _Piece(element, None)
            inside = linked or element.tag == "a"
            below = veiled or (element is not root and is_hidden(element))
            yield _Piece(element, element.text or "", inside, below)
            stack.append((element, True, linked, veiled, around))
            stack.extend((child, False, inside, below, block) for child in reversed(element))
            continue
        if leaving and element.tag in BLOCKS:
            yield _Piece(around, None)
        if element is not root:
            yield _Piece(around, element.tail or "", linked, veiled)


def _shown(
    element: html.HtmlElement, root: html.HtmlElement, skip: frozenset[html.HtmlElement], hidden: bool
) -> bool:
    if not isinstance(element.tag, str) or element.tag in SILENT or element in skip:
        return False
    return element is root or hidden or not is_hidden(element)


def _around(element: html.HtmlElement) -> html.HtmlElement:
    """Return the block that goes on after the element ends; the root of a page goes on as itself."""
    around = element.getparent()
    while around is not None and around.tag not in BLOCKS and around.getparent() is not None:
        around = around.getparent()
    return element if around is None else around


def is_hidden(element: html.HtmlElement) -> bool:
    """Tell whether the page hides the element from readers; whole pages hide only until a script ran."""
    if element.tag == "body":
        return False
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))
