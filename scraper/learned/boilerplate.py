"""From the bodies of several pages to what repeats in them: share bars, notices, "scan the QR code". Pure.

A line is boilerplate when it stands, letter for letter and in the same kind of block, in most of the pages. A
selector that separates such blocks from the articles' own is preferred; where there is none, lines at the
body's ends are known by their digest.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from lxml import html

from scraper.index import Element, Index
from scraper.learned.selectors import is_telling, separating
from scraper.normalize.text import fold, squash

_FEWEST = 3  # pages a line must stand in
_SHARE = 0.6  # of the pages, where a selector separates it
_SHARE_ALONE = 0.8  # of the pages, where only its words do
_LONG_ENOUGH = 6  # letters of a line that only its words tell
_ENDS = (2, 4)  # lines at the top and at the bottom of a body that only their words tell
_TEXT = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "td", "th"))  # an editor's blocks
# What offices write in every notice is theirs: salutations, closing formulas, headings of lists.
_FORMULA = re.compile(
    r"[:：]$|^(?:特此|此致|敬礼|各\S{1,12}[,，、:：]|附件|联系人|联系电话|dear\b|yours\b|sincerely\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Body:
    """One page's body: its element, and its lines as (text, block)."""

    page: Index
    element: Element
    lines: tuple[tuple[str, Element], ...]


def digest(text: str) -> str:
    """Return the name under which a line is remembered."""
    return hashlib.sha256(squash(text).encode()).hexdigest()[:16]


def boilerplate(bodies: Sequence[Body]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return selectors of blocks to drop, and digests of lines no selector separates."""
    repeated = _repeated(bodies, _SHARE)
    blocks = [list(_blocks(body, repeated)) for body in bodies]
    selectors, covered = separating(blocks, [(body.page, body.element) for body in bodies])
    return tuple(selectors), frozenset(_alone(bodies, covered))


def without(text: str, digests: frozenset[str]) -> str:
    """Return a body's text without the lines of these digests; a body of nothing else stays as it is."""
    lines = text.split("\n\n")
    own = [line for line in lines if digest(line) not in digests] if digests else lines
    return "\n\n".join(own or lines)


def without_blocks(body_html: str, digests: frozenset[str]) -> str:
    """Return a body's HTML without the blocks that hold nothing but lines of these digests."""
    if not digests or not body_html:
        return body_html
    root = html.fragment_fromstring(body_html, create_parent=True)
    blocks = (block for block in root.iter("p", "div", "li") if block is not root)
    repeated = [block for block in blocks if digest(str(block.text_content())) in digests]
    for block in repeated:
        block.drop_tree()
    if not repeated or not fold(str(root.text_content())):
        return body_html
    return "".join([escape(root.text or ""), *(html.tostring(each, encoding="unicode") for each in root)])


def _repeated(bodies: Sequence[Body], share: float) -> frozenset[tuple[str, str]]:
    """Return (words, role) of the lines that stand in so many of the bodies."""
    count = Counter(key for body in bodies for key in {_key(body, *line) for line in body.lines})
    least = max(_FEWEST, share * len(bodies))
    return frozenset(key for key, number in count.items() if key[0] and number >= least)


def _key(body: Body, text: str, block: Element) -> tuple[str, str]:
    return squash(text), _role(body.element, block)


def _role(root: Element, block: Element) -> str:
    """Return the kinds of the blocks from the body down to this one: tags and telling classes."""
    kinds: list[str] = []
    step: Element | None = block
    while step is not None and step is not root:
        kinds.append(".".join([step.tag, *filter(is_telling, step.get("class", "").split())]))
        step = step.getparent()
    return ">".join(reversed(kinds))


def _blocks(body: Body, repeated: frozenset[tuple[str, str]]) -> Iterator[Element]:
    """Yield the largest elements inside the body that hold nothing but repeated lines; never a paragraph.

    Editors name paragraphs by their place (the first, the last), and the first says something else tomorrow.
    """
    own = {
        up
        for text, block in body.lines
        if block.tag in _TEXT or _FORMULA.search(text) or _key(body, text, block) not in repeated
        for up in _up(block)
    }
    dropped: set[Element] = set()
    for text, block in body.lines:
        inside = [up for up in _up(block, body.element) if up not in own]
        if _key(body, text, block) in repeated and inside and inside[-1] not in dropped:
            dropped.add(inside[-1])
            yield inside[-1]


def _up(block: Element, root: Element | None = None) -> Iterator[Element]:
    """Yield the element and all above it, as far as (and without) the root."""
    step: Element | None = block
    while step is not None and step is not root:
        yield step
        step = step.getparent()


def _alone(bodies: Sequence[Body], covered: set[Element]) -> Iterator[str]:
    """Yield the digests of lines at the bodies' ends that repeat, and that no selector covers."""
    repeated = _repeated(bodies, _SHARE_ALONE)
    top, bottom = _ENDS
    for body in bodies:
        left = [line for line in body.lines if not covered.intersection(_up(line[1]))]
        for text, block in [*left[:top], *left[-bottom:]]:
            words = squash(text)
            if (
                _key(body, text, block) in repeated
                and len(words) >= _LONG_ENOUGH
                and not _FORMULA.search(text)
            ):
                yield digest(text)
