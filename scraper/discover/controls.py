"""A page in, the things to press in its pagers out: next, last, numbers, arrows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from scraper.discover.links import GO, Links, texts_of, visible_text
from scraper.discover.words import (
    ARROWS,
    EDGE,
    FIRST,
    LAST,
    MORE,
    MORE_OF_THESE,
    NEXT,
    NEXT_FEW,
    OWN_PAGE,
    PREVIOUS,
)
from scraper.index import Element
from scraper.normalize.text import fold

_KINDS = {"next": NEXT, "previous": PREVIOUS, "last": LAST, "first": FIRST}
_WORDS = {word: kind for kind, words in _KINDS.items() for word in words}
_NEXT = re.compile(r"(?:^|[-_\s])next(?:[-_]?page)?(?:$|[-_\s])|^nextpage$", re.IGNORECASE)
_SLIDER = re.compile(r"swiper|slick|carousel|slide|\bbx-|owl-|banner", re.IGNORECASE)
_PAGER = re.compile(
    r"(?:^|[-_\s])(?:pag(?:e|er|es|ing|inat\w{1,5}|elist|enav|enum|ebar)s?|pages_\w{1,9})(?:$|[-_\s\d])"
    r"|fanye|^p_|nav-links",
    re.IGNORECASE,
)
_CURRENT = re.compile(
    r"(?:^|[-_\s])(?:active|current|curr?|on|this|thisclass|selected|now)(?:$|[-_\s])|^p_no_d$", re.IGNORECASE
)
_PRESSED = ("a", "span", "link", "button", "input", "div")
_MOST = 20_000  # elements of one page that are looked at
_REMEMBERED = 4096  # words of things to press: the menus of a site are on every page of it
_PARTS = 12  # elements inside something to press
_LABEL, _PHRASE, _CLIMB, _BESIDE, _TEXTS = 24, 30, 4, 30, 400


# Attributes that hold the address of more items, and scripts that go to one.
_DATA = ("data-next-url", "data-next-page-url", "data-nexturl", "data-next", "data-url", "data-href")
_ADDRESS = re.compile(r"^(?:https?:)?/|^\?|\.(?:s?html?|jsp|aspx?|php|psp)\b")
_PAGE_NUMBER = re.compile(
    r"(?:(?:current |go to )?page|aktuelle seite|seite|página|第) ?(\d{1,4}) ?(?:页|頁|페이지)?"
    r"|(\d{1,4}) ?(?:페이지|ページ|页)"
)


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to press: what it is for, its number if any, where it leads (None: nowhere, or by script)."""

    element: Element
    kind: str
    url: str | None
    number: int = 0


def read_controls(links: Links, areas: Iterable[Element]) -> list[Control]:
    """Return the controls in some elements, in document order.

    Kinds are `rel`, `next`, `previous`, `last`, `first`, `number`, and what may mean next: `arrow`, `double`,
    `class` and `more`.
    """
    pagers: dict[Element | None, bool] = {}
    controls = (
        _control(links, element, pagers)
        for area in areas
        for element in islice(area.iter(*_PRESSED), _MOST)
        if len(element) <= 3 and next(islice(element.iter(), _PARTS, None), None) is None
    )
    return [control for control in controls if control]


def current_page(controls: Sequence[Control]) -> int | None:
    """Return the number in the pager that is no link, or is marked as the present one."""
    numbers = [control for control in controls if control.kind == "number"]
    for control in numbers:
        if control.url is None or control.element.get("aria-current") or _marked(control.element):
            return control.number
    known = {control.number for control in numbers}
    unlinked = (number for number in _unlinked(numbers) if known & {number - 1, number + 1})
    return next(unlinked, None)


def _control(links: Links, element: Element, pagers: dict[Element | None, bool]) -> Control | None:
    if element.tag == "div":
        url = _by_data(links, element, _DATA[:4])
        return Control(element, "more", url) if url else None
    if "next" in element.get("rel", "").casefold().split():
        return Control(element, "rel", links.absolute(element.get("href")))
    if element.tag == "link":
        return None
    text = _label(element)
    word = text.strip(EDGE).casefold()
    kind = _said(word)
    if kind is None and _is_more(word) and _is_own_page(links, element):
        kind = "more"
    if kind is None and element.tag == "a" and len(text) <= _LABEL:
        kind = _kind_of(element, text, word, pagers)
    if kind is None or _SLIDER.search(element.get("class", "")):
        return None
    number = _number_in(word) if kind == "number" else 0
    return Control(element, kind, _address(links, element), number or 0)


def _label(element: Element) -> str:
    """Return what is written on something to press: its text, its value, the name of its picture."""
    if element.tag == "button":
        return fold("".join(map(str, islice(element.itertext(), _TEXTS))))
    text = element.get("value", "") if element.tag == "input" else visible_text(element)
    return text or fold(next((image.get("alt", "") for image in element.iter("img")), ""))


