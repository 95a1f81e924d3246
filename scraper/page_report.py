"""What one page gave, an extraction or a listing, as a person reads it. Pure: rich values, no printing."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from scraper.discover import Item, Listing
from scraper.extract import Extraction
from scraper.report import article_lines
from scraper.terminal import safe
from scraper.wrapping import Hanging

_FAINT = "dim"


def extraction_report(extraction: Extraction) -> Group:
    """Return the article with the rule behind each field, or why the page is none."""
    if extraction.article is None:
        problem = (extraction.problem or "").replace("_", " ")
        return Group(Text.assemble("no article: ", (problem, "yellow"), f"  (preset {extraction.preset})"))
    article = extraction.article
    rows = [_row("preset", f"{article.extractor.preset}, revision {article.extractor.revision}")]
    if extraction.counter is not None:
        rows.append(_row("counter", f"{extraction.counter.method} {extraction.counter.url}"))
    rows += [_row(field, rule) for field, rule in article.provenance.items()]
    return Group(article_lines(article), "", *rows)


def listing_report(listing: Listing) -> Group:
    """Return the items as they stand on the page, then how many there are and where it goes on."""
    if listing.problem:
        problem = listing.problem.replace("_", " ")
        return Group(Text.assemble("no list: ", (problem, "yellow"), f"  (read as {listing.preset})"))
    if not listing.items and not listing.sitemaps:
        return Group(Text("no items found: is this a listing page?", "yellow"))
    rows = [line for item in listing.items for line in _item(item)]
    rows += [Text(f"sitemap: {safe(url)}") for url in listing.sitemaps]
    facts = [f"{len(listing.items)} items", f"preset {listing.preset}"]
    facts += [f"{listing.total_pages:,} pages"] if listing.total_pages else []
    facts += [f"{listing.total_items:,} items in all"] if listing.total_items else []
    more = [Text(f"next page: {safe(listing.next or 'none')}")]
    more += [Text(f"feed: {safe(url)}") for url in listing.feeds]
    more += [Text(f"counter: {counter.method} {safe(counter.url)}") for counter in listing.counters]
    return Group(*rows, "", Text(" · ".join(facts)), *more)


def _item(item: Item) -> Iterator[Hanging | Text]:
    yield Hanging(
        Text(safe(item.title or "no title"), "bold"), Text((item.release_time or "no date").ljust(12), "cyan")
    )
    yield Text.assemble(" " * 12, (safe(item.url), "blue"))


def _row(label: str, value: str) -> Text:
    return Text.assemble((f"  {label}".ljust(16), _FAINT), (safe(value), _FAINT))
