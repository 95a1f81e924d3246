"""What a worker may look up of what is kept: the page an address gave, what of a list is to be asked for.

The workers share one reading connection, in turns, while the one writer goes on: a connection for each thread
would take half a megabyte and three open files.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from scraper.codings import CodingError
from scraper.config import Site
from scraper.discover import Item
from scraper.extract import article_id
from scraper.lost import LOST, Losses
from scraper.page import Page, from_capture
from scraper.policy import Headers, Request
from scraper.recheck import bands, is_settled, line_of
from storage import Archive
from storage.records import Article, Capture, Ruling

LATELY = 4000  # addresses of shared files remembered

Payload = tuple[bytes, bytes]
"""The head and body of a kept response."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The page an address gave last, and the validators it came with, verbatim."""

    page: Page
    etag: str | None
    last_modified: str | None

    @property
    def conditions(self) -> Headers:
        """The headers that ask whether the address still has this page (RFC 9110 §13.1); empty without."""
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return tuple((name, value) for name, value in pairs if value)


class Memory:
    """The archive as workers see it; safe to share between threads."""

    def __init__(self, archive: str | os.PathLike[str], now: Callable[[], datetime]) -> None:
        self._place, self._now = archive, now
        self._opened: Archive | None = None
        self._lately: dict[str, None] = {}
        self._losses = Losses()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    def kept(self, url: str) -> Kept | None:
        """Return what an address gave last, if it gave a page that can be asked for on a condition."""
        with self._looking() as archive:
            etag, last_modified = archive.validators(url)
            capture = archive.kept(url) if etag or last_modified else None
            if capture is None or capture.status != 200:
                return None
            payload = self._payload(archive, capture)
        page = _page(url, capture, payload)
        return Kept(page, etag, last_modified) if page is not None else None

    def article(self, article_id: str) -> Article | None:
        """Return what is kept of an article."""
        with self._looking() as archive:
            return archive.article(article_id)

    def wants(self, url: str, *, same: bool) -> bool:
        """Tell whether to ask for a file that many pages may share: not twice in a short while.

        One that an article shows which is the `same` as it was is asked for only if nothing was kept of it.
        """
        with self._lock:
            if url in self._lately:
                return False
            self._lately[url] = None
            if len(self._lately) > LATELY:
                del self._lately[next(iter(self._lately))]
        if not same:
            return True
        with self._looking() as archive:
            return archive.kept(url) is None

    def answered(self, request: Request) -> tuple[Page, Capture] | None:
        """Return what the run was given for a request before it was killed, if that was a page."""
        if request.method != "GET":
            return None
        with self._looking() as archive:
            if (capture := archive.answered(request.url)) is None:
                return None
            payload = self._payload(archive, capture)
        page = _page(request.url, capture, payload)
        return (page, capture) if page is not None else None

    def ruling(self, host: str) -> tuple[Ruling, bytes] | None:
        """Return what was ruled last on a host with the robots.txt it rests on, if that is kept."""
        with self._looking() as archive:
            ruling = archive.ruling(host)
            if ruling is None or ruling.decision != "rules" or ruling.url is None:
                return (ruling, b"") if ruling else None
            capture = archive.kept(ruling.url)
            if capture is None or capture.status != ruling.status:
                return None
            payload = self._payload(archive, capture)
        page = _page(ruling.url, capture, payload)
        return (ruling, page.body) if page is not None else None

    def asks(self, site: Site, seed: str, items: Iterable[Item]) -> bool:
        """Tell whether anything on a page of a listing is new, due or changed."""
        now = self._now()
        lines = {article_id(item.url): line_of(item) for item in items}
        with self._looking() as archive:
            known = archive.known(site.name, seed, lines, bands(site.recheck, now), now)
        return any(not is_settled(known.get(key), line) or known[key].due for key, line in lines.items())

    def _payload(self, archive: Archive, capture: Capture) -> Payload | None:
        """Return the bytes of a capture; one that is lost is told of, and asked for anew as if never kept."""
        try:
            return archive.payload(capture)
        except LOST as error:
            self._losses.tell(capture, error)
            return None

    @contextmanager
    def _looking(self) -> Iterator[Archive]:
        """Give the archive to one thread, as of its last commit."""
        with self._lock:
            if self._opened is None:
                self._opened = Archive.open(self._place)
            try:
                yield self._opened
            finally:
                self._opened.refresh()


def _page(url: str, capture: Capture, payload: Payload | None) -> Page | None:
    """Return the page a kept response was; one that could not be unpacked was none then either."""
    if payload is None:
        return None
    try:
        return from_capture(url, *payload, fetched_at=datetime.fromisoformat(capture.fetched_at))
    except CodingError:
        return None
