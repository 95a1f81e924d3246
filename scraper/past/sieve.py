"""Which of the pages that somebody kept are articles, and what their lists printed of them.

A page is one where a list in the same place shows its address, where a CMS numbers articles in it, or where
it has all that an article has: title, body and release time, and is no list itself.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from scraper.config import Site
from scraper.discover import Listing, machine_listing, read_listing
from scraper.extract import article_id
from scraper.extract.problem import refuse
from scraper.normalize.text import squash
from scraper.page import Page
from scraper.presets import article_key
from scraper.presets.preset import Preset
from scraper.rulebook import preset_of
from scraper.urls import BadURL, urlkey
from storage.records import Article

_OF_TITLES = 0.5  # of a text: more than that in the titles of a list makes it a list
_DATED = 0.5  # of the items: a list of news prints days, a menu does not
_TABLES = "CREATE TABLE lines (id PRIMARY KEY, seed, section, day); CREATE TABLE parts (key PRIMARY KEY)"
_TOLD = """
    INSERT INTO lines VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
    SET day = coalesce(day, excluded.day), section = coalesce(section, excluded.section)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """How a list shows an address: on the list that begins at which seed, with which day."""

    seed: str
    section: str | None = None
    day: str | None = None


class Sieve:
    """What the lists of a site show, kept in a temporary file: there can be a million lines."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._seeds = {_key(seed.url): seed for seed in site.seeds}
        self._lines = sqlite3.connect("")
        self._lines.executescript(_TABLES)

    def close(self) -> None:
        """Let the lines go."""
        self._lines.close()

    def may_be_list(self, url: str) -> bool:
        """Tell whether an address may be a list's: not one that a CMS numbers articles in."""
        return not _is_numbered(_key(url))

    def learn(self, page: Page) -> None:
        """Take in what a page lists: a seed's page in any case, another where it prints days."""
        seed = self._seeds.get(_key(page.url))
        listing = _listing(page, preset_of(page, self._site))
        dated = sum(item.release_time is not None for item in listing.items)
        if seed is None and dated <= _DATED * len(listing.items):
            return
        first, section = (seed.url, seed.section) if seed else (self._site.seeds[0].url, None)
        rows = [(article_id(item.url), first, section, item.release_time) for item in listing.items]
        self._lines.executemany(_TOLD, rows)

    def join(self, url: str) -> None:
        """Take in that an address is a further page of an article, and none of its own."""
        self._lines.execute("INSERT OR IGNORE INTO parts VALUES (?)", (_key(url),))

    def may_be_article(self, url: str) -> bool:
        """Tell whether an address is neither a seed's nor a further page of an article that was read."""
        key = _key(url)
        part = self._lines.execute("SELECT 1 FROM parts WHERE key = ?", (key,)).fetchone()
        return part is None and key not in self._seeds

    def line(self, url: str) -> Line | None:
        """Return how a list shows an address; null for one that none shows."""
        query = "SELECT seed, section, day FROM lines WHERE id = ?"
        found = self._lines.execute(query, (article_id(url),)).fetchone()
        return Line(*found) if found else None

    def passes(self, article: Article, page: Page, line: Line | None) -> bool:
        """Tell whether what was read from a page is an article."""
        key = _key(page.url)
        if line is not None or _is_numbered(key):
            return True
        whole = bool(article.title and article.body and article.release_time)
        return whole and not key.endswith(")/") and not self._is_list(article, page)

    def _is_list(self, article: Article, page: Page) -> bool:
        """Tell whether most of the text is titles of a list."""
        text = squash(article.body)
        titles = {squash(item.title) for item in _listing(page, preset_of(page, self._site)).items}
        return sum(len(title) for title in titles if title in text) > _OF_TITLES * len(text)


def _listing(page: Page, preset: Preset) -> Listing:
    if (made := machine_listing(page)) is not None:
        return made
    return Listing() if refuse(page, preset) else read_listing(page, preset)


def _is_numbered(key: str) -> bool:
    return article_key(key) != key


def _key(url: str) -> str:
    try:
        return urlkey(url)
    except BadURL:
        return url
