"""Pages put into an archive as a crawl does, each look a run of its own day. Writes the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from changing.pages import Base
from scraper.aim import Aim
from scraper.config import Seed, Site
from scraper.frontier import Task
from scraper.intake import Intake
from scraper.page import Page
from scraper.rulebook import Rulebook
from scraper.siterun import SiteRun
from scraper.visit import Visit
from storage import Archive
from storage.records import Exchange

START = datetime(2026, 11, 1, tzinfo=UTC)
_SITE = Site(name="site", seeds=(Seed(url="http://site.example.edu/"),))


class Looks:
    """An archive, and its clock: every look at a page is a run of its own day."""

    def __init__(self, archive: Archive) -> None:
        self._archive, self._now, self._book = archive, START, Rulebook()
        self._intake = Intake(archive, self._book, lambda: self._now, Aim())

    def run(self, pages: Iterable[tuple[Base, bytes, str | None]]) -> tuple[int, list[str]]:
        """Put each page, `sha256` for its files; return the run and what gave no article."""
        self._now += timedelta(days=1)
        run = self._archive.begin_run(self._now, [_SITE.name])
        state = SiteRun(_SITE)
        unread = [base.name for base, body, sha256 in pages if not self._is_put(base, body, sha256, state)]
        self._archive.end_run(self._now, "done", {})
        return run.id, unread

    def _is_put(self, base: Base, body: bytes, sha256: str | None, state: SiteRun) -> bool:
        """Put a page on its own, so that neither a layout is learned nor what all pages lost is a drift."""
        reading = self._book.read(Page(base.url, body, fetched_at=self._now), _SITE, "")
        article = reading.extraction.article
        if article is None:
            return False
        files = tuple(replace(file, sha256=sha256) if sha256 else file for file in article.attachments)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        answered = Exchange(article.url, "GET", b"GET / HTTP/1.1\r\n\r\n", head, body, 200, self._now)
        came = Visit(Task(_SITE.name, "article", article.url, ""), look="seen", reading=reading)
        capture = self._archive.capture(answered)
        self._intake.take_past(came, replace(article, attachments=files), capture, state, self._now)
        return True
