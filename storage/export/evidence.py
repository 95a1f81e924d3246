"""The evidence of a choice of articles: WARC records of their pages, their files and what those show. Reads.

The addresses wait in a temporary table, since a choice may be of a million articles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager

from storage.choice import ALL, Choice
from storage.journal import ARTICLE
from storage.packed import Packed
from storage.reader import Reader
from storage.records import Article

Shown = Callable[[str, bytes, bytes], Iterable[str]]  # of an address, head and body: what it shows
_STEPS = 3  # from a page to its stylesheet, to a picture named there, to where that was moved


def records(archive: Reader, choice: Choice, shown: Shown | None) -> Iterator[tuple[str, Iterator[Packed]]]:
    """Iterate (file, records) of what a choice needs of an archive, or of all there is.

    A file of which nothing is needed has no records, not even its warcinfo.
    """
    if choice == ALL:
        yield from archive.packed()
        return
    with _needed(archive, choice, shown or (lambda url, head, body: ())) as addresses:
        for file, whole in archive.packed():
            yield file, _of(whole, addresses)


def pages(archive: Reader, choice: Choice) -> Iterator[tuple[Article, str]]:
    """Iterate every version of the articles, each with the address its page was captured at."""
    for version in archive.histories(choice):
        article = version.article
        if article.capture and (url := archive.captured_at(article.capture)):
            yield article, url


class _Addresses:
    """Addresses, each with how many steps it is from a page of the choice."""

    def __init__(self, table: sqlite3.Connection) -> None:
        self._table = table
        table.execute("PRAGMA journal_mode = OFF")
        table.execute("CREATE TABLE address (url TEXT PRIMARY KEY, step INTEGER) WITHOUT ROWID")
        table.execute("BEGIN")

    def __contains__(self, url: str) -> bool:
        return self._table.execute("SELECT 1 FROM address WHERE url = ?", (url,)).fetchone() is not None

    def add(self, urls: Iterable[str], step: int) -> None:
        self._table.executemany("INSERT OR IGNORE INTO address VALUES (?, ?)", ((url, step) for url in urls))

    def at(self, step: int) -> Iterator[str]:
        query = "SELECT url FROM address WHERE step = ?"
        return (row[0] for row in self._table.execute(query, (step,)))


@contextmanager
def _needed(archive: Reader, choice: Choice, shown: Shown) -> Iterator[_Addresses]:
    with closing(sqlite3.connect("", isolation_level=None)) as table:
        addresses = _Addresses(table)
        for version in archive.histories(choice):
            article = version.article
            captured = archive.captured_at(article.capture) if article.capture else None
            addresses.add({article.url, captured or article.url, f"{ARTICLE}{article.id}"}, 0)
            addresses.add((image.url for image in article.images), 1)
            addresses.add((file.url for file in article.attachments), 1)
        for step in range(_STEPS):
            for url in addresses.at(step):
                for head, body in archive.pages(url):
                    addresses.add(shown(url, head, body), step + 1)
        yield addresses


def _of(whole: Iterable[Packed], addresses: _Addresses) -> Iterator[Packed]:
    """Yield the records of the addresses, the file's warcinfo before the first."""
    begins: list[Packed] = []
    for record in whole:
        if record.kind == "warcinfo":
            begins = [record]
        elif record.url in addresses:
            yield from begins
            begins = []
            yield record
