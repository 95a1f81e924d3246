"""A sitemap in, its addresses as a listing out; a sitemap index in, the sitemaps it names out. Pure.

Of the addresses only those of the sitemap's own host count (sitemaps.org), whoever else is named.
"""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlsplit

from scraper.discover.dating import Conventions
from scraper.discover.links import is_beacon, resolve
from scraper.discover.listing import Item, Listing
from scraper.discover.markup import Document, Parts, named, parts_of, plain, text_of
from scraper.page import Page

FORMATS = {"urlset": "sitemap", "sitemapindex": "sitemap_index"}
_MOST = 50_000  # addresses that one sitemap may hold


def read_sitemap(page: Page, document: Document, kind: str) -> Listing:
    """Return what a sitemap lists: `items` of a urlset, `sitemaps` of an index.

    Items have a title and a release time where the news extension gives them; `lastmod` is no release time.
    """
    root = document.root
    if root is None:
        return Listing(preset=kind, problem="malformed")
    how = Conventions.of_host(page)
    entries = map(parts_of, islice(named(parts_of(root), "url", "sitemap"), _MOST))
    located = [(url, parts) for parts in entries if (url := _same_host(_text(parts, "loc"), page.base_url))]
    items: tuple[Item, ...] = ()
    sitemaps: tuple[str, ...] = ()
    if kind == "sitemap":
        items = tuple(_item(url, parts, how) for url, parts in located)
    else:
        sitemaps = tuple(dict.fromkeys(url for url, _ in located if url != page.base_url))
    found = {"items" if items else "sitemaps": kind} if items or sitemaps else {}
    return Listing(
        items=items,
        sitemaps=sitemaps,
        preset=kind,
        problem=None if located else document.problem,
        provenance=found | document.provenance,
    )


def read_lines(page: Page) -> Listing | None:
    """Return the listing of a sitemap that is plain text, an address a line; None where it is none."""
    lines = [line.strip() for line in islice(page.text.splitlines(), _MOST) if line.strip()]
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines):
        return None
    urls = filter(None, (_same_host(line, page.base_url) for line in lines))
    return Listing(
        items=tuple(Item(url, "") for url in urls), preset="sitemap", provenance={"items": "lines"}
    )


def _item(url: str, parts: Parts, how: Conventions) -> Item:
    news = parts_of(parts["news:news"][0]) if "news:news" in parts else {}
    published, modified = _text(news, "news:publication_date"), _text(parts, "lastmod")
    return Item(url, plain(_text(news, "news:title")), _time(published, how), modified=_time(modified, how))


def _same_host(text: str, own: str) -> str | None:
    """Return an absolute address if it is on the host of the sitemap itself."""
    url = resolve(own, text) if text else None
    return url if url and _host(url) == _host(own) and not is_beacon(url) else None


def _host(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    return (parts.hostname or "").removeprefix("www."), None if port in (80, 443) else port


def _text(parts: Parts, name: str) -> str:
    return text_of(next(named(parts, name), None))


def _time(text: str, how: Conventions) -> str | None:
    return next((found.value for found in how.times(text)), None)
