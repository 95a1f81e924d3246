"""One record in, its title out, and apart from it the other texts of the record. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, islice, takewhile

from scraper.discover.dating import Conventions, dated_span, is_change
from scraper.discover.links import texts_of, title_worth, visible_text
from scraper.discover.words import EDGE, WEAK
from scraper.index import Element
from scraper.normalize.text import fold, squash

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLE_CLASS = re.compile(
    r"(?:^|[-_\s])(?:(?!sub)[a-z_]*tit(?:le)?|bt\d?|biaoti|headline|subject|heading)(?:$|[-_\s\d])", re.I
)
_CUT = re.compile(r"\s?(?:…{1,3}|\.{2,9}|。{2,9})$")
_BADGE = re.compile(
    r"[\[【(（]\s?(?:置顶|置頂|new|hot|top|新|荐|图|공지|새 ?글)\s?[\]】)）]|(?:new|hot|neu)[!！]?"
    r"|置顶|置頂|새 ?글|新着|[·•■◆▪|]",
    re.IGNORECASE,
)
_FRONT = re.compile(
    r"^\s{0,3}[\[【]\s?(?:置顶|置頂|top)\s?[\]】]\s{0,3}|^[\s·•▪■◆●►▶>»→-]{1,9}(?=[\w“\"《【\[(（])",
    re.IGNORECASE,
)
_ATTRIBUTE_LABEL = re.compile(r"^(?:文章)?标题\s?[:：]\s{0,3}")
_ATTRIBUTE_TAIL = re.compile(
    r"\s{1,3}(?:자세히 ?보기|상세 ?보기|바로 ?가기|새 ?창 ?열림)$"
)  # what a click does
_PARAGRAPHS = frozenset(("p", "td", "div", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6"))
_LONGEST, _MOST_TEXTS, _MOST_TRIED = 1000, 400, 20
_FIT = 0.4  # worth of a text that is wide enough for a title


def read_title(box: Element, links: Sequence[Element], how: Conventions) -> tuple[str, list[str]]:
    """Return the title of a record and the pieces of text that are not it.

    `links` are the record's links to its item. A title that is cut on the page is completed from a `title`
    attribute; a record of one picture is named by that.
    """
    element = _title_element(box, links, how)
    inside = frozenset(element.iter()) if element is not None else frozenset()
    title, others = _words(element, how) if element is not None else ("", [])
    texts = islice(texts_of(box), _MOST_TEXTS)
    rest = [
        text
        for node, parent in texts
        if parent not in inside and not is_change(parent) and (text := fold(node))
    ]
    return _FRONT.sub("", _whole(title, links)), [*others, *rest]


def _title_element(box: Element, links: Sequence[Element], how: Conventions) -> Element | None:
    """Return the element that is the title: a heading, else one classed so, else the first fit link."""
    speaking = [link for link in links[:_MOST_TRIED] if _says(link, how)]
    headings = [heading for link in speaking for heading in _saying(link.iter(*_HEADINGS), how)]
    if headings:
        return max(headings, key=_worth)
    for link in [link for link in speaking if _is_titled(link, box)] or sorted(speaking, key=_unfit):
        return next(_saying(filter(_is_title, link.iter()), how), link)
    if any(link.get("title") for link in links):
        return None
    named = (inner for inner in box.iter() if inner.tag in _HEADINGS or _is_title(inner))
    return next(_saying(named, how), None)


def _saying(elements: Iterable[Element], how: Conventions) -> Iterator[Element]:
    return (element for element in islice(elements, _MOST_TRIED) if _says(element, how))


def _worth(element: Element) -> float:
    return title_worth(visible_text(element))


def _unfit(element: Element) -> bool:
    return _worth(element) < _FIT


def _says(element: Element, how: Conventions) -> bool:
    """Tell whether an element's text can be a title: no number, no date, no `read more`."""
    text = visible_text(element)
    if not any(char.isalpha() for char in text) or text.strip(EDGE).casefold().rstrip(".!") in WEAK:
        return False
    return len(text) <= _LONGEST and (len(text) > 40 or not dated_span([text], how))


def _is_title(element: Element) -> bool:
    return isinstance(element.tag, str) and _says_title(element.get("class", ""))


@lru_cache(maxsize=2048)
def _says_title(css: str) -> bool:
    return _TITLE_CLASS.search(css) is not None


def _is_titled(link: Element, box: Element) -> bool:
    """Tell whether a link stands in a heading or in an element classed as a title, within the record."""
    inside = takewhile(lambda outer: outer is not box, link.iterancestors()) if link is not box else ()
    return any(element.tag in _HEADINGS or _is_title(element) for element in (link, *inside))


def _words(element: Element, how: Conventions) -> tuple[str, list[str]]:
    """Return the title an element holds, and the pieces of it that are something else: a date, a teaser."""
    nodes = [(node, parent) for node, parent in islice(texts_of(element), _MOST_TEXTS) if fold(node)]
    dates = dated_span([fold(node) for node, _ in nodes], how) if len(nodes) > 1 else range(0)
    kept = [node for at, node in enumerate(nodes) if at not in dates and not _BADGE.fullmatch(fold(node[0]))]
    blocks = groupby(kept, lambda node: _block(node[1], element))
    lines = [fold("".join(node for node, _ in block)) for _, block in blocks]
    title = next((line for line in lines if title_worth(line) >= _FIT), lines[0] if lines else "")
    return title, [*(fold(nodes[at][0]) for at in dates), *(line for line in lines if line is not title)]


def _block(element: Element, root: Element) -> Element:
    """Return the paragraph that an element stands in."""
    while (
        element is not root and element.tag not in _PARAGRAPHS and (outer := element.getparent()) is not None
    ):
        element = outer
    return element


def _whole(shown: str, links: Sequence[Element]) -> str:
    """Return the `title` attribute where the shown text is cut or missing, else the shown text."""
    stem, cut = squash(_CUT.sub("", shown)), bool(_CUT.search(shown))
    for link in links:
        lines = link.get("title", "").strip().splitlines()
        full = _ATTRIBUTE_TAIL.sub("", fold(_ATTRIBUTE_LABEL.sub("", lines[0]))) if lines else ""
        whole = squash(full)
        if whole.startswith(stem) and (len(whole) > len(stem) or (whole and cut)):
            return full
    if shown:
        return shown
    names = (image.get("alt", "") for link in links for image in link.iter("img"))
    return fold(next((name for name in names if name.strip()), ""))
