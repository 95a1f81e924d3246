"""What a listing page says: its items, its next page, its totals. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from scraper.discover.counters import ListCounter


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a listing, as the listing prints it.

    `release_time` is ISO 8601 with the listing's own precision, a day or finer; null where none is printed.
    `modified` is when a feed or a sitemap says that it last changed. The title is empty where none is given.
    """

    url: str
    title: str
    release_time: str | None = None
    views: int | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The main list of one page, in its order; an item that is pinned and listed stays twice.

    `next` is null on the last page. `feeds` are the feeds and REST lists that a page announces, `sitemaps`
    those that a sitemap index names: to be read as listings themselves. `counters` are the requests that tell
    the views of many items at once. `day_first` is what the list's own dates prove of the order of day and
    month. `problem` says why there is no list.
    `provenance` names the rule that found each part; `document: repaired` marks XML that was not well-formed.
    """

    items: tuple[Item, ...] = ()
    next: str | None = None
    total_pages: int | None = None
    total_items: int | None = None
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    counters: tuple[ListCounter, ...] = ()
    day_first: bool | None = None
    preset: str = "generic"
    problem: str | None = None
    provenance: dict[str, str] = field(default_factory=dict)
