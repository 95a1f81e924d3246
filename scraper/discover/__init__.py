"""A listing page in, its items, its next page and its totals out. Pure.

    discover(body, "https://news.example.edu/list.htm").items

`links` reads the page's links and the pattern they stand in, `groups` finds the main list among navigation,
side bars and footers, `items` (with `titles` and `dating`) reads one record, `pager` (with `controls` and
`numbering`) finds the way on. What is made for machines is a listing too: `source` tells a feed (`feed`), a
sitemap (`sitemap`) and JSON (`jsonlist`) by their bodies; `alternates` finds those a page announces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from scraper.codings import CodingError
from scraper.discover.alternates import feeds_of
from scraper.discover.counters import ListCounter, find_counters
from scraper.discover.dating import Conventions
from scraper.discover.groups import Group, items_of, main_group
from scraper.discover.items import Reader
from scraper.discover.links import MOST_LINKS, Links, texts_of
from scraper.discover.listing import Item, Listing
from scraper.discover.pager import read_pager
from scraper.discover.source import read_source, unpacked
from scraper.normalize.dates import day_first_in
from scraper.page import Page
from scraper.presets import detect
from scraper.presets.preset import Preset

__all__ = ["Item", "ListCounter", "Listing", "discover", "machine_listing", "read_listing"]

_MOST_TEXTS = 60  # of one record


def discover(body: bytes, url: str, *, content_type: str | None = None) -> Listing:
    """Return the main list of a page; `content_type` is the response's header, for its charset."""
    return read_listing(Page(url=url, body=body, content_type=content_type))


def read_listing(page: Page, preset: Preset | None = None) -> Listing:
    """Return the main list of a page, read by the preset given or found; no items where the page has none."""
    if (listing := machine_listing(page)) is not None:
        return listing
    return _read_html(page, preset or detect(page))


def machine_listing(page: Page) -> Listing | None:
    """Return the listing of a feed, a sitemap or a JSON list, packed or not; None for a page for people."""
    try:
        return read_source(unpacked(page))
    except CodingError as error:
        return Listing(problem=error.reason)


def _read_html(page: Page, preset: Preset) -> Listing:
    links = Links(page, preset.listing.items)
    pager = read_pager(page, links, preset.listing.pager)
    how = Conventions.of(page)
    reader, total = Reader(how), pager.total_items
    group = main_group(links, reader, pager.element, total) if total != 0 else None
    proof = day_first_in(_texts(group)) if group else None
    if proof not in (None, how.day_first):  # the list itself shows how it writes its days
        reader = Reader(replace(how, day_first=proof))
    items = items_of(group, links, reader) if group else ()
    cut = {"links": f"first {MOST_LINKS}"} if len(links.all) == MOST_LINKS else {}
    found = (
        {"items": "preset" if group.chosen else "pattern", "release_time": group.layout.name} if group else {}
    )
    return Listing(
        items=items,
        next=pager.next if items and pager.next not in {item.url for item in items} else None,
        total_pages=pager.total_pages,
        total_items=total,
        feeds=feeds_of(page, links),
        counters=tuple(find_counters(page, preset.listing.counters, [item.url for item in items])),
        day_first=proof,
        preset=preset.name,
        provenance=found | pager.provenance | cut,
    )


def _texts(group: Group) -> Iterator[str]:
    """Yield the pieces of text of a list's records, apart from each other as a reader sees them."""
    return (text for record in group.records for text, _ in islice(texts_of(record.box), _MOST_TEXTS))