@lru_cache(maxsize=_REMEMBERED)
def _said(word: str) -> str | None:
    """Return the kind that the words on something to press name."""
    if kind := _WORDS.get(word) or _WORDS.get(word.replace(" ", "")):
        return kind
    if len(word) > _PHRASE:
        return None
    if NEXT_FEW.fullmatch(word):
        return "next"
    return "more" if MORE.fullmatch(word) else None


@lru_cache(maxsize=_REMEMBERED)
def _is_more(word: str) -> bool:
    return MORE_OF_THESE.fullmatch(word) is not None


def _is_own_page(links: Links, element: Element) -> bool:
    """Tell whether a link leads to another page of the list it stands on."""
    url = links.absolute(element.get("href")) or ""
    return url.partition("?")[0] == links.own.partition("?")[0] and bool(OWN_PAGE.search(url))


def _address(links: Links, element: Element) -> str | None:
    """Return where something leads: by its link, by an address it carries, by the script it runs."""
    if element.tag in ("a", "link") and (url := links.absolute(element.get("href"))):
        return url
    if url := _by_data(links, element, _DATA):
        return url
    for name in ("onclick", "href"):
        match = GO.search(element.get(name, "")[:1000])
        if match and (url := links.absolute(match[1] or match[2])):
            return url
    return None


def _by_data(links: Links, element: Element, names: Sequence[str]) -> str | None:
    values = (element.get(name, "").strip() for name in names)
    return next((links.absolute(value) for value in values if _ADDRESS.search(value)), None)


def _kind_of(element: Element, text: str, word: str, pagers: dict[Element | None, bool]) -> str | None:
    """Return what a link is for whose text is no word of the table: a number, an arrow, an icon."""
    for name in ("aria-label", "title"):
        if kind := _WORDS.get(fold(element.get(name, "")).strip(EDGE).casefold()):
            return kind
    if _number_in(word) or text in ARROWS:
        parent = element.getparent()
        if parent not in pagers:
            pagers[parent] = _is_pager(element)
        return ARROWS.get(text, "number") if pagers[parent] else None
    if len(element) > 1 and (kind := _part(element)):
        return kind
    named = " ".join((element.get("class", ""), element.get("id", ""), _outer_class(element)))
    return "class" if not word and _NEXT.search(named) and not _SLIDER.search(named) else None


def _outer_class(element: Element) -> str:
    outer = element.getparent()
    return outer.get("class", "") if outer is not None else ""


def _part(element: Element) -> str | None:
    """Return the kind that one part of a link names: `Next page` beside an arrow, `Last »` said twice."""
    parts = (fold(text).strip(EDGE).casefold() for text, _ in islice(texts_of(element), 6))
    return next((kind for part in parts if (kind := _WORDS.get(part))), None)


@lru_cache(maxsize=_REMEMBERED)
def _number_in(word: str) -> int | None:
    """Return the number of a page: `7`, `page 7`, `7페이지`."""
    if len(word) > _PHRASE:
        return None
    match = _PAGE_NUMBER.fullmatch(word)
    digits = (match[1] or match[2]) if match else word
    return int(digits) if _is_number(digits) else None


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 4 and int(word) < 1900


def _is_pager(element: Element) -> bool:
    """Tell whether a number or an arrow is in a pager: by the names around it, or what stands beside it."""
    around = list(islice(element.iterancestors(), _CLIMB))
    names = (outer.get(name, "") for outer in around for name in ("class", "id", "aria-label"))
    if any(_PAGER.search(name) for name in names):
        return True
    children = [
        child
        for outer in around[:2]
        for child in islice(outer.iterchildren("a", "span", "li", "td"), _BESIDE)
        if len(child) <= 2
    ]
    shown = (text for child in children for text in (visible_text(child), fold(child.get("title", ""))))
    words = [text.strip(EDGE).casefold() for text in shown]
    return any(word in _WORDS for word in words) or sum(map(_is_number, words)) > 2


def _marked(element: Element) -> bool:
    outer = element.getparent()
    around = outer.get("class", "") if outer is not None and len(outer) == 1 else ""
    return bool(_CURRENT.search(element.get("class", "")) or _CURRENT.search(around))


def _unlinked(numbers: Sequence[Control]) -> Iterator[int]:
    """Yield the numbers that are plain text near the linked ones."""
    linked = {control.element for control in numbers}
    for outer in islice(numbers[0].element.iterancestors(), 3) if numbers else ():
        for text, parent in islice(texts_of(outer), _TEXTS):
            word = text.strip(EDGE)
            if _is_number(word) and linked.isdisjoint((parent, parent.getparent())):
                yield int(word)
