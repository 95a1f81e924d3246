"""A response in, its listing out where it was made for machines: a feed, a sitemap, JSON. Pure.

Told by what the body is, not by what its address or header claims; where these promise XML and the body is
HTML, that is the problem reported.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from scraper.codings import CodingError
from scraper.codings import decode as unpack
from scraper.discover import feed, sitemap
from scraper.discover.jsonlist import read_json
from scraper.discover.listing import Listing
from scraper.discover.markup import parse, root_of
from scraper.page import Page

_LARGEST = 50 * 1024 * 1024  # bytes: what a sitemap may be, unpacked (sitemaps.org)
_HEAD = 65536  # letters in which the first element stands
_PROMISES_XML = re.compile(
    r"\.(?:xml|rss|atom|rdf)(?:\.gz)?$|/(?:feed|rss|atom)/?$|/sitemap[^/.]{0,40}(?:\.gz)?$", re.IGNORECASE
)
_XHTML = "http://www.w3.org/1999/xhtml"
_XML_TYPE = re.compile(r"^\s{0,9}(?:application|text)/(?:rss\+|atom\+|rdf\+)?xml\b", re.IGNORECASE)


def read_source(page: Page) -> Listing | None:
    """Return the listing of a feed, a sitemap or a JSON list; None for a page made for people."""
    start = page.text[:_HEAD].lstrip()
    if start[:1] in ("{", "["):
        return read_json(page)
    name, _ = root_of(start)
    if name in feed.FORMATS:
        return feed.read_feed(page, parse(page.text), feed.FORMATS[name])
    if name in sitemap.FORMATS:
        return sitemap.read_sitemap(page, parse(page.text), sitemap.FORMATS[name])
    if not name and start.startswith(("http://", "https://")):
        return sitemap.read_lines(page)
    if _promises_xml(page, start):
        return Listing(preset="sitemap", problem="html_instead_of_xml" if name == "html" else "not_xml")
    return None


def unpacked(page: Page) -> Page:
    """Return the page without the gzip that sitemaps are kept in; raises CodingError past 50 MB."""
    if page.body.startswith(b"\x1f\x8b"):
        page = replace(page, body=unpack(page.body, "gzip", _LARGEST, _LARGEST))
    if len(page.body) > _LARGEST:
        raise CodingError("too_large", f"{len(page.body)} bytes are more than a listing has")
    return page


def _promises_xml(page: Page, start: str) -> bool:
    """Tell whether address or header promise XML; a page of XHTML keeps the promise."""
    if _XML_TYPE.match(page.content_type or "") and _XHTML not in start:
        return True
    return bool(_PROMISES_XML.search(urlsplit(page.base_url).path))
