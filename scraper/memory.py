"""What a worker may look up of what is kept: the page an address gave, what of a list is to be asked for.

Every thread reads the archive through a connection of its own, while the one writer goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scraper.codings import CodingError
from scraper.config import Site
from scraper.discover import Item
from scraper.extract import article_id
from scraper.page import Page, from_capture
from scraper.policy import Headers
from scraper.recheck import bands, is_settled, line_of
from storage import Archive
from storage.records import Ruling


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

    def __init__(self, archive: str | Path, now: Callable[[], datetime]) -> None:
        self._place, self._now = archive, now
        self._own = threading.local()
        self._opened: list[Archive] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for archive in self._opened:
                archive.close()

    def kept(self, url: str) -> Kept | None:
        """Return what an address gave last, if it gave a page that can be asked for on a condition."""
        archive = self._archive()
        try:
            etag, last_modified = archive.validators(url)
            capture = archive.kept(url) if etag or last_modified else None
            if capture is None or capture.status != 200:
                return None
            fetched_at = datetime.fromisoformat(capture.fetched_at)
            page = from_capture(url, *archive.payload(capture), fetched_at=fetched_at)
            return Kept(page, etag, last_modified)
        except CodingError:
            return None  # it could not be read then, so there is nothing to compare with
        finally:
            archive.refresh()

    def ruling(self, host: str) -> tuple[Ruling, bytes] | None:
        """Return what was ruled last on a host with the robots.txt it rests on, if that is kept."""
        archive = self._archive()
        try:
            ruling = archive.ruling(host)
            if ruling is None or ruling.decision != "rules" or ruling.url is None:
                return (ruling, b"") if ruling else None
            capture = archive.kept(ruling.url)
            if capture is None or capture.status != ruling.status:
                return None
            return ruling, from_capture(ruling.url, *archive.payload(capture)).body
        except CodingError:
            return None
        finally:
            archive.refresh()

    def asks(self, site: Site, seed: str, items: Iterable[Item]) -> bool:
        """Tell whether anything on a page of a listing is new, due or changed."""
        archive, now = self._archive(), self._now()
        lines = {article_id(item.url): line_of(item) for item in items}
        try:
            known = archive.known(site.name, seed, lines, bands(site.recheck, now), now)
        finally:
            archive.refresh()
        return any(not is_settled(known.get(key), line) or known[key].due for key, line in lines.items())

    def _archive(self) -> Archive:
        archive: Archive | None = getattr(self._own, "archive", None)
        if archive is None:
            archive = self._own.archive = Archive.open(self._place)
            with self._lock:
                self._opened.append(archive)
        return archive
