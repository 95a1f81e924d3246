"""The lists of a site in, three of its newest articles out, read as a crawl would read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from scraper.config import Site
from scraper.discover import Item
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.scout.asker import Asker
from scraper.survey import Section
from scraper.urls import BadURL, same_site
from storage.records import Article

WANTED = 3
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """One article that was tried: the record, or the short name and a sentence of why there is none."""

    url: str
    article: Article | None
    problem: str | None
    detail: str | None


def try_articles(asker: Asker, site: Site, sections: Sequence[Section]) -> Iterator[Tried]:
    """Try the newest article of every list in turn, until enough were read or enough were tried."""
    read = 0
    for section, item in islice(in_turn(sections), MOST_TRIES):
        came = asker.article(_task(site, section, item), site)
        why = (came.problem.reason, came.problem.detail) if came.problem else (None, None)
        yield Tried(item.url, came.article, *why)
        read += came.article is not None
        if read == WANTED:
            return


def in_turn(sections: Sequence[Section]) -> Iterator[tuple[Section, Item]]:
    """Yield the first item of every list, then the second …; each article once, none of another site."""
    seen: set[str] = set()
    rows = zip_longest(*([(section, item) for item in section.listing.items] for section in sections))
    for section, item in filter(None, chain.from_iterable(rows)):
        if (known := article_id(item.url)) not in seen and _near(item.url, section.url):
            seen.add(known)
            yield section, item


def _task(site: Site, section: Section, item: Item) -> Task:
    return Task(
        site.name,
        "article",
        item.url,
        section.url,
        section.name,
        title=item.title,
        release_time=item.release_time,
    )


def _near(url: str, seed: str) -> bool:
    try:
        return same_site(url, seed)
    except BadURL:
        return False
