"""A listing page in, its items, its next page and its totals out. Pure.

    discover(body, "https://news.example.edu/list.htm").items

`links` reads the page's links and the pattern they stand in, `groups` finds the main list among navigation,
side bars and footers, `items` (with `titles` and `dating`) reads one record, `pager` (with `controls` and
`numbering`) finds the way on. A feed or a sitemap is a listing too: its reader will be chosen in
`read_listing`.
"""

from __future__ import annotations

from scraper.discover.dating import Conventions
from scraper.discover.groups import items_of, main_group
from scraper.discover.links import Links
from scraper.discover.listing import Item, Listing
from scraper.discover.pager import read_pager
from scraper.page import Page
from scraper.presets import detect
from scraper.presets.preset import Preset

__all__ = ["Item", "Listing", "discover", "read_listing"]


def discover(body: bytes, url: str, *, content_type: str | None = None) -> Listing:
    """Return the main list of a page; `content_type` is the response's header, for its charset."""
    return read_listing(Page(url=url, body=body, content_type=content_type))


def read_listing(page: Page, preset: Preset | None = None) -> Listing:
    """Return the main list of a page, read by the preset given or found; no items where the page has none."""
    preset = preset or detect(page)
    links = Links(page, preset.listing.items)
    pager = read_pager(page, links, preset.listing.pager)
    how = Conventions.of(page)
    group = main_group(links, how, pager.element) if pager.total_items != 0 else None
    items = items_of(group, links, how) if group else ()
    found = (
        {"items": "preset" if group.chosen else "pattern", "release_time": group.layout.name} if group else {}
    )
    return Listing(
        items=items,
        next=pager.next if items and pager.next not in {item.url for item in items} else None,
        total_pages=pager.total_pages,
        total_items=pager.total_items,
        preset=preset.name,
        provenance=found | pager.provenance,
    )
