"""Pages put into an archive as a crawl does, each look a run of its own day. Writes the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from changing.pages import Base
from scraper.baseline import baseline_of
from scraper.extract import read_article
from scraper.page import Page, from_capture
from storage import Archive
from storage.records import Article, Exchange

START = datetime(2026, 11, 1, tzinfo=UTC)


class Looks:
    """An archive, and its clock: every look at a page is a run of its own day."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self._days = archive, 0

    def run(self, pages: Iterable[tuple[Base, bytes, str | None]]) -> tuple[int, list[str]]:
        """Put each page as a crawl does, `sha256` for its files; return the run and what gave no article."""
        self._days += 1
        now = START + timedelta(days=self._days)
        run, unread = self.archive.begin_run(now, ["site"]), list[str]()
        for base, body, sha256 in pages:
            article = read_article(Page(base.url, body, fetched_at=now), site="site").article
            if article is None:
                unread.append(base.name)
                continue
            files = tuple(replace(file, sha256=sha256) if sha256 else file for file in article.attachments)
            self._put(replace(article, attachments=files), body, now)
        self.archive.end_run(now, "done", {})
        return run.id, unread

    def _put(self, article: Article, body: bytes, now: datetime) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        asked = b"GET / HTTP/1.1\r\n\r\n"
        capture = self.archive.capture(Exchange(article.url, "GET", asked, head, body, 200, now))
        kept = self.archive.article(article.id)
        baseline = None
        if kept is not None:
            again = None
            if kept.extractor != article.extractor and kept.capture is not None:
                page = from_capture(kept.url, *self.archive.payload(kept.capture))
                again = read_article(page, site="site").article
            baseline = baseline_of(kept, article, again)
        self.archive.put(article, capture, now=now, baseline=baseline)
