"""The links of a page, each with its place in the page's pattern of elements. Pure.

The pattern is the set of all paths from the root in which an element counts as its tag and the first telling
word of its class: the links of one list have one path, however many lists its template was used for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree

from scraper.discover.words import AREA_TAGS, AREAS, ARTICLE_URL, GRID, SECTION_URL, SIDES, SILENT, STATE
from scraper.index import Element, nodes
from scraper.normalize.text import fold
from scraper.page import Page
from scraper.presets import BEACONS

_FORMATTING = frozenset(
    ("b", "strong", "font", "em", "i", "u", "big", "small", "tbody", "thead", "nobr", "center")
)
_PLACES = frozenset(("div", "section", "ul", "ol", "table", "td", "form", "dl", "article", "main"))
_CONTENT = frozenset(("html", "body", "main", "article", "a", "li", "tr", "td"))  # never an area of their own
# Class names of what an element lacks or has, and of WordPress's topics, which editors name as they like.
_NO_AREA = ("has-", "with-", "no-", "tag-", "category-", "format-")
_BEACON = re.compile("|".join(BEACONS), re.IGNORECASE)
_PRESSED = frozenset(("tr", "td", "li", "div", "dl", "p", "span"))  # what a script may make a link of
GO = re.compile(
    r"""\blocation(?:\.href)?\s{0,3}=\s{0,3}['"]([^'"]{1,500})['"]"""
    r"""|\b(?:location\.(?:assign|replace)|window\.open)\(\s{0,3}['"]([^'"]{1,500})['"]"""
)
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[a-z]+")
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]")
_MAIN = etree.XPath("//main | //*[@role='main']")
_OUTER = frozenset(("body", "html"))
# What needs no rules to be joined: a path from the root, on a host of plain letters.
_PLAIN = re.compile(r"/[\w/.-]*(?:\?[\w=&.-]*)?", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+(?::\d{1,5})?(?=/)")
_ROOTED = ("/", "http://", "https://")  # addresses that are the same from every page of a host
_LONGEST = 2000  # letters of one text
MOST_LINKS = 5_000  # links of one page; whoever lists more lists them on several pages
FAR = 12  # elements between a link and the record around it, and between a pager and the list beside it
_OUTSIDE = 0.4  # what a list is worth outside the `<main>` of a page that has one
_REMEMBERED = 4096  # addresses and names worth remembering: the menus of a site are on every page of it
_WIDTHS = ((8, 0.03), (12, 0.1), (16, 0.4), (22, 0.7), (150, 1.0))


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its element, its place in document order, its address, its role in the pattern.

    `weight` is 1 in content and less in navigation; `chosen` says that the preset names the list it is in.
    `kind` is how much the address looks like that of an article, `worth` how much the whole looks like the
    title of one: 0 to 1.5, the area not counted. `outer` are the elements `around` it.
    """

    element: Element
    place: int
    url: str
    role: int
    weight: float
    chosen: bool
    text: str
    kind: float
    worth: float
    outer: tuple[Element, ...]


class Links:
    """All links of one page in document order, and the role of every element."""

    def __init__(self, page: Page, chosen: tuple[str, ...] = ()) -> None:
        self.base = base_of(page)
        self._root = resolve(self.base, "/") or self.base
        self.own = urldefrag(page.base_url)[0]
        self.roles: dict[Element, int] = {}
        self._keys: dict[tuple[int, str, str], int] = {}
        self._chosen = {element for css in chosen for element in page.index.select(css)}
        self._main = set(nodes(_MAIN, page.tree))
        self._scripted = "onclick" in page.text and bool(GO.search(page.text))
        self.all = tuple(islice(self._walk(page.index.elements), MOST_LINKS))
        self._of = {link.element: link for link in self.all}

    @cached_property
    def crowded(self) -> set[Element]:
        """The elements that hold links to more than one address."""
        return crowded_of(self.all)

    def within(self, element: Element) -> Iterator[Link]:
        """Yield the links in an element, itself included."""
        inside = element.iter("a", *_PRESSED) if self._scripted else element.iter("a")
        return (self._of[inner] for inner in inside if inner in self._of)

    def absolute(self, href: str | None) -> str | None:
        """Return the address a link leads to, or None for scripts, mail, the page itself and beacons."""
        if href is None or not (href := href.strip()) or href.startswith("#"):
            return None
        url = resolve(self._root if href.startswith(_ROOTED) else self.base, href)
        return url if url and url != self.own and not is_beacon(url) else None

    def _walk(self, elements: Sequence[Element]) -> Iterator[Link]:
        state: dict[Element | None, tuple[float, bool]] = {}
        for place, element in enumerate(elements):
            parent = element.getparent()
            weight, chosen = state.get(parent, (_OUTSIDE if self._main else 1.0, False))
            tag, css, name = str(element.tag), element.get("class", ""), element.get("id", "")
            weight = 1.0 if element in self._main else min(weight, _area(tag, css, name))
            chosen = chosen or element in self._chosen
            state[element] = weight, chosen
            role = self.roles[parent] if parent is not None else 0
            if tag not in _FORMATTING:
                key = role, tag, _name(tag, css, name)
                role = self._keys.setdefault(key, len(self._keys) + 1)
            self.roles[element] = role
            if url := self._target(element):
                text, kind = _spoken(element), _kind(url)
                worth, outer = title_worth(text) * kind, tuple(around(element))
                yield Link(element, place, url, role, weight, chosen, text, kind, worth, outer)

    def _target(self, element: Element) -> str | None:
        """Return where an element leads: by its `href`, or by the script of a row that holds no link."""
        if element.tag == "a":
            return self.absolute(element.get("href"))
        if not self._scripted or element.tag not in _PRESSED or not (script := element.get("onclick")):
            return None
        match = GO.search(script[:_LONGEST])
        if match is None or next(element.iter("a"), None) is not None:
            return None
        return self.absolute(match[1] or match[2])


def around(element: Element | None) -> Iterator[Element]:
    """Yield the elements around one, innermost first, but neither the page itself nor what is far away."""
    if element is not None:
        yield from (outer for outer in islice(element.iterancestors(), FAR) if outer.tag not in _OUTER)


def crowded_of(group: Iterable[Link]) -> set[Element]:
    """Return the elements that hold more than one of these addresses."""
    first: dict[Element, str] = {}
    return {box for link in group for box in link.outer if first.setdefault(box, link.url) != link.url}


@lru_cache(maxsize=_REMEMBERED)
def resolve(base: str, href: str) -> str | None:
    """Return an absolute http(s) address without fragment, or None."""
    if _PLAIN.fullmatch(href) and "//" not in href and "/." not in href and base.startswith(_ROOTED[1:]):
        scheme, _, rest = base.partition("://")
        if host := _HOST.match(rest):
            return f"{scheme}://{host[0]}{href}"
    try:
        url = urldefrag(urljoin(base, href))[0]
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no IPv6 address
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


@lru_cache(maxsize=_REMEMBERED)
def is_beacon(url: str) -> bool:
    """Tell whether an address counts a visit when it is fetched."""
    return bool(_BEACON.search(url))


def base_of(page: Page) -> str:
    """Return what links are relative to: the first `<base href>` if it is usable, else the page's address."""
    element = page.tree.find(".//base[@href]")
    return (element is not None and resolve(page.base_url, element.get("href", "").strip())) or page.base_url


def texts_of(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield each text node a person can see, with the element it stands in, in reading order.

    A text that is longer than anything a list prints is cut.
    """
    if not len(root):
        if root.text and root.tag not in SILENT:
            yield root.text[:_LONGEST], root
        return
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            if element.tag in SILENT:
                walk.skip_subtree()
            elif element.text:
                yield element.text[:_LONGEST], element
        elif element.tail and element is not root:
            yield element.tail[:_LONGEST], element.getparent()


def visible_text(element: Element) -> str:
    """Return the element's text, folded, without scripts, styles and comments."""
    if not len(element):
        return fold((element.text or "")[:_LONGEST]) if element.tag not in SILENT else ""
    if next(element.iter(*SILENT), None) is None:
        return fold("".join([str(text)[:_LONGEST] for text in element.itertext()]))
    return fold("".join(text for text, _ in texts_of(element)))


@lru_cache(maxsize=_REMEMBERED)
def title_worth(text: str) -> float:
    """Return how much a text looks like a title by its width alone, 0 to 1; a CJK letter is two wide."""
    width = len(text) + (0 if text.isascii() else len(_WIDE.findall(text)))
    return next((worth for limit, worth in _WIDTHS if width < limit), 0.3)


@lru_cache(maxsize=_REMEMBERED)
def _kind(url: str) -> float:
    return 1.5 if ARTICLE_URL.search(url) else 0.2 if SECTION_URL.search(url) else 1.0


def _spoken(link: Element) -> str:
    """Return the text of a link, or what stands for it: its `title`, the name of its picture."""
    if text := visible_text(link):
        return text
    names = (link.get("title", ""), *(image.get("alt", "") for image in islice(link.iter("img"), 1)))
    return next(filter(None, map(fold, names)), "")


@lru_cache(maxsize=_REMEMBERED)
def _name(tag: str, css: str, name: str) -> str:
    """Return the first telling word of the class, else of the id; numbers gone unless they name a column."""
    if tag == "a":
        return ""
    place = tag in _PLACES
    words = [word for word in css.casefold().split() if word not in STATE and _DIGITS.sub("", word)]
    named = next((word for word in words if place or word not in SIDES), "")
    if not named and place:
        named = name.casefold()
    return named if GRID.search(named) else _DIGITS.sub("", named)


@lru_cache(maxsize=_REMEMBERED)
def _area(tag: str, css: str, name: str) -> float:
    """Return what a list is worth in an element, by its tag and the words of its class and id."""
    if tag in _CONTENT:
        return 1.0
    names = (*css.casefold().split(), name.casefold())
    words = (word for name in names if not name.startswith(_NO_AREA) for word in _WORD.findall(name))
    found = (worth for word in words for pattern, worth in AREAS if pattern.match(word))
    return min(AREA_TAGS.get(tag, 1.0), min(found, default=1.0))
