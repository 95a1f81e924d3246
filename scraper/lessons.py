"""What a site's pages teach: layouts learned of pages at hand, and again of kept ones where rules moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from scraper.config import Site
from scraper.drift import expected
from scraper.learned import FEWEST, Layout, learn, sample_of
from scraper.lost import UNREADABLE
from scraper.page import Page
from scraper.presets.preset import Preset
from scraper.rulebook import Rulebook
from scraper.shelf import Shelf
from storage import records
from storage.reader import Reader

Taught = tuple[str, Page, Preset]
"""An article's id, its page, the preset of its CMS."""


def layout_of(pages: Sequence[tuple[Page, Preset]], site: Site, revision: int) -> Layout | None:
    """Return what the pages of the CMS most of them come from have in common."""
    if len(pages) < FEWEST:
        return None
    common = Counter(preset.name for _, preset in pages).most_common(1)[0][0]
    mine = [(page, preset) for page, preset in pages if preset.name == common]
    if len(mine) < FEWEST:
        return None
    preset = mine[0][1]
    read = [sample_of(page, preset, timezone=site.timezone, language=site.language) for page, _ in mine]
    samples = [sample for sample in read if sample is not None]
    return learn(samples, preset, revision=revision, timezone=site.timezone, language=site.language)


def book_of(archive: Reader, site: str) -> Rulebook:
    """Return a book that knows what a site has taught: its layouts, and its order of day and month."""
    book = Rulebook()
    for known in expected(archive.outcomes(site)).values():
        if "day_first" in known:
            book.prove(site, bool(known["day_first"]))
    book.load(archive.layouts(site))
    return book


def learned_again(archive: Reader, site: Site, book: Rulebook, now: datetime) -> list[records.Layout]:
    """Learn layouts anew that lie over older rules than those of now; the book knows them then.

    Each is learned of the pages it was learned of, as they were kept last: without it they would be read
    worse than they are until a crawl has met enough of them again. One that they do not need is left.
    """
    made = []
    for row in _in_force(archive.layouts(site.name)):
        taught = list(_pages(archive, row, site, book))
        layout = layout_of([(page, preset) for _, page, preset in taught], site, book.newest(site.name) + 1)
        if layout is not None:
            book.add(site.name, row.seed, layout)
            ids = tuple(key for key, _, _ in taught)
            at = now.isoformat(timespec="seconds")
            made.append(records.Layout(site.name, layout.revision, row.seed, at, layout.to_json(), ids))
    return made


def _in_force(rows: Sequence[records.Layout]) -> Iterator[records.Layout]:
    """Yield the layouts that were learned over the rules a seed's newest one lies over, oldest first."""
    newest = {row.seed: row.rules for row in rows}
    for row in rows:
        over = [newest[row.seed][name] for name in ("base", "base_revision")]
        if newest[row.seed]["places"] and over == [row.rules["base"], row.rules["base_revision"]]:
            yield row


def _pages(archive: Reader, row: records.Layout, site: Site, book: Rulebook) -> Iterator[Taught]:
    """Yield the kept pages a layout was learned of that the book would read without any layout."""
    shelf = Shelf(archive, book)
    for key in row.samples:
        kept = archive.article(key)
        if kept is None or kept.capture is None:
            continue
        try:
            page = shelf.page_of(kept, kept.capture, site)
        except UNREADABLE:  # damaged: told of when it is read itself
            continue
        reading = book.read(page, site, row.seed)
        if reading.unfit and not Layout.from_json(row.rules, row.revision).is_of(reading.preset):
            yield key, page, reading.preset
