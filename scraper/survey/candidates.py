"""A home page in, the links that may lead to lists of news out, the likeliest first. Pure.

A link is judged by its label, or by the heading over a label like "more", and by its address; what it leads
to decides later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice
from urllib.parse import urlsplit

from scraper.discover.links import Link, Links, base_of, resolve, visible_text
from scraper.discover.words import ARTICLE_URL, EDGE, FIRST, LAST, NEXT, PREVIOUS, SECTION_URL, WEAK
from scraper.index import Element
from scraper.normalize.text import fold
from scraper.page import Page
from scraper.survey.words import FEEDS, FILES, HOMES, LABELS, PATHS
from scraper.urls import BadURL, canonical, host_of, same_site

LEAST = 1.0
"""The score below which a link is not worth a request."""
LIKELY = 3.5
"""The score from which on a link says that it leads to news."""

_LONGEST = 24  # a label is short; a title is not. Letters of CJK count twice
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]")
_TURNS = NEXT | LAST | FIRST | PREVIOUS
_PAGE = re.compile(r"(?:(?:current )?page )?\d+", re.IGNORECASE)
_NAVIGATION = 0.2  # `Link.weight` of a menu
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LEVELS = 4  # elements above a "more" in which its heading is looked for
_MOST_ENTRIES = 5000  # of a sitemap
_ENTRY = re.compile(r"<loc>\s{0,99}(https?://[^<\s]{1,2000})", re.IGNORECASE)
_FORWARD = (
    re.compile(
        r"<meta[^>]{1,300}http-equiv\s*=\s*['\"]?refresh[^>]{1,300}?url\s*=\s*['\"]?([^'\">\s]{1,500})", re.I
    ),
    re.compile(r"\blocation(?:\.href)?\s{0,9}=\s{0,9}['\"]([^'\"\s]{1,500})['\"]"),
    re.compile(r"\blocation\.(?:replace|assign)\(\s{0,9}['\"]([^'\"\s]{1,500})['\"]"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that may be a list of news: its address, what the link says, how likely it is, its place."""

    url: str
    label: str
    score: float
    place: int = 0


def candidates(page: Page) -> tuple[Candidate, ...]:
    """Return the links worth a look, each address once, the likeliest first."""
    best: dict[str, Candidate] = {}
    for link in Links(page).all:
        label = _label(link)
        score = _score(page.base_url, link.url, label, link) if label else 0.0
        if score >= LEAST and (link.url not in best or best[link.url].score < score):
            best[link.url] = Candidate(link.url, label, score, link.place)
    return _ranked(best.values())


def from_sitemap(page: Page, home: str) -> tuple[Candidate, ...]:
    """Return the addresses of a sitemap that look like lists of news, the likeliest first."""
    found = (
        unescape(match[1]) for match, _ in zip(_ENTRY.finditer(page.text), range(_MOST_ENTRIES), strict=False)
    )
    scored = (Candidate(url, "", _score(home, url, ""), place) for place, url in enumerate(found))
    return _ranked(each for each in scored if each.score >= LEAST)


def feeds(page: Page) -> tuple[str, ...]:
    """Return the addresses of the feeds a page names in its head."""
    base = base_of(page)
    named = (link for link in page.tree.iter("link") if (link.get("type") or "").lower().strip() in FEEDS)
    found = (resolve(base, link.get("href", "").strip()) for link in named if link.get("href"))
    return tuple(dict.fromkeys(filter(None, found)))


def forward(page: Page) -> str | None:
    """Return where a page that only leads elsewhere leads."""
    found = (match for pattern in _FORWARD if (match := pattern.search(page.text)))
    return next((url for match in found if (url := resolve(base_of(page), unescape(match[1])))), None)


def is_home(url: str) -> bool:
    """Tell whether an address is that of a site's first page."""
    parts = urlsplit(url)
    return bool(HOMES.fullmatch(parts.path or "/")) and not parts.query


def _ranked(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(found, key=lambda each: (-each.score, len(each.url), each.place)))


def _score(home: str, url: str, label: str, link: Link | None = None) -> float:
    """Return how likely it is that the address is a list of news; below zero where it cannot be."""
    parts = urlsplit(url)
    near = _nearness(home, url)
    if near < 0 or FILES.search(parts.path) or (is_home(url) and same_host(home, url)):
        return -1.0
    said = sum(worth for words, worth in LABELS if words.search(label))
    told = 1.5 if PATHS.search(parts.path) else 0.0
    formed = 0.5 if SECTION_URL.search(url) else 0.0
    article = -2.0 if ARTICLE_URL.search(url) and not SECTION_URL.search(url) else 0.0
    where = 0.5 if link is not None and (link.weight <= _NAVIGATION or _is_weak(link.text)) else 0.0
    return said + told + formed + article + where + near


def _nearness(home: str, url: str) -> float:
    """Return 0.5 for the same host and port, 0 for another host of the university, -1 for anything else."""
    try:
        if host_of(home) == host_of(url):
            return 0.5
        standard = urlsplit(url).port in (None, 80, 443)
        return 0.0 if standard and same_site(home, url) and canonical(url) else -1.0
    except (BadURL, ValueError):
        return -1.0


def same_host(a: str, b: str) -> bool:
    """Tell whether two addresses are of one host and port."""
    try:
        return host_of(a) == host_of(b)
    except BadURL:
        return False


def _label(link: Link) -> str:
    """Return what the link is called; of a "more" the heading it stands with. Nothing for a title."""
    label = _heading(link.element) if _is_weak(link.text) else link.text
    fits = len(label) + len(_WIDE.findall(label)) <= _LONGEST
    return label if fits and not _PAGE.fullmatch(label) and label.casefold().strip(EDGE) not in _TURNS else ""


def _is_weak(text: str) -> bool:
    """Tell whether a label says only that there is more."""
    return text.casefold().strip(EDGE + "+") in WEAK or not text.strip(EDGE + "+")


def _heading(element: Element) -> str:
    """Return the nearest heading before a link in the blocks around it, else the nearest short text."""
    around = element
    for _ in range(_LEVELS):
        parent = around.getparent()
        if parent is None:
            return ""
        before = list(_before(parent, around))
        if before:
            return next((text for text, is_heading in before if is_heading), before[0][0])
        around = parent
    return ""


def _before(parent: Element, until: Element) -> Iterator[tuple[str, bool]]:
    """Yield the short texts of a block before one of its children, nearest first; whether each is a heading.

    A block with several links is a menu or a list, and names nothing.
    """
    for each in until.itersiblings(preceding=True):
        if not isinstance(each.tag, str) or len(list(islice(each.iter("a"), 2))) == 2:
            continue
        if (text := visible_text(each)) and len(text) <= _LONGEST:
            yield text, each.tag in _HEADINGS
    if text := fold(parent.text or ""):
        yield text, False
