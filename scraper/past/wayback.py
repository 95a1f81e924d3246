"""A service that keeps old captures (pywb, or one like the Wayback Machine), read as mementos.

CDX says what there is; each capture is then replayed as it was received. All of it goes through the Fetcher,
with the robots.txt of the service and the site's own politeness.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from scraper.config import Site
from scraper.errors import FetchError, SourceRefused
from scraper.fetch import Fetcher
from scraper.gather import Gathering, Purpose
from scraper.past import cdx
from scraper.past.memento import PAGES, Lacking, Memento
from scraper.urls import BadURL, absolute, host_of, hostname, urlkey
from storage.records import Exchange
from storage.warc import header

_SPLIT = timedelta(seconds=2)  # the shortest time for which an answer may be too large
_TABLE = "CREATE TABLE rows (key, stamp, original, url, media, digest, PRIMARY KEY (key, stamp))"
_NOTE = "INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?, ?)"
# What an address gave several times in a row is asked for once; what it came back to is a capture of its own.
_ALL = """
    WITH told AS (
        SELECT *, lag(digest) OVER (PARTITION BY key ORDER BY stamp) AS before FROM rows
    )
    SELECT key, stamp, original, url, media FROM told
    WHERE (before IS NULL OR digest = '' OR before != digest)
"""
_BY_TIME = f"{_ALL} ORDER BY stamp, key"
_OF_KEY = f"{_ALL} AND key = ? ORDER BY stamp"


class Wayback:
    """The captures of a site's hosts in a service, between two times; a context manager.

    `base` is the service's address: a collection of pywb, or the root under which `/cdx/search/cdx` and
    `/web` are. Iterating raises SourceRefused where no CDX question is answered there.
    """

    def __init__(self, base: str, site: Site, fetcher: Fetcher, first: datetime, last: datetime) -> None:
        self._base = base.rstrip("/").removesuffix("/web")
        self._site, self._fetcher = site, fetcher
        self._first, self._last = first, last
        self._shape = cdx.PYWB if urlsplit(self._base).path else cdx.WAYBACK
        self._gathered = Gathering(fetcher)
        self._table = sqlite3.connect("")
        self._table.execute(_TABLE)
        self.flaws: list[str] = []

    def __enter__(self) -> Wayback:
        return self

    def __exit__(self, *_: object) -> None:
        self._table.close()

    def spent(self) -> Gathering:
        """Return what was asked of the service since the last call."""
        spent, self._gathered = self._gathered, Gathering(self._fetcher)
        return spent

    def lists(self) -> Iterator[Memento]:
        """Ask what there is; iterate the captures of the seeds."""
        self._ask()
        for seed in self._site.seeds:
            for row in self._table.execute(_OF_KEY, (urlkey(seed.url),)):
                yield self._memento(row, "listings")

    def mementos(self) -> Iterator[Memento]:
        """Iterate every capture of an address unlike the one before, oldest first."""
        for row in self._table.execute(_BY_TIME):
            yield self._memento(row, "articles")

    def near(self, url: str, at: datetime) -> Exchange | None:
        """Return what the service gives as nearest to a time."""
        try:
            return self._replay(cdx.stamp_of(at), url, "articles")
        except Lacking:
            return None

    def _memento(self, row: tuple[str, ...], purpose: Purpose) -> Memento:
        _, stamp, original, url, media = row
        at = cdx.Row(stamp, url, media, "").at
        return Memento(url, at, 200, media, partial(self._replay, stamp, original, purpose, at))

    def _replay(self, stamp: str, original: str, purpose: Purpose, at: datetime | None = None) -> Exchange:
        """Return a capture as it was received; raises Lacking where it is not that of the time `at`."""
        asked = cdx.replay(self._base, self._shape, stamp, original)
        page = self._gathered.page(asked, purpose)
        if page.status != 200 or hostname(page.final_url) != hostname(self._base):
            raise Lacking("unresolved", f"{asked}: not replayed (status {page.status})")
        came = self._gathered.exchanges[-1]
        if at is not None and cdx.replayed_at(page.final_url, header(came.head, "memento-datetime")) != at:
            raise Lacking("unresolved", f"{asked}: another capture was replayed")
        return came

    def _ask(self) -> None:
        """Note every capture of the hosts that the site's seeds are on."""
        hosts = dict.fromkeys(host_of(seed.url) for seed in self._site.seeds)
        for host in hosts:
            name, _, port = host.rpartition(":")
            prefix = f"{name if port in ('80', '443') else host}/"
            self._note(prefix, self._first, self._last)

    def _note(self, prefix: str, first: datetime, last: datetime) -> None:
        """Note the captures between two times; where they are too many for one answer, half and half."""
        resume: str | None = None
        try:
            while True:
                answer = self._answer(prefix, first, last, resume)
                self._table.executemany(_NOTE, filter(None, map(_noted, answer.rows)))
                if answer.is_cut:
                    break
                if answer.resume in (None, resume):
                    return
                resume = answer.resume
        except FetchError as error:
            if error.reason != "too_large" or last - first < _SPLIT:
                raise SourceRefused(f"{error}: give the command again to go on") from error
        if last - first < _SPLIT:
            self.flaws.append(f"{self._base}: lists no more than {cdx.AT_ONCE} captures of {first}")
            return
        middle = (first + (last - first) // 2).replace(microsecond=0)
        self._note(prefix, first, middle)
        self._note(prefix, middle + timedelta(seconds=1), last)

    def _answer(self, prefix: str, first: datetime, last: datetime, resume: str | None) -> cdx.Answer:
        """Return the answer to a CDX question, the first time from where the service has its CDX."""
        told = ""
        for shape in (self._shape, *(each for each in (cdx.PYWB, cdx.WAYBACK) if each is not self._shape)):
            asked = cdx.question(self._base, shape, prefix, first, last, resume)
            page = self._gathered.page(asked, "listings")
            told = told or f"{asked}: status {page.status}"
            try:
                if page.status == 200:
                    answer = cdx.parse(page.body)
                    self._shape = shape
                    return answer
            except ValueError as error:
                told = f"{asked}: {error}"
        raise SourceRefused(
            f"{self._base}: no CDX answer ({told}): name a pywb collection, http://host/collection, or the "
            "root of a service that has /cdx/search/cdx and /web"
        )


def _noted(row: cdx.Row) -> tuple[str, ...] | None:
    """Return a capture as it is noted; null for one that cannot be a page."""
    if not any(kind in row.media for kind in PAGES):
        return None
    try:
        return urlkey(row.url), row.stamp, row.url, absolute(row.url), row.media, row.digest
    except BadURL:
        return None
