"""A feed in, its entries as a listing out: RSS 0.9 to 2.0 and Atom. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import islice

from lxml import etree

from scraper.discover.dating import Conventions
from scraper.discover.links import is_beacon, resolve
from scraper.discover.listing import Item, Listing
from scraper.discover.markup import Document, Parts, name_of, named, parts_of, plain, text_of
from scraper.index import Element
from scraper.page import Page

FORMATS = {"rss": "rss", "rdf": "rss", "channel": "rss", "feed": "atom"}

_ENTRIES = frozenset(("item", "entry"))
_TITLES = ("title", "dc:title")
# When an entry was published, the first that can be read; when it was changed, where no other is given.
_DATES = (
    "pubDate",
    "published",
    "issued",
    "dc:date",
    "dc:issued",
    "dc:created",
    "created",
    "date",
    "pubdate",
)
_CHANGES = ("updated", "modified", "dc:modified", "lastBuildDate")
_SHORT_YEAR = re.compile(r"\b\d{1,2} [A-Za-z]{3,9} \d\d \d\d:\d\d")
_MOST = 50_000
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_feed(page: Page, document: Document, kind: str) -> Listing:
    """Return the entries of a feed in its order; entries without an http address are left out."""
    root = document.root
    if root is None:
        return Listing(preset=kind, problem="malformed")
    channel = next(named(parts_of(root), "channel"), root)
    parts = parts_of(channel)
    base = _base(root, channel, parts, page)
    how = Conventions.of_host(page, root.get(_LANGUAGE) or _text(parts, "language"))
    entries = islice((each for each in root.iter(etree.Element) if name_of(each) in _ENTRIES), _MOST)
    items = tuple(item for entry in entries if (item := _item(entry, base, how)))
    following, total = _next(parts, base), _text(parts, "opensearch:totalResults")
    found = {"items": kind if items else "", "next": "rel" if following else ""}
    return Listing(
        items=items,
        next=following,
        total_items=int(total) if total.isascii() and total.isdigit() and len(total) < 10 else None,
        preset=kind,
        problem=document.problem if not items else None,
        provenance={name: rule for name, rule in found.items() if rule} | document.provenance,
    )


def _item(entry: Element, base: str, how: Conventions) -> Item | None:
    parts = parts_of(entry)
    base = resolve(base, entry.get(_BASE, "")) or base
    urls = (resolve(base, text.strip()) for text in _addresses(entry, parts) if text.strip())
    url = next((url for url in urls if url and not is_beacon(url)), None)
    if url is None:
        return None
    title = next((plain(_words(part)) for part in named(parts, *_TITLES)), "")
    changed = next(_times(parts, _CHANGES, how), None)
    return Item(url, title, next(_times(parts, _DATES, how), changed), modified=changed)


def _addresses(entry: Element, parts: Parts) -> Iterator[str]:
    """Yield the addresses an entry may be read at, the article's own page first."""
    links = list(named(parts, "link", "?:link"))
    yield from (text_of(part) for part in named(parts, "feedburner:origLink"))
    yield from (link.get("href", "") for link in links if link.get("rel", "alternate") == "alternate")
    yield from (text_of(link) for link in links if link.get("href") is None)
    for guid in named(parts, "guid", "id"):
        if guid.get("isPermaLink", "true") != "false" and text_of(guid).startswith(("http://", "https://")):
            yield text_of(guid)
    yield entry.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "")


def _times(parts: Parts, names: tuple[str, ...], how: Conventions) -> Iterator[str]:
    for part in named(parts, *names):
        text = text_of(part)
        found = next(how.times(text), None)
        if found:
            yield found.value
        elif short := _short_year(text):
            yield short


def _short_year(text: str) -> str | None:
    """Return a date as RFC 822 first had it, with two digits of the year."""
    try:
        return parsedate_to_datetime(text).isoformat() if _SHORT_YEAR.search(text[:60]) else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _words(element: Element) -> str:
    """Return the words of a title; where it is XHTML or plain text, with its signs escaped."""
    text = text_of(element)
    if element.get("type", "") in ("text", "xhtml"):
        return text.replace("&", "&amp;").replace("<", "&lt;")
    return text


def _base(root: Element, channel: Element, parts: Parts, page: Page) -> str:
    """Return what links are relative to: `xml:base`, else the site's address, else the feed's own."""
    own = next((text_of(link) for link in named(parts, "link") if link.get("href") is None), "")
    stated = channel.get(_BASE) or root.get(_BASE) or own
    return resolve(page.base_url, stated.strip()) or page.base_url


def _next(parts: Parts, base: str) -> str | None:
    """Return the next page of a paged feed (RFC 5005)."""
    links = named(parts, "link")
    return next((resolve(base, link.get("href", "")) for link in links if link.get("rel") == "next"), None)


def _text(parts: Parts, name: str) -> str:
    return text_of(next(named(parts, name), None))
