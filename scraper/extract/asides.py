"""The blocks of a page that are not of its article: menus, share bars, related lists, notices. Pure.

They are told by their tag, and by the words of their class and id. A block named like one that holds most of
the text is the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from scraper.extract.document import Document, text_of
from scraper.index import Element

# Words of a class or id by which a block is about the page, not of the article.
_ASIDES = frozenset((
    "breadcrumb", "breadcrumbs", "comment", "comments", "crumbs", "newsletter", "next", "pagenav", "pager",
    "pagination", "prev", "prevnext", "print", "related", "share", "sharing", "sidebar", "skip", "social",
    "subscribe", "tag", "tagcloud", "taglist", "tags", "toolbar",
))  # fmt: skip
# Those by which it is so on a page of no known CMS: a CMS's own container may name parts of the article so.
_BESIDES = _ASIDES | frozenset((
    "ad", "ads", "bio", "carousel", "consent", "cta", "disqus", "gallery", "gdpr", "menu", "modal", "nav",
    "navbar", "offscreen", "outbrain", "popover", "popular", "popup", "promo", "promos", "rail", "recirc",
    "recirculation", "rollover", "sharedaddy", "signup", "slider", "slideshow", "sponsor", "sponsored",
    "swiper", "taboola", "teasers", "tooltip", "trending",
))  # fmt: skip
# The same for several words, and for beginnings of words.
_ASIDE_PARTS = (
    " addthis", " advert", " bdshare", " bshare", " cookie", " jiathis", " nav links ", " post navigation ",
    " recommend", " screen reader", " side nav", " sr only ", " visually hidden ",
)  # fmt: skip
_BESIDE_PARTS = (
    *_ASIDE_PARTS, " about author ", " inlinegallery ", " lightgallery ", " more stories ", " most read ",
    " most viewed ", " off screen ", " read more ", " resgallery ", " sign up ",
)  # fmt: skip
_NOTICES = re.compile("cookie|consent|gdpr", re.IGNORECASE)  # never the text, however long
_FEET = re.compile(
    r"(?:^|\s)(?:(?:page|site|main|global)[-_]?)?(?:foot|copyright)", re.IGNORECASE
)  # no text unless they hold most of all there is
_PAGE = frozenset(("html", "body", "main", "article"))  # these tell by such words what the page has
_NOT_ASIDE = " social media embed "  # a quoted post is text
OUTSIDE = ("nav", "footer", "aside")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BAR = 200  # characters that the links of a bar have at most
_NAME_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def asides(document: Document, body: Element, drop: tuple[str, ...], *, known: bool) -> frozenset[Element]:
    """Return the elements inside the body that are not of the article; `known`: a preset named the body."""
    places, start = document.places, document.places[body]
    stop = document.end(body)
    dropped = {each for each, _ in document.index.first(drop) if start < places[each] < stop}
    outside = {each for each in body.iter(*OUTSIDE) if each is not body}
    outside.update(each for each in named(document, known) if start < places[each] < stop)
    if outside:
        most = 0.5 * len(text_of(body))
        dropped.update(
            el for el in outside if len(text_of(el)) < most or is_surely_aside(el, most) or _is_bar(el)
        )
    return frozenset(element for element in dropped if known or not _is_quote(element))


def is_surely_aside(element: Element, most: float) -> bool:
    """Tell whether a block is no text for all its sentences: a menu, a footer, a notice on cookies.

    A footer has fewer characters than `most`.
    """
    if element.tag in OUTSIDE:
        return True
    kind = _kind(element.get("class", "")) or _kind(element.get("id", ""))
    if kind is None or element.tag in _PAGE or next(element.iter("h1"), None) is not None:
        return False
    return kind == "notice" or len(text_of(element)) < most


def _is_bar(element: Element) -> bool:
    """Tell whether a named aside is all links: buttons for sharing are no text where there is no other."""
    linked = sum(len(text_of(link).strip()) for link in element.iter("a"))
    return 0 < linked <= _BAR and linked >= len("".join(text_of(element).split()))


@lru_cache(maxsize=8192)
def _kind(value: str) -> str | None:
    """Return what a class or id says that a block is for sure."""
    if _NOTICES.search(value):
        return "notice"
    return "foot" if _FEET.search(value) else None


def _is_quote(element: Element) -> bool:
    """Tell whether an aside only pulls a sentence out of the text."""
    return element.tag == "aside" and "quote" in element.get("class", "")


def named(document: Document, known: bool) -> Iterator[Element]:
    """Yield what a page names as not of its article, by class or id; `known`: it is of a known CMS."""
    index = document.index
    for values in (index.classes, index.ids):
        said = (places for value, places in values.items() if _says_aside(value, known))
        for element in (index.elements[at] for places in said for at in places):
            if values is index.classes or element.tag not in HEADINGS:  # a heading's id repeats its text
                yield element


@lru_cache(maxsize=8192)
def _says_aside(value: str, known: bool) -> bool:
    words = [word.lower() for word in _NAME_WORD.findall(value)]
    if not (_ASIDES if known else _BESIDES).isdisjoint(words):
        return _NOT_ASIDE not in f" {' '.join(words)} "
    spaced = f" {' '.join(words)} "
    return (not known and bool(_FEET.search(value))) or any(
        part in spaced for part in (_ASIDE_PARTS if known else _BESIDE_PARTS)
    )
